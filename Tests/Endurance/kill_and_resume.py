#!/usr/bin/env python3
"""Kill a training run with SIGKILL at random moments, resume it each time, and compare its end with an uninterrupted run's.

usage: kill_and_resume.py PROGRAM DATA [--kills 20] [--seed 1] [--model mobilevit_xxs]
PROGRAM is mvit-tui, DATA a small folder of images. Compared are the bytes of the final model and optimizer and every logged
(tag, step, value) but the timing tags. Needs nothing but Python.
"""

import argparse
import hashlib
import pathlib
import random
import signal
import struct
import subprocess
import sys
import tempfile
import time

TIMING_TAGS = {"train/images_per_second"}


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def fields(data):
    """(number, value) of a protobuf message: integers, or bytes."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = varint(data, at)
        else:
            if kind == 2:
                size, at = varint(data, at)
            else:
                size = 8 if kind == 1 else 4
            value, at = data[at:at + size], at + size
        yield key >> 3, value


def scalars(folder):
    """[(tag, step, value)] of a folder's VisualDL log: frames of a 64-bit length and a record."""
    path = max(folder.glob("vdlrecords.*.log"))
    data, at, found = path.read_bytes(), 0, []
    while at < len(data):
        size = struct.unpack_from("<Q", data, at)[0]
        record, at = data[at + 8:at + 8 + size], at + 8 + size
        if len(record) != size:
            sys.exit(f"{path}: a torn record stands at its end")
        for _, value in fields(record):
            parts = dict(fields(value))
            if 4 in parts:
                tag = parts[2].decode()
                if tag not in TIMING_TAGS:
                    found.append((tag, parts.get(1, 0), parts[4].hex()))
    return found


def digest(run, model):
    folder = run / "checkpoints" / model / "latest"
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in ("model.safetensors", "optimizer.safetensors")}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("data")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--model", default="mobilevit_xxs")
    options = parser.parse_args()
    chance = random.Random(options.seed)
    print(f"seed {options.seed}")
    with tempfile.TemporaryDirectory() as folder:
        whole, torn = pathlib.Path(folder, "whole"), pathlib.Path(folder, "torn")
        command = [options.program, "train", "--no-ui", "--data", options.data, "--model", options.model, "--image-size", "64",
                   "--epochs", "12", "--batch-size", "16", "--lr", "0.05", "--checkpoint-every", "2"]
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
        begin = time.monotonic()
        subprocess.run([*command, "--run", str(whole)], check=True, **quiet)
        seconds = time.monotonic() - begin
        print(f"the uninterrupted run took {seconds:.1f} s")
        kills = 0
        while True:
            resume = ["--resume"] if torn.exists() else []
            process = subprocess.Popen([*command, "--run", str(torn), *resume], **quiet)
            if kills < options.kills:
                try:
                    # Anywhere in a session, start-up included, but on average far enough for the run to come to an end.
                    process.wait(timeout=chance.uniform(0.02, 1.5 * seconds / options.kills))
                except subprocess.TimeoutExpired:
                    process.send_signal(signal.SIGKILL)
                    process.wait()
                    kills += 1
                    latest = torn / "checkpoints" / options.model / "latest"
                    print(f"kill {kills}: {latest.readlink() if latest.is_symlink() else 'no checkpoint yet'}")
                    continue
            if process.wait() != 0:
                sys.exit(f"a resumed session ended with {process.returncode}")
            break
        same_files = digest(whole, options.model) == digest(torn, options.model)
        ours, theirs = (scalars(run / "scalars" / options.model) for run in (torn, whole))
        print(f"{kills} kills; model and optimizer {'identical' if same_files else 'DIFFER'}; "
              f"{len(theirs)} scalars {'identical' if ours == theirs else 'DIFFER'}")
        sys.exit(0 if same_files and ours == theirs else 1)


if __name__ == "__main__":
    main()
