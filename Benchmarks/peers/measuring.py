"""What all peers share: the batch, the clock and the line that they print."""

import json
import statistics
import time

import numpy as np
import safetensors_file

CLASSES = 10
WARM_UP_STEPS = 2  # as many as `mvit-tui bench` leaves out


def make_batch(count, size):
    """(images [count, size, size, 3] float32, labels [count] int64), the same at every call."""
    images = np.random.default_rng(0).standard_normal((count, size, size, 3), dtype=np.float32)
    return images, np.arange(count, dtype=np.int64) % CLASSES


def read_batch(path):
    """(images [N, H, W, 3] float32, labels [N] int64)"""
    arrays = safetensors_file.read(path)
    return arrays["images"], arrays["labels"]


def cross_entropy(logits, labels):
    """Mean loss in float64 of logits [N, classes]."""
    logits = logits.astype(np.float64)
    logits -= logits.max(axis=1, keepdims=True)
    return float(np.mean(np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(labels)), labels]))


def seconds(action):
    """Seconds that one call takes."""
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


def median_seconds(action, repeats):
    return statistics.median(seconds(action) for _ in range(repeats))


def report(**facts):
    """The peer's result: one JSON object, the last line on standard output."""
    print(json.dumps(facts), flush=True)
