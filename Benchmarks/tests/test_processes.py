"""Processes that work, fail, hang or babble."""

import os
import sys
import unittest
from unittest import mock

import paths  # noqa: F401  (finds the driver)
from driver import processes
from driver.processes import ProcessFailure


def python(code):
    return [sys.executable, "-c", code]


class Run(unittest.TestCase):
    def test_the_last_line_is_the_result_and_memory_is_the_whole_process(self):
        result = processes.run(python("x = bytearray(200_000_000); print('noise'); print('{\"loss\": 2.5}')"))
        self.assertEqual(result["loss"], 2.5)
        self.assertGreater(result["peak_memory_bytes"], 200_000_000)
        self.assertLess(result["peak_memory_bytes"], 300_000_000)

    def test_a_failure_tells_its_error_without_paths(self):
        with self.assertRaises(ProcessFailure) as caught:
            processes.run(python("raise ValueError('cannot read /home/someone/data.bin')"))
        self.assertEqual(str(caught.exception), "exit code 1: ValueError: cannot read data.bin")

    def test_a_signal_is_named(self):
        with self.assertRaises(ProcessFailure) as caught:
            processes.run(python("import os; os.kill(os.getpid(), 9)"))
        self.assertEqual(str(caught.exception), "ended by SIGKILL")

    def test_a_process_that_does_not_end_is_ended(self):
        with self.assertRaises(ProcessFailure) as caught:
            processes.run(python("import signal; signal.pause()"), limit=0.2)
        self.assertEqual(str(caught.exception), "took more than 0.2 s")

    def test_silence_and_missing_programs_are_failures(self):
        for command in (python("pass"), python("print('[1]')"), ["/does/not/exist"]):
            with self.assertRaises(ProcessFailure):
                processes.run(command)

    def test_settings_of_the_callers_shell_do_not_reach_a_peer(self):
        code = "import json, os; print(json.dumps({k: os.environ.get(k) for k in ('OMP_NUM_THREADS', 'MALLOC_ARENA_MAX', 'HOME')}))"
        with mock.patch.dict(os.environ, {"OMP_NUM_THREADS": "7", "MALLOC_ARENA_MAX": "1", "HOME": "/"}):
            result = processes.run(python(code), {"MALLOC_ARENA_MAX": "2"})
        self.assertEqual([result[k] for k in ("OMP_NUM_THREADS", "MALLOC_ARENA_MAX", "HOME")], [None, "2", "/"])


class FirstStep(unittest.TestCase):
    def test_ends_at_the_first_step(self):
        code = "import signal; print('hello'); print('{\"event\": \"step\", \"loss\": 1}', flush=True); signal.pause()"
        result = processes.run_until_step(python(code), limit=60)
        self.assertEqual(result["loss"], 1)
        self.assertGreater(result["first_step_seconds"], 0)

    def test_a_process_without_a_step_fails(self):
        with self.assertRaises(ProcessFailure) as caught:
            processes.run_until_step(python("import sys; sys.exit('error: no images')"))
        self.assertEqual(str(caught.exception), "exit code 1: error: no images")


if __name__ == "__main__":
    unittest.main()
