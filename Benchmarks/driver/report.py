"""The report in Markdown."""

import statistics

SMOKE = "> A smoke run: it shows that everything works, and its figures mean nothing."

# (section of the contests, measure, heading, what is shown, unit, scale, decimals)
TABLES = (
    ("training", "step_seconds", "Training step", "Seconds of a step: forward, loss, backward and update by SGD with momentum.", "s", 1, 3),
    ("training", "peak_memory_bytes", "Peak memory", "Of the whole processes that the table above timed.", "MB", 1e-6, 0),
    ("evaluation", "evaluation_images_per_second", "Evaluation", "Images a second in float32.", "images/s", 1, 1),
    ("training", "evaluation_images_per_second", "Evaluation in the training frameworks",
     "Images a second, after the training steps.", "images/s", 1, 1),
    ("first-step", "first_step_seconds", "First step",
     "Seconds from the start of the process to the first finished step on sample-data.", "s", 1, 2),
    ("threads", "step_seconds", "Threads", "Seconds of our training step with all threads and with one.", "s", 1, 3),
    ("odd maps", "seconds_per_megapixel", "224x224", "Milliseconds of our training step for a million pixels, against 256x256.",
     "ms", 1e3, 1),
)

METHOD = """\
Each row ran both sides in turn, a process each, {rounds}; a process left out its first two steps and reports the median
of the others. The ratio says how many times better mvit-tui is: the median of the rounds' ratios, with the lowest and the highest.
Training sides started from the same weights and batch; the loss column is the largest difference between their first losses, and
above 1e-4 a row gives no ratio."""


def table(headings, rows):
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def amount(value, scale, decimals):
    return f"{value * scale:,.{decimals}f}"


def row(contest, measure, scale, decimals):
    result = contest.comparison(measure)
    cells = [contest.model, str(contest.configuration), str(contest.threads), contest.peer,
             amount(result.their_median, scale, decimals), amount(result.our_median, scale, decimals),
             f"**{result.ratio:.2f}x**", f"{result.lowest:.2f}-{result.highest:.2f}"]
    if measure == "step_seconds" and contest.section == "training":
        cells.append(f"{contest.loss_difference():.1e}")
    return cells


def tables(contests):
    for section, measure, heading, shown, unit, scale, decimals in TABLES:
        members = [c for c in contests if c.section == section and not c.failure and c.has(measure)]
        if members:
            headings = ["model", "images", "threads", "against", f"theirs, {unit}", f"ours, {unit}", "ratio", "spread"]
            if measure == "step_seconds" and section == "training":
                headings.append("loss")
            yield f"## {heading}\n\n{shown}\n\n" + table(headings, [row(c, measure, scale, decimals) for c in members])


def failures(contests):
    failed = [c for c in contests if c.failure]
    if failed:
        rows = [[c.model, str(c.configuration), str(c.threads), c.peer, c.failure.replace("|", "\\|")] for c in failed]
        yield "## Not measured\n\n" + table(["model", "images", "threads", "against", "reason"], rows)


def quietness(contests):
    """What others took of the machine while samples were measured, or None."""
    shares = [sample["others"] for c in contests for pair in c.rounds for sample in pair if sample.get("others") is not None]
    if not shares:
        return None
    return f"{statistics.median(shares):.1%} in the median process, {max(shares):.1%} at most"


def versions(contests):
    found = {}
    for contest in contests:
        for sample in (sample for pair in contest.rounds for sample in pair):
            found.update(sample.get("versions", {}))
    return sorted(found.items())


def markdown(contests, date, machine, rounds, smoke=False, unfinished=0):
    """machine: [(what, text)]; unfinished: rows not measured yet."""
    facts = [*machine, *versions(contests)]
    quiet = quietness(contests)
    if quiet:
        facts.append(("processor time that others took", quiet))
    parts = [f"# Benchmarks of {date}"]
    if smoke:
        parts.append(SMOKE)
    if unfinished:
        parts.append(f"> Ended early; rows not measured: {unfinished}.")
    parts.append(METHOD.format(rounds="once" if rounds == 1 else f"{rounds} times"))
    parts += [*tables(contests), *failures(contests)]
    parts.append("## Machine\n\n" + table(["what", ""], [[what, text] for what, text in facts]))
    return "\n\n".join(parts) + "\n"
