"""Writes small safetensors files with the format's own Python package, for the reader and the writer to be checked against.

usage: make_files.py OUTPUT_FOLDER          needs torch and safetensors
"""
import os
import sys

import torch
from safetensors.torch import save_file

folder = sys.argv[1]

# Every element type, names beyond ASCII, a scalar and an empty tensor. Values are formulas that the tests repeat.
ramp = torch.arange(6, dtype=torch.float64).reshape(2, 3) * 0.75 - 1.5
save_file({
    "double": ramp, "float": ramp.float(), "half": ramp.half(), "brain": ramp.bfloat16(),
    "counter": torch.tensor(12345678901), "int": torch.tensor([-1, 2, 3], dtype=torch.int32),
    "bytes": torch.tensor([0, 128, 255], dtype=torch.uint8), "flags": torch.tensor([True, False]),
    "empty": torch.zeros(0, 4), 'größe "q" \\ \t': torch.tensor([1.0]),
}, os.path.join(folder, "every_type.safetensors"), metadata={"format": "pt"})

# float32 and int64 only: what this project's writer must reproduce byte for byte.
save_file({
    "b.weight": torch.arange(5).float() / 4, "a.weight": torch.arange(4).float().reshape(2, 2) - 0.5,
    "bn.num_batches_tracked": torch.tensor(7), "bn.running_mean": torch.tensor([-0.0, 1e-30, 3.0e38]),
    "aa.num_batches_tracked": torch.tensor(-1),
}, os.path.join(folder, "float_and_int.safetensors"), metadata={"note": 'tab\t, quote ", backslash \\, bell \x07, ß'})

# Halves from the whole range (zeros, subnormals, extremes, infinities, NaNs) with what they are worth.
halves = torch.arange(65536, dtype=torch.int32).to(torch.uint16).view(torch.float16)
special = torch.cat([torch.arange(0, 65536, 97), torch.tensor([0, 1, 0x3FF, 0x400, 0x7BFF, 0x7C00, 0x8000, 0x8001, 0xFBFF, 0xFC00])])
save_file({"half": halves[special], "float": halves[special].float()}, os.path.join(folder, "halves.safetensors"))
