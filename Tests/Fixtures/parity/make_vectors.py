#!/usr/bin/env python3
"""Write vectors.json: worked values of the formulas of README.md, so that another implementation can check itself first."""

import json
import pathlib

import numpy as np

import formula
from counter_random import CounterRandom, fnv1a64

TENSORS = [("stem.conv.weight", (16, 3, 3, 3), False), ("stem.bn.weight", (16,), False), ("stem.bn.bias", (16,), False),
           ("stem.bn.running_mean", (16,), False), ("stem.bn.running_var", (16,), False), ("head.fc.weight", (10, 320), False),
           ("mvit.0.transformer.layers.0.1.fn.net.0.weight", (64, 128), True)]


def hexadecimal(value):
    return f"0x{value:016X}"


def float_bits(values):
    """float32 values and their bit patterns, so that equality can be exact."""
    flat = np.asarray(values, dtype=np.float32).ravel()
    return {"values": [float(v) for v in flat], "bits": [f"0x{b:08X}" for b in flat.view(np.uint32)]}


def main():
    out = {"fnv1a64": {text: hexadecimal(fnv1a64(text)) for text in ("", "input", "stem.conv.weight")},
           "key": {"seed 1, test, fnv1a64(stem.conv.weight)": hexadecimal(CounterRandom(1, "stem.conv.weight").key),
                   "seed 1, test, fnv1a64(input), 3": hexadecimal(CounterRandom(1, "input", 3).key)},
           "bits": {"seed 1, test, fnv1a64(sketch)": [hexadecimal(int(b)) for b in CounterRandom(1, "sketch").bits(3)]}}
    out["tensors"] = [{"name": name, "shape": shape, "linear_in_first": first, **float_bits(formula.tensor(name, shape, first).ravel()[:3])}
                      for name, shape, first in TENSORS]
    images, labels = formula.batch(2, 4, 6, 8, 10)
    out["batch"] = {"step": 2, "count": 4, "height": 6, "width": 8, "classes": 10, "labels": labels.tolist(),
                    "first_row_of_image_1": float_bits(images[1, 0]), "last_pixel": float_bits(images[-1, -1, -1])}
    tensor = formula.tensor("stem.conv.weight", (16, 3, 3, 3))
    out["digest"] = {"tensor": "stem.conv.weight", "shape": tensor.shape, "norm": formula.norm(tensor), "sketch": formula.sketch(tensor).tolist(),
                     "slice": formula.slice_of(tensor).tolist(), "slice_positions": CounterRandom(1, "slice").integers(32, below=tensor.size)}
    path = pathlib.Path(__file__).resolve().parent / "vectors.json"
    path.write_text(json.dumps(out, indent=1) + "\n")


if __name__ == "__main__":
    main()
