#!/usr/bin/env python3
"""Train timm's MobileViT or torchvision's MobileNetV2 on a folder of images: the peer for accuracy with the same recipe.

usage: train_pytorch.py --data DIR --model mobilevit_xxs|mobilevit_xs|mobilevit_s|mobilenet_v2 [options]

DIR holds train/ and eval/, one folder per class. The recipe is mvit-tui's `train --augment none --schedule cosine`: images resized to
N x N with Pillow's bilinear filter, normalised, shuffled each epoch, last small batch kept; SGD with momentum and L2 on
every parameter; the rate follows a cosine over all steps, step by step. The model starts from the framework's own
initialisation. Prints JSON lines: the set-up, then one line per epoch. images_per_second counts training steps only (batch
assembly from memory included, decoding and evaluation not). Needs torch, timm, torchvision and pillow.
"""

import argparse
import json
import math
import os
import pathlib
import sys
import time

NORMALIZATIONS = {
    "unit": ([0.0, 0.0, 0.0], [1.0, 1.0, 1.0]),
    "imagenet": ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
    "tutorial": ([0.50950350, 0.54632660, 0.57409690], [0.26059777, 0.26041326, 0.29220656]),
}
# Huge pages, and an allocator that keeps its memory: page faults are a large share of PyTorch's time on the CPU.
TUNED = {"THP_MEM_ALLOC_ENABLE": "1", "MALLOC_MMAP_THRESHOLD_": str(1 << 32), "MALLOC_TRIM_THRESHOLD_": str(1 << 34),
         "MALLOC_TOP_PAD_": str(1 << 28)}


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--model", required=True, choices=["mobilevit_xxs", "mobilevit_xs", "mobilevit_s", "mobilenet_v2"])
    parser.add_argument("--image-size", type=int, default=64)
    parser.add_argument("--normalization", choices=NORMALIZATIONS, default="tutorial")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--lr", type=float, default=0.05)
    parser.add_argument("--momentum", type=float, default=0.9)
    parser.add_argument("--weight-decay", type=float, default=1e-4)
    parser.add_argument("--dropout", type=float, help="before the classifier; default: timm's 0, torchvision's 0.2")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--no-channels-last", action="store_true", help="keep PyTorch's NCHW layout")
    parser.add_argument("--tuned", action="store_true", help="restart with huge pages and an allocator that keeps its memory")
    return parser.parse_args()


options = parse()
if options.tuned and any(os.environ.get(k) != v for k, v in TUNED.items()):
    os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **TUNED})

import numpy as np  # noqa: E402  (after the restart)
import timm  # noqa: E402
import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402
import torchvision  # noqa: E402
from PIL import Image  # noqa: E402


def load(folder, size):
    """(uint8 [N, 3, size, size], int64 [N], class names) of class folders, sorted by name."""
    classes = sorted(p.name for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
    files = [(path, label) for label, name in enumerate(classes)
             for path in sorted((folder / name).iterdir()) if not path.name.startswith(".")]
    pixels = np.empty((len(files), size, size, 3), dtype=np.uint8)
    for i, (path, _) in enumerate(files):
        with Image.open(path) as image:
            pixels[i] = np.asarray(image.convert("RGB").resize((size, size), Image.Resampling.BILINEAR))
    return torch.from_numpy(pixels).permute(0, 3, 1, 2), torch.tensor([label for _, label in files]), classes


def build(classes):
    if options.model == "mobilenet_v2":
        dropout = {} if options.dropout is None else {"dropout": options.dropout}
        return torchvision.models.mobilenet_v2(num_classes=classes, **dropout)
    return timm.create_model(options.model, num_classes=classes, drop_rate=options.dropout or 0.0)


class Inputs:
    """Turns uint8 images into normalised float32 batches in the model's memory format."""

    def __init__(self):
        mean, deviation = (torch.tensor(v).view(1, 3, 1, 1) for v in NORMALIZATIONS[options.normalization])
        self.scale, self.shift = 1 / (255 * deviation), -mean / deviation
        self.format = torch.contiguous_format if options.no_channels_last else torch.channels_last

    def batch(self, pixels):
        return (pixels.float() * self.scale + self.shift).contiguous(memory_format=self.format)


def learning_rate(step, steps):
    return options.lr * 0.5 * (1 + math.cos(math.pi * step / steps))


def train_epoch(model, optimizer, inputs, pixels, labels, order, first_step, steps):
    """(mean loss, accuracy, seconds) over one epoch, each batch judged before its update."""
    loss_sum, correct, begin = 0.0, 0, time.perf_counter()
    model.train()
    for k, rows in enumerate(order.split(options.batch_size)):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(first_step + k, steps)
        optimizer.zero_grad(set_to_none=True)
        logits = model(inputs.batch(pixels[rows]))
        loss = F.cross_entropy(logits, labels[rows])
        loss.backward()
        optimizer.step()
        loss_sum += loss.item() * len(rows)
        correct += (logits.argmax(1) == labels[rows]).sum().item()
    return loss_sum / len(order), correct / len(order), time.perf_counter() - begin


@torch.inference_mode()
def evaluate(model, inputs, pixels, labels):
    """(mean loss, accuracy) over the evaluation set."""
    model.eval()
    loss_sum, correct = 0.0, 0
    for start in range(0, len(labels), 256):
        logits, truth = model(inputs.batch(pixels[start:start + 256])), labels[start:start + 256]
        loss_sum += F.cross_entropy(logits, truth, reduction="sum").item()
        correct += (logits.argmax(1) == truth).sum().item()
    return loss_sum / len(labels), correct / len(labels)


def main():
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    pixels, labels, classes = load(options.data / "train", options.image_size)
    eval_pixels, eval_labels, eval_classes = load(options.data / "eval", options.image_size)
    if classes != eval_classes:
        sys.exit(f"{options.data}: train/ and eval/ have different class folders")
    inputs, model = Inputs(), build(len(classes))
    model = model.to(memory_format=inputs.format)
    optimizer = torch.optim.SGD(model.parameters(), lr=options.lr, momentum=options.momentum, weight_decay=options.weight_decay)
    per_epoch = math.ceil(len(labels) / options.batch_size)
    print(json.dumps({"event": "setup", "torch": torch.__version__, "timm": timm.__version__, "images": len(labels),
                      "eval_images": len(eval_labels), "classes": len(classes), **vars(options), "data": str(options.data)}), flush=True)
    generator = torch.Generator().manual_seed(options.seed)
    for epoch in range(options.epochs):
        order = torch.randperm(len(labels), generator=generator)
        loss, accuracy, seconds = train_epoch(model, optimizer, inputs, pixels, labels, order, epoch * per_epoch, options.epochs * per_epoch)
        eval_loss, eval_accuracy = evaluate(model, inputs, eval_pixels, eval_labels)
        print(json.dumps({"event": "epoch", "epoch": epoch, "train_loss": loss, "train_accuracy": accuracy, "eval_loss": eval_loss,
                          "eval_accuracy": eval_accuracy, "images_per_second": len(labels) / seconds, "train_seconds": seconds}), flush=True)


if __name__ == "__main__":
    main()
