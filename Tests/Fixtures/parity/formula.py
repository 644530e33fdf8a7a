"""Weights, batches and sketches by formula, so that neither weights nor whole gradients need to be committed.

README.md beside this file states every rule exactly; the Swift tests follow it. All values are float32, each made by one
rounded operation, so a fused multiply-add changes nothing.
"""

import math

import numpy as np

from counter_random import CounterRandom

SEED = 1
PROJECTIONS = 16
SLICE = 32


def role(name, rank):
    """What a tensor is, told by its name and rank alone."""
    last = name.rsplit(".", 1)[-1]
    if last in ("running_mean", "_mean"):
        return "mean"
    if last in ("running_var", "_variance"):
        return "variance"
    if rank >= 2:
        return "weight"
    return {"weight": "scale", "bias": "bias"}[last]


def tensor(name, shape, linear_in_first=False):
    """float32 [shape]: the formula's value of one named tensor.

    `linear_in_first`: rank-2 weights are stored [in, out], as Paddle does, and not [out, in].
    """
    shape = tuple(shape)
    signed = CounterRandom(SEED, name).uniform(math.prod(shape)) * np.float32(2) - np.float32(1)  # exact: multiples of 2^-23
    kind = role(name, len(shape))
    if kind == "weight":
        fan_in = shape[0] if linear_in_first and len(shape) == 2 else math.prod(shape[1:])
        values = np.float32(math.sqrt(6 / fan_in)) * signed
    elif kind in ("scale", "variance"):
        values = np.float32(1) + np.float32(0.25) * signed
    else:
        values = np.float32(0.125) * signed
    return values.reshape(shape)


def batch(step, count, height, width, classes):
    """(float32 [count, height, width, 3], int64 [count]): the images and labels of one step.

    An image is noise whose quadrant q is halved where bit q of its label is 0, so that up to 16 classes can be learnt.
    """
    labels = np.array(CounterRandom(SEED, "labels", step).integers(count, below=classes), dtype=np.int64)
    noise = CounterRandom(SEED, "input", step).uniform(count * height * width * 3).reshape(count, height, width, 3)
    lower = (np.arange(height) >= height // 2).astype(np.int64)
    right = (np.arange(width) >= width // 2).astype(np.int64)
    bright = (labels[:, None, None] >> (2 * lower[:, None] + right[None, :])) & 1
    return noise * np.where(bright == 1, np.float32(1), np.float32(0.5))[..., None], labels


_signs = np.zeros(0, dtype=np.uint64)


def signs(count):
    """uint64 [count]: bit k of element i is the sign of projection k (0: plus, 1: minus)."""
    global _signs
    if _signs.size < count:
        _signs = CounterRandom(SEED, "sketch").bits(count)
    return _signs[:count]


def flatten(array):
    """float64 [count], in the layout in which the tensor is stored in a file."""
    return np.ascontiguousarray(array, dtype=np.float64).ravel()


def norm(array):
    return float(np.linalg.norm(flatten(array)))


def sketch(array):
    """float64 [16]: projections of a tensor onto random sign vectors."""
    flat = flatten(array)
    words = signs(flat.size)
    total = flat.sum()
    return np.array([total - 2 * flat[(words >> np.uint64(k)) & np.uint64(1) == 1].sum() for k in range(PROJECTIONS)])


def slice_of(array):
    """float64 [32]: elements at positions that depend on the tensor's size alone."""
    flat = flatten(array)
    return flat[CounterRandom(SEED, "slice").integers(SLICE, below=flat.size)]


def relative_error(a, truth):
    """||a - truth|| / ||truth||, the measure of every parity check."""
    return norm(flatten(a) - flatten(truth)) / max(norm(truth), 1e-300)
