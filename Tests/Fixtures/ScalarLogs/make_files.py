"""Writes logs of several files, and what TensorBoard's and VisualDL's own readers find there.

usage: make_files.py OUTPUT_FOLDER          needs tensorboard and visualdl
"""
import glob
import json
import os
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter
from visualdl import LogReader, LogWriter

START = 1700000000


def keep(folder, rows):
    with open(os.path.join(folder, "expected.json"), "w") as out:
        out.write("[\n" + ",\n".join(json.dumps(row) for row in sorted(rows, key=lambda row: json.dumps(row))) + "\n]\n")


class EventFile:
    def __init__(self, folder, time, process, version="brain.Event:2"):
        os.makedirs(folder, exist_ok=True)
        self.out = open(os.path.join(folder, f"events.out.tfevents.{time}.fixture.{process}.0"), "wb")
        self.records = RecordWriter(self.out)
        if version:
            self.put(wall_time=time, file_version=version)

    def put(self, **fields):
        self.records.write(Event(**fields).SerializeToString())
        self.out.flush()

    def scalar(self, tag, step, value, time):
        self.put(wall_time=time, step=step, summary=Summary(value=[Summary.Value(tag=tag, simple_value=value)]))


def accumulate(folder):
    events = EventAccumulator(folder, size_guidance={"scalars": 0})
    events.Reload()
    keep(folder, [[tag, e.step, repr(e.value), e.wall_time] for tag in events.Tags()["scalars"] for e in events.Scalars(tag)])


# Two writers at the same time, tags that are one after normalisation, and a session that is resumed at step 7.
folder = os.path.join(sys.argv[1], "tensorboard_files")
first, second = EventFile(folder, START, 1), EventFile(folder, START + 5, 2)
for step in range(10):
    first.scalar("loss", step, 2.0 - step / 10, START + step)
    second.scalar("loss", step, 4.0 - step / 10, START + 5 + step)
    second.scalar("caf\u00e9", step, step, START + 5 + step)
    second.scalar("cafe\u0301", step, -step, START + 5 + step)
third = EventFile(folder, START + 100, 3)
third.put(wall_time=START + 100, step=7, session_log=SessionLog(status=SessionLog.START, checkpoint_path="x" * 200))
for step in range(7, 13):
    third.scalar("loss", step, 1.0 - step / 100, START + 100 + step)
accumulate(folder)

# A writer without a version, as before sessions were logged: a falling step voids what came before from there on.
folder = os.path.join(sys.argv[1], "tensorboard_old")
old = EventFile(folder, START, 1, version=None)
for step in [0, 1, 2, 3, 4, 5, 3, 4, 5, 6, 2, 3]:
    old.scalar("loss", step, step / 8, START + step)
    old.scalar("other", step, step / 4, START + step)
accumulate(folder)

# A file for training, one for evaluation, one of a resumed run, and one for each of four points.
folder = os.path.join(sys.argv[1], "visualdl_files")


def write(name, tag, steps, time):
    with LogWriter(logdir=folder, file_name=f"vdlrecords.{name}.log") as writer:
        for step in steps:
            writer.add_scalar(tag, 10 - step / 8, step, walltime=(START + time + step) * 1000)


write(f"{START}.train", "train/loss", range(5), 0)
write(f"{START + 1}.eval", "eval/loss", range(5), 1)
write(START + 100, "train/loss", range(3, 8), 100)
for point in range(4):
    write(START + 200 + point, "point", [point], 200)
rows = []
for path in glob.glob(os.path.join(folder, "vdlrecords*")):
    reader = LogReader(file_path=path)
    rows += [[tag, item.id, repr(item.value), item.timestamp] for tag in reader.get_tags().get("scalar", []) for item in reader.get_data("scalar", tag)]
keep(folder, rows)
