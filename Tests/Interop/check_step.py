#!/usr/bin/env python3
"""Train a few steps with mvit-tui and with PyTorch from the same weights and images, and compare every tensor.

usage: check_step.py --program PATH [--model mobilevit_xxs|mobilenet_v2]... [--steps N] [--lr X] [--keep DIR]

Draws weights in timm (MobileViT) or torchvision (MobileNetV2), writes a handful of PNG files, lets
`mvit-tui train --weights ... --augment none --no-shuffle --dropout 0 --schedule constant` take the steps at a large rate
(1.0, momentum 0.9, weight decay 1e-4), takes the same steps with torch.optim.SGD, and compares the checkpoint tensor by
tensor: weights, batch-norm running statistics, batch counters, velocities, and the losses of events.jsonl. The error of a
tensor is ||a - b|| / ||b|| (2-norm). The reference is computed in float64; the error of float32 PyTorch against it is
shown beside ours. Exits 1 when a tensor is off by more than --tolerance, is missing or is too many.

Needs torch, timm, torchvision, pillow, safetensors.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

MODELS = ["mobilevit_xxs", "mobilenet_v2"]


def make_model(name, classes, seed):
    torch.manual_seed(seed)
    if name == "mobilenet_v2":
        import torchvision
        model = torchvision.models.mobilenet_v2(num_classes=classes, dropout=0.0)
    else:
        import timm
        model = timm.create_model(name, num_classes=classes, drop_rate=0.0)
    # Running statistics, scales and shifts away from 0 and 1, so that a mistake in any of them shows. A scale below 1 and a
    # shift into the middle keep most values clear of ReLU6's two corners: a value that rounding carries over a corner changes
    # gradients by a per cent, in PyTorch's float32 as much as in anyone's. Both corners are still met.
    generator = torch.Generator().manual_seed(seed + 1)
    modules = list(model.modules())
    for module, after in zip(modules, modules[1:] + [None]):
        is_batch_norm = isinstance(module, torch.nn.BatchNorm2d)
        if is_batch_norm:
            module.running_mean.normal_(0, 0.5, generator=generator)
            module.running_var.uniform_(0.5, 2, generator=generator)
        if is_batch_norm or isinstance(module, torch.nn.LayerNorm):
            middle = 2.0 if isinstance(after, torch.nn.ReLU6) else 0.0
            with torch.no_grad():
                module.weight.uniform_(0.5, 1.0, generator=generator)
                module.bias.normal_(middle, 0.1, generator=generator)
    return model


def make_images(folder, classes, count, size, seed):
    """PNG files of noise and blocks, train/ and eval/; returns uint8 [count, size, size, 3] and labels in sorted order."""
    generator = np.random.default_rng(seed)
    pixels, labels = [], []
    for label in range(classes):
        for part in ("train", "eval"):
            (folder / part / f"class{label}").mkdir(parents=True)
        for place in range(count // classes + (label < count % classes)):
            coarse = generator.integers(0, 256, (4, 4, 3), dtype=np.uint8).repeat(size // 4, 0).repeat(size // 4, 1)
            image = (coarse // 2 + generator.integers(0, 128, coarse.shape, dtype=np.uint8)).astype(np.uint8)
            Image.fromarray(image).save(folder / "train" / f"class{label}" / f"{place}.png")
            pixels.append(image)
            labels.append(label)
        Image.fromarray(pixels[-1]).save(folder / "eval" / f"class{label}" / "0.png")
    return np.stack(pixels), labels


def run_program(options, model, folder):
    run = folder / "run"
    command = [
        options.program, "train", "--no-ui", "--data", folder / "data", "--run", run, "--model", model,
        "--weights", folder / "start.safetensors", "--image-size", options.image_size, "--epochs", options.steps,
        "--batch-size", options.images, "--eval-every", options.steps, "--optimizer", "sgd", "--lr", options.lr, "--momentum", 0.9,
        "--weight-decay", 1e-4, "--schedule", "constant", "--augment", "none", "--normalization", "unit", "--no-shuffle",
        "--dropout", 0, "--label-smoothing", options.label_smoothing,
    ]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\nended with {done.returncode}:\n{done.stdout}{done.stderr}")
    checkpoint = run / "checkpoints" / model / "latest"
    events = [json.loads(line) for line in (run / "events.jsonl").read_text().splitlines()]
    losses = [event["loss"] for event in events if event["event"] == "step"]
    return load_file(checkpoint / "model.safetensors"), load_file(checkpoint / "optimizer.safetensors"), losses


def run_torch(model, pixels, labels, options, dtype):
    model = model.to(dtype).train()
    images = torch.from_numpy(pixels.astype(np.float64) / 255).permute(0, 3, 1, 2).to(dtype)
    targets = torch.tensor(labels)
    optimizer = torch.optim.SGD(model.parameters(), lr=options.lr, momentum=0.9, weight_decay=1e-4)
    losses = []
    for _ in range(options.steps):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(images), targets, label_smoothing=options.label_smoothing)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    velocity = {f"velocity.{name}": optimizer.state[p]["momentum_buffer"] for name, p in model.named_parameters()}
    return model.state_dict(), velocity, losses


def error(ours, reference, parameter=None):
    """||ours - reference|| / ||reference||. A velocity is measured by the parameter it moves, where that is larger: the
    gradient of a shift before a batch norm is zero but for rounding."""
    ours, reference = ours.double(), reference.double()
    if ours.shape != reference.shape:
        return float("inf")
    norm = reference.norm() if parameter is None else torch.maximum(reference.norm(), parameter.double().norm())
    return ((ours - reference).norm() / norm.clamp_min(1e-30)).item()


def check(name, options, folder):
    folder.mkdir(parents=True)
    pixels, labels = make_images(folder / "data", options.classes, options.images, options.image_size, options.seed)
    save_file(make_model(name, options.classes, options.seed).state_dict(), folder / "start.safetensors")
    weights, velocity, losses = run_program(options, name, folder)
    truth = run_torch(make_model(name, options.classes, options.seed), pixels, labels, options, torch.float64)
    single = run_torch(make_model(name, options.classes, options.seed), pixels, labels, options, torch.float32)

    failures, rows = [], []
    for kind, ours, exact, rough in (("model", weights, truth[0], single[0]), ("optimizer", velocity, truth[1], single[1])):
        for key in sorted(exact.keys() ^ ours.keys()):
            failures.append(f"{kind}: {key} is only in {'PyTorch' if key in exact else 'the checkpoint'}")
        for key in sorted(exact.keys() & ours.keys()):
            parameter = truth[0][key.removeprefix("velocity.")] if kind == "optimizer" else None
            rows.append((error(ours[key], exact[key], parameter), error(rough[key], exact[key], parameter), kind, key))
    for place, (a, b) in enumerate(zip(losses, truth[2], strict=True)):
        rows.append((abs(a - b) / abs(b), abs(single[2][place] - b) / abs(b), "loss", f"step {place + 1}"))
    failures += [f"{kind}: {key} is off by {e:.2e}" for e, _, kind, key in rows if not e <= options.tolerance]

    print(f"{name}: {len(rows)} tensors and losses after {options.steps} step(s) at rate {options.lr}; the worst, ours and float32 PyTorch's:")
    for e, t, kind, key in sorted(rows, reverse=True)[:5]:
        print(f"  {e:.2e}  {t:.2e}  {kind}: {key}")
    statistics = [row for row in rows if "running_" in row[3]]
    print(f"  running statistics: {len(statistics)} tensors, worst {max(statistics)[0]:.2e}")
    for failure in failures:
        print("  FAILED " + failure)
    return not failures


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--program", required=True, help="the mvit-tui binary")
    parser.add_argument("--model", action="append", choices=MODELS, help="default: both")
    parser.add_argument("--steps", type=int, default=1)
    parser.add_argument("--lr", type=float, default=1.0)
    parser.add_argument("--images", type=int, default=7)
    parser.add_argument("--classes", type=int, default=3)
    parser.add_argument("--image-size", type=int, default=96, help="a multiple of 4")
    parser.add_argument("--label-smoothing", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tolerance", type=float, default=5e-5, help="1e-3 could not see the weight decay")
    parser.add_argument("--keep", type=pathlib.Path, help="work in this new folder and leave it there")
    options = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as temporary:
        root = options.keep or pathlib.Path(temporary)
        results = [check(name, options, root / name) for name in options.model or MODELS]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
