"""How rounds become ratios, and when a row gives none."""

import unittest

import paths  # noqa: F401  (finds the driver)
from driver.catalogue import Configuration
from driver.contest import Comparison, Contest
from driver.processes import ProcessFailure


def contest(theirs, ours, section="training"):
    return Contest(section, "mobilevit_xxs", Configuration(64, 8), 2, "Peer", theirs, ours)


class Rounds(unittest.TestCase):
    def test_sides_take_turns_in_beginning(self):
        order = []
        played = contest(lambda: order.append("theirs") or {}, lambda: order.append("ours") or {})
        played.play(3)
        self.assertEqual(order, ["theirs", "ours", "ours", "theirs", "theirs", "ours"])
        self.assertIsNone(played.failure)

    def test_a_failing_peer_is_named_and_not_tried_again(self):
        tries = []

        def broken():
            tries.append(1)
            raise ProcessFailure("exit code 1: no such module")

        played = contest(broken, lambda: {"loss": 1.0})
        played.play(5)
        self.assertEqual(played.failure, "Peer: exit code 1: no such module")
        self.assertEqual(len(tries), 1)

    def test_losses_must_agree(self):
        for theirs, ours, agrees in ((2.30000, 2.30009, True), (2.3000, 2.3002, False), (2.3, float("nan"), False)):
            played = contest(lambda: {"loss": theirs, "step_seconds": 1.0}, lambda: {"loss": ours, "step_seconds": 1.0})
            played.play(2)
            self.assertEqual(played.failure is None, agrees, (theirs, ours))
            self.assertEqual(len(played.rounds), 2 if agrees else 1)

    def test_losses_of_different_weights_are_not_compared(self):
        played = contest(lambda: {"loss": 1.0}, lambda: {"loss": 2.0}, section="odd maps")
        played.play(1)
        self.assertIsNone(played.failure)


class Ratios(unittest.TestCase):
    def test_the_median_of_ratios_is_taken_within_rounds(self):
        # The machine is twice as slow in the second round: the medians of the times would say 3 / 2 = 1.5.
        result = Comparison([2.0, 6.0, 3.0], [1.0, 2.0, 2.0], lower_is_better=True)
        self.assertEqual((result.ratio, result.lowest, result.highest), (2.0, 1.5, 3.0))
        self.assertEqual((result.their_median, result.our_median), (3.0, 2.0))

    def test_more_is_better_for_rates(self):
        self.assertEqual(Comparison([10.0], [30.0], lower_is_better=False).ratio, 3.0)


if __name__ == "__main__":
    unittest.main()
