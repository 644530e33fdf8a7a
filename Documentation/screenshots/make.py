#!/usr/bin/env python3
"""Makes the pictures in this folder: runs the program in tmux, types, and draws what the terminal shows.

    python3 Documentation/screenshots/make.py [--program .build/release/mvit-tui] [--output Documentation/screenshots]

Needs tmux, Pillow and the DejaVu fonts (Debian: tmux, python3-pil, fonts-dejavu-core). Takes some minutes, as the program
really trains on sample-data meanwhile.
"""

import argparse
import contextlib
import shutil
import tempfile
from pathlib import Path

from tmux_screen import Screen

ROOT = Path(__file__).resolve().parents[2]
THEMES = ["light", "colorblind", "high-contrast", "monochrome"]
SCREENS = [
    ("1", "overview"), ("2", "layers"), ("3", "comparison"), ("4", "data"), ("5", "predictions"), ("6", "runs"), ("7", "log"),
    ("8", "settings"),
]


# A walk through the screens while it trains: a key, and how many frames are taken after it.
WALK = [(None, 8), ("2", 3), ("3", 6), ("5", 3), ("1", 2), ("Left", 1), ("Left", 1), ("Left", 2), ("End", 2), ("p", 3), ("p", 3), ("T", 3)]


def training(program, run, epochs):
    return [
        program, "compare", "mobilevit_xxs", "mobilevit_xs", "mobilenet_v2", "--config", str(ROOT / "sample-data/fashion-mnist.toml"),
        "--image-size", "32", "--batch-size", "32", "--lr", "0.02", "--epochs", str(epochs), "--run", run,
    ]


def sweep(program):
    return [
        program, "compare", "mobilevit_xxs", "--sweep", "weight-decay=0,1e-4,1e-2", "--config",
        str(ROOT / "sample-data/fashion-mnist.toml"), "--image-size", "32", "--batch-size", "64", "--epochs", "2", "--run", "sweep",
    ]


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--program", default=str(ROOT / ".build/release/mvit-tui"))
    options.add_argument("--output", type=Path, default=Path(__file__).parent)
    options.add_argument("--epochs", type=int, default=8)
    options.add_argument("--sizes", action="store_true", help="also overview and comparison at 80x24 and 200x60")
    options = options.parse_args()
    options.program = str(Path(options.program).resolve())
    options.output = options.output.resolve()
    folder = Path(tempfile.mkdtemp(prefix="pictures-"))
    try:
        make(options, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def paused(screen):
    """Lets the run wait, unless it is over."""
    if "finished" in screen.text():
        yield
        return
    # The newest batch, not one from before anybody looked.
    batch = r"(step [\d,]+, as the network saw it|■ finished)"
    screen.wait_for_match(batch, [screen.match(batch)], 120)
    screen.press("p")
    screen.wait_for(["‖ paused", "finished"])
    yield
    screen.press("p")
    screen.wait_for(["● training", "◆ evaluating", "finished"])


def choose_theme(screen, theme):
    """Goes through all themes to `theme`, told by the message that each shows.

    A picture in other colours than its name says would be worse than none.
    """
    message = r"theme: (\S+)"
    # What still stands there tells of a key before.
    present = screen.match(message)
    seen = []
    while theme not in seen[-1:]:
        screen.press("T")
        name = screen.wait_for_match(message, seen[-1:] or [present])
        if name in seen:
            raise LookupError(f"there is no theme {theme} among {', '.join(seen)}")
        seen.append(name)


def make(options, folder):
    environment = {"XDG_CONFIG_HOME": str(folder / "settings"), "HOME": str(folder)}
    with Screen(training(options.program, "runs/first", options.epochs), 120, 40, environment, folder) as screen:
        # In the last epoch there is something to see of everything.
        screen.wait_for("training")
        screen.press("1")
        screen.wait_for([f"epoch {options.epochs}/{options.epochs}", "finished"], 1800)
        for key, name in SCREENS:
            screen.press("7" if key != "7" else "6", key)
            if name == "data":
                # A batch that comes while the screen is read would stand half over the one before.
                with paused(screen):
                    screen.picture(options.output / f"{name}.png", 2.2)
            else:
                screen.picture(options.output / f"{name}.png", 2.2)
        screen.press("1", "?")
        screen.picture(options.output / "help.png")
        screen.press("?", "s", "Left", "Left", "Left", "Left", "Left")
        screen.picture(options.output / "cursor.png")
        screen.press("Escape", "Escape", "s", "s", "s")
        if options.sizes:
            for columns, rows in [(80, 24), (200, 60)]:
                screen.resize(columns, rows)
                for key, name in SCREENS:
                    screen.press("7" if key != "7" else "6", key)
                    screen.picture(options.output / f"{name}-{columns}x{rows}.png", 1.5)
            screen.resize(120, 40)
        screen.press("7", "1")
        for theme in THEMES:
            choose_theme(screen, theme)
            screen.picture(options.output / f"theme-{theme}.png", 5)
        screen.press("q", "x")
    environment["XDG_CONFIG_HOME"] = str(folder / "recording")
    with Screen(training(options.program, "runs/recorded", options.epochs), 100, 30, environment, folder) as screen:
        screen.wait_for("epoch 2/")
        screen.press("1")
        screen.record(options.output / "walk.gif", WALK)
        screen.press("q", "x")
    environment["XDG_CONFIG_HOME"] = str(folder / "other")
    with Screen(sweep(options.program), 120, 40, environment, folder) as screen:
        screen.wait_for("finished", 600)
        screen.picture(options.output / "sweep.png")
        screen.press("q")
    with Screen([options.program, "watch", "runs"], 120, 40, environment, folder) as screen:
        screen.wait_for("mobilevit_xxs")
        screen.press("3")
        screen.picture(options.output / "watch.png", 2)
        screen.press("q")


if __name__ == "__main__":
    main()
