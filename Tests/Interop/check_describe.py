"""The Python code that `mvit-tui describe` prints gives the logits of `mvit-tui predict`.

    python3 Tests/Interop/check_describe.py PROGRAM WEIGHTS FOLDER [--most 1e-4] [-- FLAGS]

Needs what the code itself imports. Reads every image below FOLDER that both sides can read; FLAGS, such as `--resize pad`, go to both
commands. The difference is relative to the largest logit of the image (at least 1).
"""

import argparse
import importlib.util
import json
import pathlib
import subprocess
import sys
import tempfile

import torch


def main():
    flags = []
    if "--" in sys.argv:
        place = sys.argv.index("--")
        flags = sys.argv[place + 1 :]
        del sys.argv[place:]
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("weights")
    parser.add_argument("folder")
    parser.add_argument("--most", type=float, default=1e-4)
    given = parser.parse_args()

    code = subprocess.run([given.program, "describe", given.weights, "--python", *flags], check=True, capture_output=True, text=True).stdout
    with tempfile.NamedTemporaryFile("w", suffix=".py") as file:
        file.write(code)
        file.flush()
        spec = importlib.util.spec_from_file_location("described", file.name)
        described = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(described)

    paths = sorted(str(path) for path in pathlib.Path(given.folder).rglob("*") if path.is_file())
    lines = subprocess.run(
        [given.program, "predict", "--weights", given.weights, "--json", "--logits", *flags, *paths], capture_output=True, text=True
    ).stdout.splitlines()
    model = described.load()
    worst, agreed, compared = 0.0, 0, 0
    for line in map(json.loads, lines):
        try:
            picture = described.picture(line["path"])
        except OSError as error:
            print(f"{line['path']}: Pillow: {error}")
            continue
        with torch.inference_mode():
            logits = model(picture[None])[0]
        ours = torch.tensor(line["logits"])
        difference = ((logits - ours).abs().max() / logits.abs().max().clamp(min=1)).item()
        if difference > given.most:
            print(f"{line['path']}: {difference:.2e}")
        worst = max(worst, difference)
        agreed += logits.argmax() == ours.argmax()
        compared += 1
    print(f"{compared} of {len(paths)} files compared, {agreed} with the same class, worst difference {worst:.2e}")
    sys.exit(0 if compared and worst <= given.most else 1)


if __name__ == "__main__":
    main()
