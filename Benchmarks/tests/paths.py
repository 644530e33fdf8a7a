"""Lets the tests import the driver and the peers' helpers."""

import pathlib
import sys

BENCHMARKS = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(BENCHMARKS)]
