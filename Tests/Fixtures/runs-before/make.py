#!/usr/bin/env python3
"""Writes the run folders of an older version that CompatibilityTests resumes, evaluates and predicts with.

    make.py PROGRAM      PROGRAM is the mvit-tui of that version

For each case: the images, the folder of a run that was killed in its middle, and what the old program made of it when it resumed
it. Weights are megabytes of noise, so a checkpoint is kept as the header of its safetensors files and the SHA-256 of their data:
the test trains the same steps anew, proves by the hash that the data are those of the old program, and puts them under its header.
Everything runs on the portable kernels, one thread: the same bits on every x86-64 machine.
"""
import hashlib, json, os, shutil, signal, struct, subprocess, sys, tempfile, zlib

PROGRAM = os.path.abspath(sys.argv[1])
HERE = os.path.dirname(os.path.abspath(__file__))
COMMON = ["--image-size", "96", "--epochs", "2", "--batch-size", "4", "--threads", "1", "--kernels", "portable"]
CASES = {
    # Class folders alone, split by the program; nearly every setting away from its default. Killed at step 3 of 4.
    "train": {
        "layout": "classes",
        "arguments": ["train", "--model", "mobilevit_xxs", "--optimizer", "adamw", "--augment", "standard", "--label-smoothing", "0.1",
                      "--normalization", "imagenet", "--warmup-steps", "1", "--eval-fraction", "0.25", "--seed", "5"],
        "every": ["--checkpoint-every", "1"], "kill": 3,
    },
    # train/ and eval/, a sweep, all else by default. Killed after the first epoch of both.
    "compare": {
        "layout": "parts", "arguments": ["compare", "mobilevit_xxs", "--sweep", "lr=0.01, 2e-2"], "every": ["--checkpoint-every", "100"],
        "kill": 2,
    },
}


def png(path, seed, across):
    """A 40x36 image of stripes with noise."""
    state, rows = seed * 2654435761 % 2**32, b""
    for y in range(36):
        row = b"\0"
        for x in range(40):
            for c in range(3):
                state = (state * 1664525 + 1013904223) % 2**32
                row += bytes([min(255, ((x if across else y) * 5 + c * 20) % 200 + (state >> 27))])
        rows += row
    def chunk(kind, data): return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 40, 36, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(rows, 9))
                   + chunk(b"IEND", b""))


def images(folder, layout):
    for index, name in enumerate(["across", "down"]):
        if layout == "classes":
            for i in range(6): png(f"{folder}/{name}/{i}.png", 100 * index + i, index == 0)
        else:
            for i in range(4): png(f"{folder}/train/{name}/{i}.png", 100 * index + i, index == 0)
            for i in range(2): png(f"{folder}/eval/{name}/{i}.png", 100 * index + 50 + i, index == 0)


def split(path):
    """Header and SHA-256 of the data of a safetensors file."""
    with open(path, "rb") as file: content = file.read()
    end = 8 + struct.unpack("<Q", content[:8])[0]
    return content[:end], hashlib.sha256(content[end:]).hexdigest()


def run(arguments, **more):
    return subprocess.run([PROGRAM] + arguments, check=True, capture_output=True, text=True, **more).stdout


def killed(arguments, step, variants):
    """Runs until the last of the variants has its checkpoint of `step`, then kills the program."""
    process = subprocess.Popen([PROGRAM] + arguments + ["--json"], stdout=subprocess.PIPE, text=True)
    seen = set()
    for line in process.stdout:
        event = json.loads(line)
        if event["event"] == "checkpoint" and event["kind"] == "latest" and event["path"].endswith(f"step-{step}"):
            seen.add(os.path.dirname(event["path"]))
            if len(seen) == variants: process.send_signal(signal.SIGKILL)
    process.wait()


def case(name, spec, folder):
    target, data, runs = f"{HERE}/{name}", f"{folder}/data", f"{folder}/run"
    images(data, spec["layout"])
    variants = 2 if name == "compare" else 1
    killed(spec["arguments"] + COMMON + spec["every"] + ["--data", data, "--run", runs], spec["kill"], variants)
    models = sorted(os.listdir(f"{runs}/checkpoints"))
    for model in models: assert os.readlink(f"{runs}/checkpoints/{model}/latest") == f"step-{spec['kill']}", (name, model)
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(data, f"{target}/images")
    shutil.copytree(runs, f"{target}/run", symlinks=True)
    expected = {"step": spec["kill"], "stopped": {}, "finished": {}}
    run([spec["arguments"][0], "--run", runs, "--resume", "--no-ui"])
    for model in models:
        middle, end = f"{target}/run/checkpoints/{model}", f"{runs}/checkpoints/{model}/latest"
        for link in ["best", "latest"]:
            if os.path.lexists(f"{middle}/{link}"): assert os.readlink(f"{middle}/{link}") == f"step-{spec['kill']}" or link == "best"
        # The best may be an earlier step, which nothing reads when the run is resumed; only the newest is kept here.
        for step in os.listdir(middle):
            if not os.path.islink(f"{middle}/{step}") and step != f"step-{spec['kill']}": shutil.rmtree(f"{middle}/{step}")
        expected["stopped"][model], expected["finished"][model] = {}, {}
        for file in ["model", "optimizer"]:
            path = f"{middle}/step-{spec['kill']}/{file}.safetensors"
            header, expected["stopped"][model][file] = split(path)
            os.remove(path)
            with open(path + ".header", "wb") as out: out.write(header)
            expected["finished"][model][file] = split(f"{end}/{file}.safetensors")[1]
        shutil.copy(f"{end}/state.json", f"{target}/{model}.finished.json")
        weights = ["--weights", f"{end}/model.safetensors", "--threads", "1", "--kernels", "portable", "--json"]
        spare = ["--eval-fraction", "0.25", "--seed", "5"] if spec["layout"] == "classes" else []
        expected["finished"][model]["evaluate"] = run(["evaluate", "--data", f"{target}/images"] + spare + weights)
        paths = sorted(os.path.relpath(os.path.join(at, f), f"{target}/images") for at, _, files in os.walk(f"{target}/images") for f in files)
        expected["finished"][model]["predict"] = run(["predict", "--logits"] + weights + paths[:4], cwd=f"{target}/images")
    config = open(f"{target}/run/config.toml").read().replace(data, "DATA")
    open(f"{target}/run/config.toml", "w").write(config)
    for leftover in ["lock", "console.log"]:
        if os.path.exists(f"{target}/run/{leftover}"): os.remove(f"{target}/run/{leftover}")
    with open(f"{target}/expected.json", "w") as out: json.dump(expected, out, indent=1, sort_keys=True)


for name, spec in CASES.items():
    with tempfile.TemporaryDirectory() as folder: case(name, spec, folder)
