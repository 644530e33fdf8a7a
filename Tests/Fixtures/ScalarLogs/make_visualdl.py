"""Writes a small VisualDL log with VisualDL's own LogWriter, and what its own LogReader finds there.

usage: make_visualdl.py OUTPUT_FOLDER          needs visualdl and numpy
"""
import json
import os
import sys

import numpy as np
from visualdl import LogReader, LogWriter

folder = os.path.join(sys.argv[1], "visualdl")
with LogWriter(logdir=folder, file_name="vdlrecords.1700000000.log", display_name="fixture") as writer:
    writer.add_hparams({"lr": 0.01, "batch": 16, "optimizer": "sgd"}, ["train/loss"], walltime=1700000000001)
    for step in range(1, 8):
        writer.add_scalar("train/loss", 2.5 / step, step, walltime=1700000000000 + 250 * step)
        writer.add_scalar("train/acc", 0.0 if step == 1 else 1 - 1 / step, step, walltime=1700000000000 + 250 * step + 1)
    writer.add_scalar("eval/loss", float("nan"), 0, walltime=1700000010)
    writer.add_scalar("eval/loss", float("inf"), 1, walltime=1700000020)
    writer.add_scalar("größe/量", -1e-30, 2**40, walltime=1700000030000)
    writer.add_image("picture", np.zeros((2, 2, 3), dtype=np.uint8), 3, walltime=1700000031000)
    writer.add_text("note", "hello", 4, walltime=1700000032000)
    writer.add_histogram("weights", np.array([1.0, 2.0, 2.0, 3.0]), 5, walltime=1700000033000, buckets=3)
    writer.add_scalar("train/loss", 0.125, 8, walltime=1700000034000)

reader = LogReader(file_path=os.path.join(folder, "vdlrecords.1700000000.log"))
rows = [[tag, item.id, repr(item.value), item.timestamp] for tag in reader.get_tags()["scalar"] for item in reader.get_data("scalar", tag)]
with open(os.path.join(folder, "expected.json"), "w") as out:
    out.write("[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]\n")
