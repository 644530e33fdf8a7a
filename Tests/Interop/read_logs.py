"""Prints every scalar that the real VisualDL and TensorBoard readers find in a folder, one JSON object a line.

usage: read_logs.py FOLDER...

Needs visualdl or tensorboard (a format whose package is missing is named and left out). A line is
{"format", "run", "tag", "step", "value", "wall_time"}; a value that is not finite is a string. Lines are sorted, so that
two logs can be compared with diff.
"""
import json
import math
import os
import sys


def line(form, run, tag, step, value, wall_time):
    value = value if math.isfinite(value) else str(value)
    return json.dumps({"format": form, "run": run, "tag": tag, "step": step, "value": value, "wall_time": wall_time})


def visualdl_lines(folder):
    from visualdl import LogReader

    for path, _, names in sorted(os.walk(folder)):
        logs = sorted(name for name in names if "vdlrecords" in name)
        if not logs:
            continue
        reader = LogReader(file_path=os.path.join(path, logs[-1]))
        for tag in reader.get_tags().get("scalar", []):
            for item in reader.get_data("scalar", tag):
                yield line("visualdl", os.path.relpath(path, folder), tag, item.id, item.value, item.timestamp / 1000)


def tensorboard_lines(folder):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.util import tensor_util

    for path, _, names in sorted(os.walk(folder)):
        if not any("tfevents" in name for name in names):
            continue
        events = EventAccumulator(path, size_guidance={"scalars": 0, "tensors": 0})
        events.Reload()
        run = os.path.relpath(path, folder)
        for tag in events.Tags()["scalars"]:
            for event in events.Scalars(tag):
                yield line("tensorboard", run, tag, event.step, event.value, event.wall_time)
        for tag in events.Tags()["tensors"]:
            if events.SummaryMetadata(tag).plugin_data.plugin_name == "scalars":
                for event in events.Tensors(tag):
                    value = float(tensor_util.make_ndarray(event.tensor_proto).item())
                    yield line("tensorboard", run, tag, event.step, value, event.wall_time)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    for folder in sys.argv[1:]:
        for read in (visualdl_lines, tensorboard_lines):
            try:
                print("\n".join(sorted(read(folder))))
            except ImportError as error:
                print(f"read_logs: {error}; that format is left out", file=sys.stderr)
