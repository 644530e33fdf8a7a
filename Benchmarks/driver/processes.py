"""Runs one measured process."""

import json
import os
import re
import signal
import subprocess
import tempfile
import threading
import time

from .machine import Clock

# Settings of the caller's shell that would change what a peer does by default.
PERSONAL = re.compile(
    r"(MALLOC_|GLIBC_TUNABLES$|LD_PRELOAD$|THP_|OMP_|GOMP_|KMP_|MKL_|OPENBLAS_|DNNL_|ONEDNN_|TORCH|ATEN_|FLAGS_|PYTHON|VIRTUAL_ENV$)")


class ProcessFailure(Exception):
    """Why a process gave no result, in a few words without paths."""


def clean_environment(additions):
    return {**{k: v for k, v in os.environ.items() if not PERSONAL.match(k)}, **additions}


def run(command, additions=None, limit=3600):
    """The JSON object on a process's last line of output, with `peak_memory_bytes` of the whole process and, in `others`, the
    share of the machine that others took meanwhile.

    Raises ProcessFailure. The peak cannot be below the driver's own size (about 20 MB), which a child inherits for a moment.
    """
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+", errors="replace") as messages:
        process = spawn(command, additions, output, messages)
        clock, timer = Clock(), threading.Timer(limit, kill, [process])
        timer.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        except BaseException:
            end(process)
            raise
        finally:
            overdue = not timer.is_alive()
            timer.cancel()
        if process.returncode != 0:
            messages.seek(0)
            raise ProcessFailure(f"took more than {limit} s" if overdue else reason(process.returncode, messages.read()))
        output.seek(0)
        result = last_object(output.read())
        result["peak_memory_bytes"] = usage.ru_maxrss * 1024
        result["others"] = clock.others(usage.ru_utime + usage.ru_stime)
        return result


def run_until_step(command, additions=None, limit=3600):
    """Seconds from a process's start to its line {"event":"step",...}, as {"first_step_seconds": ..., rest of the line}; then
    ends the process. Raises ProcessFailure."""
    with tempfile.TemporaryFile("w+", errors="replace") as messages:
        begin = time.perf_counter()
        process = spawn(command, additions, subprocess.PIPE, messages)
        timer = threading.Timer(limit, kill, [process])
        timer.start()
        try:
            for line in process.stdout:
                if '"event"' in line and json.loads(line)["event"] == "step":
                    return {**json.loads(line), "first_step_seconds": time.perf_counter() - begin}
            code = process.wait()
        finally:
            overdue = not timer.is_alive()
            timer.cancel()
            end(process)
        messages.seek(0)
        raise ProcessFailure(f"took more than {limit} s" if overdue else reason(code, messages.read()))


def spawn(command, additions, output, messages):
    try:
        return subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=output, stderr=messages, text=True,
                                env=clean_environment(additions or {}), start_new_session=True)
    except OSError as error:
        raise ProcessFailure(f"could not start: {error.strerror}") from None


def kill(process):
    """Kills a process that has not been waited for, with its children."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def end(process):
    if process.returncode is None:
        kill(process)
        process.wait()
    if process.stdout:
        process.stdout.close()


def last_object(text):
    lines = text.strip().splitlines()
    try:
        result = json.loads(lines[-1])
        if isinstance(result, dict):
            return result
    except (IndexError, ValueError):
        pass
    raise ProcessFailure("printed no result")


def reason(code, messages):
    """The last line that tells something, with files' names instead of their paths."""
    ended = f"ended by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
    lines = [line.strip() for line in messages.splitlines() if line.strip()]
    telling = [line for line in lines if re.match(r"([\w.]*Error|[\w.]*Exception|error)\b", line, re.IGNORECASE)] or lines
    if not telling:
        return ended
    return f"{ended}: " + re.sub(r"(?:/[\w.+\-]+)+/", "", telling[-1])[:160]
