"""Writes a small TensorBoard log in two files, with the writers that people use, and what TensorBoard's reader finds there.

usage: make_tensorboard.py OUTPUT_FOLDER          needs torch and tensorboard
"""
import glob
import json
import os
import sys

import numpy as np
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.event_file_writer import EventFileWriter
from tensorboard.util import tensor_util
from torch.utils.tensorboard import SummaryWriter

folder = os.path.join(sys.argv[1], "tensorboard")


def rename(name):
    (path,) = [path for path in glob.glob(os.path.join(folder, "events.out.tfevents.*")) if not path.endswith(".fixture.1.0")]
    os.rename(path, os.path.join(folder, name))


with SummaryWriter(folder) as writer:
    for step in range(1, 6):
        writer.add_scalar("train/loss", 2.5 / step, step, walltime=1700000000 + step / 4)
        writer.add_scalar("train/acc", 0.0 if step == 1 else 1 - 1 / step, step, walltime=1700000000 + step / 4)
        writer.add_scalar("tensor/loss", 3.5 / step, step, walltime=1700000000 + step / 4, new_style=True)
    writer.add_scalar("eval/loss", float("nan"), 0, walltime=1700000010)
    writer.add_histogram("weights", np.array([1.0, 2.0, 2.0, 3.0]), 5, bins=3, walltime=1700000011)
    writer.add_text("note", "hello", 4, walltime=1700000012)
rename("events.out.tfevents.1700000000.fixture.1.0")

# A second file of the same run, several values to an event.
writer = EventFileWriter(folder)
for step in range(6, 9):
    values = [summary_pb2.Summary.Value(tag=tag, simple_value=1.5 * step) for tag in ("train/loss", "train/acc")]
    writer.add_event(event_pb2.Event(wall_time=1700000100 + step, step=step, summary=summary_pb2.Summary(value=values)))
writer.close()
rename("events.out.tfevents.1700000100.fixture.1.0")

events = EventAccumulator(folder, size_guidance={"scalars": 0, "tensors": 0})
events.Reload()
rows = [[tag, e.step, repr(e.value), e.wall_time] for tag in events.Tags()["scalars"] for e in events.Scalars(tag)]
rows += [["tensor/loss", e.step, repr(float(tensor_util.make_ndarray(e.tensor_proto).item())), e.wall_time] for e in events.Tensors("tensor/loss")]
with open(os.path.join(folder, "expected.json"), "w") as out:
    out.write("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")
