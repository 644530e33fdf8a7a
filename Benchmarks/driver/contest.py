"""One row: two sides that run in turn, and what their figures say."""

import statistics
from dataclasses import dataclass, field
from typing import Callable

from .catalogue import Configuration
from .processes import ProcessFailure

LOSS_TOLERANCE = 1e-4
LOWER_IS_BETTER = {"step_seconds", "seconds_per_megapixel", "peak_memory_bytes", "first_step_seconds"}


@dataclass
class Contest:
    """Two ways to measure once, each in a process of its own; a sample is a dictionary of figures."""

    section: str
    model: str
    configuration: Configuration
    threads: int
    peer: str  # its name for readers
    theirs: Callable[[], dict]
    ours: Callable[[], dict]
    rounds: list = field(default_factory=list)  # [(their sample, our sample)]
    failure: str | None = None

    def __str__(self):
        threads = "1 thread" if self.threads == 1 else f"{self.threads} threads"
        return f"{self.section}: {self.model} {self.configuration}, {threads}, {self.peer}"

    def play(self, rounds, tell=lambda pair: None):
        """Runs both sides in turn; who begins changes from round to round, so that a drift of the machine cancels out.

        Stops at the first failure, or when the two do not compute the same loss, and keeps the reason.
        """
        for number in range(rounds):
            try:
                if number % 2 == 0:
                    theirs = self.measured(self.peer, self.theirs)
                    ours = self.measured("mvit-tui", self.ours)
                else:
                    ours = self.measured("mvit-tui", self.ours)
                    theirs = self.measured(self.peer, self.theirs)
            except ProcessFailure as failure:
                self.failure = str(failure)
                return
            self.rounds.append((theirs, ours))
            difference = self.loss_difference()
            if difference is not None and not difference <= LOSS_TOLERANCE:  # NaN is no agreement either
                self.failure = f"the losses differ: {theirs['loss']:.6f}, ours {ours['loss']:.6f}"
                return
            tell(self.rounds[-1])

    @staticmethod
    def measured(name, side):
        try:
            return side()
        except ProcessFailure as failure:
            raise ProcessFailure(f"{name}: {failure}") from None

    def has(self, measure):
        return bool(self.rounds) and all(measure in theirs and measure in ours for theirs, ours in self.rounds)

    def loss_difference(self):
        """The largest difference between the two first losses, or None where the sides start from different weights."""
        if self.section not in ("training",) or not self.has("loss"):
            return None
        return max((abs(theirs["loss"] - ours["loss"]) for theirs, ours in self.rounds), key=lambda d: (d != d, d))

    def comparison(self, measure):
        return Comparison([theirs[measure] for theirs, _ in self.rounds], [ours[measure] for _, ours in self.rounds],
                          measure in LOWER_IS_BETTER)


class Comparison:
    """A measure over all rounds. Ratios say how many times better we are, each within its round."""

    def __init__(self, theirs, ours, lower_is_better):
        self.their_median, self.our_median = statistics.median(theirs), statistics.median(ours)
        self.ratios = [t / o if lower_is_better else o / t for t, o in zip(theirs, ours)]
        self.ratio, self.lowest, self.highest = statistics.median(self.ratios), min(self.ratios), max(self.ratios)
