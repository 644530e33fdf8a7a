#!/usr/bin/env python3
"""Run every command under a ladder of limits and check that each works or ends with a sentence and a code of the contract.

usage: memory_limits.py PROGRAM DATA [--model mobilevit_xxs] [--seconds 60] [--group FOLDER]
PROGRAM is mvit-tui, DATA a small folder of images. Limits are of address space (ulimit -v), of files (ulimit -n) and, with
--group, of a memory control group: FOLDER is an empty group of version 1 or 2 that this script may write to. Traps (exit codes 132,
133, 134, 139), hangs and silent failures count as faults; so does SIGKILL, but in a control group, where the kernel itself kills.

Before the ladder, a run whose limit falls to nothing after its first checkpoint must end with 70 and a sentence that names the last
checkpoint, and must resume from it.

Needs nothing but Python.
"""

import argparse
import json
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

CODES = {0, 64, 65, 66, 70, 73}
MEGABYTE = 1 << 20


def commands(data, model, weights, image, folder):
    small = ["--model", model, "--image-size", "32", "--batch-size", "4"]
    # Beyond every limit below: to be refused, not to be waited for.
    large = ["--model", "mobilevit_s", "--image-size", "2048", "--batch-size", "32"]
    train = ["--data", data, "--epochs", "1", "--run", str(folder / "run")]
    return {
        "models": ["models"],
        "runs": ["runs", str(folder)],
        "predict": ["predict", "--weights", weights, image],
        "evaluate": ["evaluate", "--weights", weights, "--data", data],
        "bench": ["bench", *small, "--steps", "1"],
        "bench large": ["bench", *large, "--steps", "1"],
        "bench 1024 threads": ["bench", *small, "--steps", "1", "--threads", "1024"],
        "profile": ["profile", *small, "--steps", "1"],
        "train": ["train", *small, *train, "--no-ui"],
        "train json": ["train", *small, *train, "--json"],
        "train large": ["train", *large, *train, "--no-ui"],
        "compare": ["compare", model, "mobilenet_v2", *small[2:], *train, "--no-ui"],
    }


def run(program, arguments, prepare, seconds):
    """Exit code (None: hung), last line that says something."""
    process = subprocess.Popen(
        [program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, preexec_fn=prepare,
        start_new_session=True, errors="replace", text=True,
    )
    try:
        output, _ = process.communicate(timeout=seconds)
        code = process.returncode
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        code = None
    lines = [line for line in output.splitlines() if line.strip()]
    code = code if code is None or code >= 0 else 128 - code
    return code, lines[-1] if lines else "", output


def is_fault(code, output, allows_kill):
    if code is None or (code not in CODES and not (allows_kill and code == 137)):
        # The loader's own refusal to start the program is none of its faults.
        return not (code == 127 and "error while loading shared libraries" in output)
    return code not in (0, 137) and "mvit-tui: " not in output


def refused_while_training(program, data, model, folder, seconds):
    """What is wrong with the end of a run that is refused memory after its first checkpoint; None if nothing is."""
    run_folder = folder / "refused"
    flags = ["--model", model, "--image-size", "256", "--batch-size", "4", "--epochs", "2", "--checkpoint-every", "1", "--json"]
    # A limit from the start lets all threads share one heap, which then cannot grow.
    process = subprocess.Popen(
        [program, "train", "--data", data, "--run", str(run_folder), *flags], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (4000 * MEGABYTE, resource.RLIM_INFINITY)))
    guard = threading.Timer(seconds, process.kill)
    guard.start()
    saved = []
    for line in process.stdout:
        event = json.loads(line)
        if event["event"] == "checkpoint":
            saved.append(event["path"])
            resource.prlimit(process.pid, resource.RLIMIT_AS, (MEGABYTE, resource.RLIM_INFINITY))
    errors = process.stderr.read()
    guard.cancel()
    if process.wait() != 70:
        return f"it ended with {process.returncode}: {errors[-300:]}"
    last = errors.splitlines()[-1]
    named = [path for path in saved if f"; the last checkpoint is {path}," in last]
    if "memory ran out: the system refused " not in last or not named or not pathlib.Path(named[-1]).is_dir():
        return f"the sentence does not name the last checkpoint: {last}"
    code, last, _ = run(program, ["train", "--run", str(run_folder), "--resume", "--no-ui"], None, 600)
    return None if code == 0 else f"it cannot be resumed: {code}: {last}"


def limit(kind, value):
    return lambda: resource.setrlimit(kind, (value, value))


def enter(group):
    def prepare():
        (group / "cgroup.procs").write_text(str(os.getpid()))

    return prepare


def set_group_limit(group, size):
    for name in ("memory.max", "memory.limit_in_bytes"):
        if (group / name).exists():
            (group / name).write_text(str(size))
            return
    sys.exit(f"{group}: has no memory limit; give a group of the memory controller")


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("program")
    parser.add_argument("data")
    parser.add_argument("--model", default="mobilevit_xxs")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--group", type=pathlib.Path)
    options = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="memory-limits-"))
    start = folder / "start"
    small = ["--model", options.model, "--image-size", "32", "--batch-size", "4"]
    code, last, _ = run(
        options.program, ["train", "--data", options.data, *small, "--epochs", "1", "--run", str(start), "--no-ui"], None, 600)
    if code != 0:
        sys.exit(f"the run without a limit ended with {code}: {last}")
    weights = str(start / "checkpoints" / options.model / "latest" / "model.safetensors")
    image = str(next(path for path in pathlib.Path(options.data).rglob("*") if path.suffix in (".png", ".jpg")))

    cases = [
        (f"ulimit -v {size} MB", lambda size=size: limit(resource.RLIMIT_AS, size * MEGABYTE), False)
        for size in (100, 110, 125, 150, 175, 200, 250, 300, 400, 600, 800, 1000, 1500, 2000, 3000, 4000)
    ]
    cases += [(f"ulimit -d {size} MB", lambda size=size: limit(resource.RLIMIT_DATA, size * MEGABYTE), False) for size in (30, 100, 400)]
    cases += [(f"ulimit -n {count}", lambda count=count: limit(resource.RLIMIT_NOFILE, count), False) for count in (4, 5, 6, 8, 12, 16, 24)]
    if options.group:

        def group_case(size):
            set_group_limit(options.group, size * MEGABYTE)
            return enter(options.group)

        cases += [(f"control group {size} MB", lambda size=size: group_case(size), True) for size in (32, 64, 128, 256, 512, 1024)]

    problem = refused_while_training(options.program, options.data, options.model, folder, 10 * options.seconds)
    print(f"FAULT: refused while training: {problem}" if problem else "refused while training: 70, and it resumes", flush=True)
    faults = 1 if problem else 0
    for name, prepare, allows_kill in cases:
        results = []
        for title, arguments in commands(options.data, options.model, weights, image, folder).items():
            shutil.rmtree(folder / "run", ignore_errors=True)
            code, last, output = run(options.program, arguments, prepare(), options.seconds)
            fault = is_fault(code, output, allows_kill)
            faults += fault
            results.append(f"{title} {'hung' if code is None else code}")
            if fault:
                print(f"FAULT: {name}, {title}: {'hung' if code is None else code}: {last[:200]}", flush=True)
        print(f"{name}: {', '.join(results)}", flush=True)
    shutil.rmtree(folder)
    print(f"{faults} faults")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
