"""The command line."""

import argparse
import os
import pathlib
from dataclasses import dataclass

from . import catalogue
from .catalogue import Configuration

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "mvit-tui" / "benchmarks"


def listed(convert, allowed=None):
    """A converter of comma-separated values."""

    def parse(text):
        try:
            values = tuple(dict.fromkeys(convert(part.strip()) for part in text.split(",")))
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None
        for value in values:
            if allowed and value not in allowed:
                raise argparse.ArgumentTypeError(f"{value}: choose from {', '.join(map(str, allowed))}")
        return values

    return parse


def positive(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text}: must be 1 or more")
    return value


@dataclass(frozen=True)
class Selection:
    """What to compare, and how often."""

    sections: tuple
    models: tuple
    configurations: tuple
    threads: tuple
    peers: tuple
    rounds: int
    steps: int | None  # None: as many as the configuration suggests


def parser():
    p = argparse.ArgumentParser(
        prog="Benchmarks/run", description="Compare mvit-tui with other frameworks on this machine, alternating in one run.",
        epilog="Values in lists are separated by commas. Close everything else that computes before a run that counts.")
    names = ", ".join
    p.add_argument("--only", type=listed(str, catalogue.SECTIONS), metavar="SECTION,...", help=names(catalogue.SECTIONS))
    p.add_argument("--models", type=listed(str, catalogue.MODELS), metavar="MODEL,...", help=names(catalogue.MODELS))
    p.add_argument("--configurations", type=listed(Configuration.parse), metavar="CONFIGURATION,...",
                   help="SIZExSIZEbBATCH; default: " + names(map(str, catalogue.CONFIGURATIONS)))
    p.add_argument("--threads", type=listed(positive), metavar="N,...", help="default: as many as the machine has for us")
    p.add_argument("--peers", type=listed(str, tuple(catalogue.PEERS)), metavar="PEER,...",
                   help="default: all but those in brackets: "
                        + names(k if v.by_default else f"[{k}]" for k, v in catalogue.PEERS.items()))
    p.add_argument("--rounds", type=positive, metavar="N", help="pairs of processes for each row (default: 5)")
    p.add_argument("--steps", type=positive, metavar="N", help="training steps that a process measures (default: 5 to 15)")
    p.add_argument("--quick", action="store_true",
                   help="a smoke run: mobilevit_xxs (with --tutorial-code the tutorial's too), 64x64b8, 1 round, 1 step; its figures "
                        "mean nothing")
    p.add_argument("--tutorial-code", type=pathlib.Path, metavar="FILE",
                   help="Python file with the tutorial's models for Paddle: functions s, xs and xxs of (classes, image size)")
    p.add_argument("--venv", type=pathlib.Path, metavar="DIR",
                   help=f"existing virtual environment for all peers but Paddle (default: {CACHE}/venv, set up when missing)")
    p.add_argument("--paddle-venv", type=pathlib.Path, metavar="DIR",
                   help=f"existing virtual environment for Paddle (default: {CACHE}/venv-paddle, set up when missing)")
    p.add_argument("--binary", type=pathlib.Path, metavar="FILE", help="measure this mvit-tui instead of building one")
    p.add_argument("--output", type=pathlib.Path, metavar="FILE",
                   help="Markdown file to write (default: Benchmarks/results/DATE.md; none with --quick)")
    p.add_argument("--raw", type=pathlib.Path, metavar="FILE", help="write every round's figures to this JSON file too")
    p.add_argument("--time-limit", type=positive, default=3600, metavar="SECONDS", help="of one process (default: %(default)s)")
    p.add_argument("--list", action="store_true", help="print the rows that would be measured, and end")
    return p


def selection(options):
    """The command line's filters with their defaults."""
    cores = len(os.sched_getaffinity(0))
    models = catalogue.MODELS if options.tutorial_code else catalogue.PUBLISHED
    configurations, rounds, steps = catalogue.CONFIGURATIONS, 5, None
    if options.quick:
        models = tuple(model for model in models if model.endswith("mobilevit_xxs"))
        configurations, rounds, steps = (Configuration.parse("64x64b8"),), 1, 1
    return Selection(
        sections=options.only or catalogue.SECTIONS, models=options.models or models,
        configurations=options.configurations or configurations, threads=options.threads or (cores,),
        peers=options.peers or tuple(name for name, peer in catalogue.PEERS.items() if peer.by_default),
        rounds=options.rounds or rounds, steps=options.steps or steps)


def parse(arguments=None):
    p = parser()
    options = p.parse_args(arguments)
    if options.tutorial_code and not options.tutorial_code.is_file():
        p.error(f"--tutorial-code: {options.tutorial_code} is no file")
    for option, folder in (("--venv", options.venv), ("--paddle-venv", options.paddle_venv)):
        if folder and not (folder / "bin" / "python").exists():
            p.error(f"{option}: {folder} is no virtual environment; leave the option out to have one set up")
    if options.binary and not os.access(options.binary, os.X_OK):
        p.error(f"--binary: {options.binary} is no program")
    if not options.tutorial_code and set(options.models or ()) & set(catalogue.TUTORIAL):
        p.error("the tutorial's models are compared with the tutorial's own code: name its file with --tutorial-code")
    return options
