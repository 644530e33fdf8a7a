"""Train one step on images of a folder and say so: how long a user of PyTorch waits from start to the first finished step.

usage: pytorch_first_step.py --data DIR --model M --image-size N --batch-size N --threads N
Reads only the images of the first batch.
"""

import argparse
import pathlib
import random

import measuring
import numpy as np
import pytorch_models
import torch
from PIL import Image


def first_batch(folder, count, size):
    """(images [count, 3, size, size] channels-last, labels [count]) of class folders in a random order."""
    classes = sorted(path for path in folder.iterdir() if path.is_dir())
    files = [(path, label) for label, name in enumerate(classes) for path in sorted(name.iterdir())]
    chosen = random.Random(0).sample(files, count)
    pixels = [np.asarray(Image.open(path).convert("RGB").resize((size, size), Image.Resampling.BILINEAR)) for path, _ in chosen]
    images = torch.from_numpy(np.stack(pixels)).permute(0, 3, 1, 2).float() / 255
    return images, torch.tensor([label for _, label in chosen])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--image-size", type=int, required=True)
    parser.add_argument("--batch-size", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    model = pytorch_models.build(options.model).to(memory_format=torch.channels_last).train()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)
    images, labels = first_batch(options.data / "train", options.batch_size, options.image_size)
    loss = torch.nn.functional.cross_entropy(model(images), labels)
    loss.backward()
    optimizer.step()
    measuring.report(event="step", loss=loss.item(), versions=pytorch_models.versions())


if __name__ == "__main__":
    main()
