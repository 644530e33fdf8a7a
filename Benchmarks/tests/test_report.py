"""What a run selects and what its report says."""

import contextlib
import io
import pathlib
import unittest

import paths  # noqa: F401  (finds the driver)
from driver import options, report, suite
from driver.catalogue import Configuration
from driver.commands import Workshop
from driver.contest import Contest
from driver.processes import ProcessFailure


def rows(*arguments):
    selection = options.selection(options.parse(arguments))
    return [str(contest) for contest in suite.contests(selection, Workshop(pathlib.Path(), {}, pathlib.Path()))]


def played(theirs, ours, section="training", peer="Peer"):
    contest = Contest(section, "mobilevit_xxs", Configuration(64, 8), 2, peer, theirs, ours)
    contest.play(1)
    return contest


def failing():
    raise ProcessFailure("exit code 1: a | b")


class Choice(unittest.TestCase):
    def test_filters_narrow_the_rows(self):
        self.assertEqual(rows("--only", "training", "--models", "mobilevit_s", "--configurations", "256x256b16", "--threads", "2,1"), [
            "training: mobilevit_s 256x256b16, 2 threads, PyTorch", "training: mobilevit_s 256x256b16, 2 threads, PyTorch tuned",
            "training: mobilevit_s 256x256b16, 1 thread, PyTorch", "training: mobilevit_s 256x256b16, 1 thread, PyTorch tuned"])

    def test_the_tutorials_models_are_not_asked_for_sizes_that_they_cannot_take(self):
        common = ("--only", "training", "--peers", "paddle", "--models", "tutorial_mobilevit_s", "--tutorial-code", __file__)
        self.assertEqual(rows(*common, "--configurations", "224x224b16"), [])
        self.assertEqual(len(rows(*common, "--configurations", "256x256b16")), 1)

    def test_wrong_values_are_refused(self):
        wrong = (["--models", "resnet"], ["--configurations", "256x128b4"], ["--configurations", "256"], ["--threads", "0"],
                 ["--models", "tutorial_mobilevit_s"], ["--tutorial-code", "/does/not/exist"], ["--binary", "/does/not/exist"],
                 ["--venv", "/does/not/exist"], ["--paddle-venv", "/does/not/exist"])
        for arguments in wrong:
            with self.subTest(arguments), contextlib.redirect_stderr(io.StringIO()), self.assertRaises(SystemExit):
                options.parse(arguments)


class Markdown(unittest.TestCase):
    def test_figures_stand_in_the_tables_of_their_measures(self):
        theirs = {"loss": 2.5, "step_seconds": 3.0, "peak_memory_bytes": 900e6, "evaluation_images_per_second": 10, "others": 0.02,
                  "versions": {"torch": "2"}}
        ours = {"loss": 2.50001, "step_seconds": 1.5, "peak_memory_bytes": 300e6, "evaluation_images_per_second": 40, "others": 0.04}
        text = report.markdown([played(lambda: theirs, lambda: ours)], "2030-01-02", [("processor", "P")], rounds=1)
        common = "| mobilevit_xxs | 64x64b8 | 2 | Peer | "
        self.assertIn(common + "3.000 | 1.500 | **2.00x** | 2.00-2.00 | 1.0e-05 |", text)
        self.assertIn(common + "900 | 300 | **3.00x** | 3.00-3.00 |", text)
        self.assertIn(common + "10.0 | 40.0 | **4.00x** | 4.00-4.00 |", text)
        self.assertIn("| torch | 2 |", text)
        self.assertIn("| processor time that others took | 3.0% in the median process, 4.0% at most |", text)
        self.assertNotIn("Not measured", text)

    def test_a_failed_row_gives_its_reason_and_no_figure(self):
        text = report.markdown([played(failing, dict)], "2030-01-02", [], rounds=1)
        self.assertIn("## Not measured", text)
        self.assertIn("| mobilevit_xxs | 64x64b8 | 2 | Peer | Peer: exit code 1: a \\| b |", text)
        self.assertNotIn("**", text)

    def test_smoke_and_unfinished_runs_say_so(self):
        text = report.markdown([], "2030-01-02", [], rounds=1, smoke=True, unfinished=3)
        self.assertIn("figures mean nothing", text)
        self.assertIn("rows not measured: 3", text)


if __name__ == "__main__":
    unittest.main()
