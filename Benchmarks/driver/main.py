"""Composes a run: sets up, measures row by row, reports."""

import datetime
import json
import os
import pathlib
import sys
import tempfile

from . import catalogue, environments, machine, options, report, suite
from .commands import Workshop
from .environments import SetUpError


def say(text):
    print(text, file=sys.stderr, flush=True)


def pythons(choice, chosen):
    """{venv: its interpreter, or why there is none}; only what the selection needs is set up."""
    found = {}
    for peer in (catalogue.PEERS[name] for name in chosen.peers):
        if peer.venv in found or peer.section not in chosen.sections or not set(peer.models) & set(chosen.models):
            continue
        try:
            found[peer.venv] = environments.python_of(peer.venv, choice.venv if peer.venv == "pytorch" else choice.paddle_venv)
        except SetUpError as error:
            say(str(error))
            found[peer.venv] = "its environment could not be set up"
    return found


def headline(contest):
    """The measure that matters most in a contest, for the progress line."""
    return next(measure for section, measure, *_ in report.TABLES if section == contest.section)


def free_name(folder, date):
    """results/DATE.md, or DATE-2.md and so on: results are never replaced."""
    names = (folder / f"{date}{suffix}.md" for suffix in ("", *(f"-{n}" for n in range(2, 1000))))
    return next(path for path in names if not path.exists())


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def samples(contests):
    """Every round's figures."""
    return [{"section": c.section, "model": c.model, "configuration": str(c.configuration), "threads": c.threads, "peer": c.peer,
             "failure": c.failure, "rounds": [{"theirs": theirs, "ours": ours} for theirs, ours in c.rounds]} for c in contests]


def measure(contests, rounds, publish):
    """Plays all contests; publishes after each, so that nothing is lost when a run is interrupted."""
    for number, contest in enumerate(contests, 1):
        say(f"[{number}/{len(contests)}] {contest}")
        measure = headline(contest)

        def tell(pair):
            theirs, ours = (sample[measure] for sample in pair)
            say(f"    {len(contest.rounds)}/{rounds}: {theirs:.4g}, ours {ours:.4g} {measure}")

        contest.play(rounds, tell)
        if contest.failure:
            say(f"    failed: {contest.failure}")
        publish(contests[:number], len(contests) - number)


def main(arguments=None):
    choice = options.parse(arguments)
    chosen = options.selection(choice)
    if choice.list:
        for contest in suite.contests(chosen, Workshop(pathlib.Path(), {}, pathlib.Path())):
            print(contest)
        return 0
    if not suite.contests(chosen, Workshop(pathlib.Path(), {}, pathlib.Path())):
        say("nothing to compare: no peer has these models in these sections")
        return 1
    date, facts = datetime.date.today().isoformat(), machine.description(environments.REPOSITORY, bool(choice.binary))
    output = choice.output or (None if choice.quick else free_name(environments.BENCHMARKS / "results", date))
    if os.getloadavg()[0] > 0.3 and not choice.quick:
        say(f"load average {os.getloadavg()[0]:.2f}: something else computes here, and the figures will suffer")
    try:
        binary = choice.binary.absolute() if choice.binary else environments.build()
    except SetUpError as error:
        say(str(error))
        return 1
    text = ""

    def publish(contests, unfinished):
        nonlocal text
        text = report.markdown(contests, date, facts, chosen.rounds, choice.quick, unfinished)
        if output:
            write(output, text)
        if choice.raw:
            write(choice.raw, json.dumps(samples(contests), indent=1) + "\n")

    options.CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="run-", dir=options.CACHE) as folder:
        code = choice.tutorial_code.absolute() if choice.tutorial_code else None
        workshop = Workshop(binary, pythons(choice, chosen), pathlib.Path(folder), code, choice.time_limit)
        contests, interrupted = suite.contests(chosen, workshop), False
        try:
            measure(contests, chosen.rounds, publish)
        except KeyboardInterrupt:
            interrupted = True
    print(text, end="")
    if output and text:
        say(f"written to {os.path.relpath(output)}")
    if interrupted:
        return 130
    return 1 if any(contest.failure for contest in contests) else 0
