#!/usr/bin/env python3
"""Let one call on a file of a run fail, each call in turn, and compare the resumed run's end with an unharmed run's.

usage: fault_and_resume.py PROGRAM DATA [--errors EIO,EINTR,EACCES] [--first 1] [--stride 1] [--model mobilevit_xxs]
PROGRAM is mvit-tui, DATA a small folder of images. Two campaigns: a run from its first step on, and one that is resumed. After
each fault `latest` and `best` must lead to whole checkpoints, the program must have ended with an error or a finished run, a
signal (EINTR) must change nothing, and the next session must end with the bytes of a run without a fault. Needs a C compiler.
"""

import argparse
import errno
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

from kill_and_resume import digest, scalars

HERE = pathlib.Path(__file__).resolve().parent


def whole(checkpoint):
    """Whether both weight files have the length that their headers give, and the state is that of the folder's name."""
    for name in ("model.safetensors", "optimizer.safetensors"):
        data = (checkpoint / name).read_bytes()
        size = struct.unpack_from("<Q", data)[0]
        header = json.loads(data[8:8 + size])
        ends = [entry["data_offsets"][1] for key, entry in header.items() if key != "__metadata__"]
        if len(data) != 8 + size + max(ends, default=0):
            return False
    return f"step-{json.loads((checkpoint / 'state.json').read_text())['step']}" == checkpoint.resolve().name


def complaints(run, model):
    """What is wrong with the links of a run that was left by a fault."""
    found = []
    folder = run / "checkpoints" / model
    for name in ("latest", "best"):
        link = folder / name
        if link.is_symlink() and not (link.exists() and whole(link)):
            found.append(f"{name} leads to no whole checkpoint")
    return found


class Campaign:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.shim = folder / "fault.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", self.shim, HERE / "fault.c", "-ldl"], check=True)
        self.begin = [options.program, "train", "--no-ui", "--data", options.data, "--model", options.model, "--image-size", "32",
                      "--epochs", "2", "--batch-size", "4", "--threads", "1", "--checkpoint-every", "2"]
        self.failures = 0

    def run(self, command, fault=None):
        environment = dict(os.environ)
        log = self.folder / "fault.log"
        log.unlink(missing_ok=True)
        if fault:
            number, code, path = fault
            environment |= {"LD_PRELOAD": str(self.shim), "FAULT_AT": str(number), "FAULT_ERRNO": str(code),
                            "FAULT_PATH": str(path), "FAULT_LOG": str(log)}
        result = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                stderr=subprocess.PIPE, text=True, timeout=300)
        calls, name = log.read_text().split() if log.exists() else ("0", "none")
        return result.returncode, result.stderr.strip(), int(calls), name

    def sweep(self, title, name, prepare, command, expected):
        code = getattr(errno, name)
        number = self.options.first
        while True:
            run = self.folder / "torn"
            shutil.rmtree(run, ignore_errors=True)
            prepare(run)
            status, errors, calls, call = self.run(command(run), (number, code, run))
            if calls < number:
                print(f"{title}, {name}: {calls} calls")
                return
            wrong = complaints(run, self.options.model)
            if status < 0 or (status != 0 and not errors):
                wrong.append("ended without an error")
            if name == "EINTR" and status != 0:
                wrong.append("a signal ended the run")
            if status != 0:
                # A run that never began may be gone, as if the command had never been given.
                again = [*self.begin, "--run", str(run)] + (["--resume"] if (run / "config.toml").exists() else [])
                status, second, _, _ = self.run(again)
                if status != 0:
                    wrong.append(f"the next session ended with {status}: {second}")
            if not wrong and self.outcome(run) != expected:
                wrong.append("the end is not that of a run without a fault")
            if wrong:
                self.failures += 1
                print(f"{title}, {name} at call {number} ({call}): {'; '.join(wrong)} [{errors}]")
            number += self.options.stride

    def outcome(self, run):
        return digest(run, self.options.model), sorted(scalars(run / "scalars" / self.options.model))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("data")
    parser.add_argument("--errors", default="EIO,EINTR,EACCES")
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--stride", type=int, default=1)
    parser.add_argument("--model", default="mobilevit_xxs")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        campaign = Campaign(options, folder)
        unharmed, begun = folder / "unharmed", folder / "begun"
        status, errors, _, _ = campaign.run([*campaign.begin, "--run", str(unharmed)])
        if status != 0:
            sys.exit(errors)
        expected = campaign.outcome(unharmed)
        # Stopped at its first evaluation, so that the resumed session has an evaluation, a best checkpoint and pruning to do.
        process = subprocess.Popen([*campaign.begin, "--json", "--run", str(begun)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for line in process.stdout:
            if '"evaluation"' in line:
                process.terminate()
        process.wait()
        for error in options.errors.split(","):
            campaign.sweep("from the start", error, lambda run: None, lambda run: [*campaign.begin, "--run", str(run)], expected)
            campaign.sweep("resumed", error, lambda run: shutil.copytree(begun, run, symlinks=True),
                           lambda run: [options.program, "train", "--no-ui", "--run", str(run), "--resume", "--threads", "1"], expected)
        print(f"{campaign.failures} failures")
        sys.exit(1 if campaign.failures else 0)


if __name__ == "__main__":
    main()
