"""Describes the machine, without its name, and watches what else runs on it."""

import os
import pathlib
import platform
import re
import subprocess


def read(path):
    try:
        return pathlib.Path(path).read_text()
    except OSError:
        return ""


class Clock:
    """Measures the share of the machine's processor time that others take, from its making on."""

    def __init__(self):
        self.begin = self.now()

    @staticmethod
    def now():
        """(busy or stolen, all) seconds of all processors since boot."""
        fields = read("/proc/stat").partition("\n")[0].split()[1:9]
        if len(fields) < 8:
            return None
        user, nice, system, idle, waiting, interrupts, soft, stolen = (int(f) / os.sysconf("SC_CLK_TCK") for f in fields)
        busy = user + nice + system + interrupts + soft + stolen
        return busy, busy + idle + waiting

    def others(self, own_seconds):
        """Share, 0 to 1, that was not ours, or None where the system does not tell."""
        now = self.now()
        if now is None or self.begin is None or now[1] <= self.begin[1]:
            return None
        return min(1.0, max(0.0, (now[0] - self.begin[0] - own_seconds) / (now[1] - self.begin[1])))


def processor():
    match = re.search(r"^model name\s*:\s*(.+)$", read("/proc/cpuinfo"), re.MULTILINE)
    return match[1] if match else platform.machine()


def vector_sets():
    match = re.search(r"^(?:flags|Features)\s*:\s*(.+)$", read("/proc/cpuinfo"), re.MULTILINE)
    flags = match[1].split() if match else []
    return " ".join(flag for flag in ("asimd", "avx2", "fma", "avx512f", "avx512_bf16", "amx_tile") if flag in flags)


def caches():
    found = {}
    for index in sorted(pathlib.Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        if read(index / "type").strip() != "Instruction":
            found["L" + read(index / "level").strip()] = read(index / "size").strip()
    return ", ".join(f"{level} {size}" for level, size in found.items())


def memory_gigabytes():
    match = re.search(r"^MemTotal:\s*(\d+)", read("/proc/meminfo"), re.MULTILINE)
    return f"{int(match[1]) / 1024 ** 2:.0f} GB" if match else ""


def system():
    match = re.search(r'^PRETTY_NAME="?([^"\n]+)', read("/etc/os-release"), re.MULTILINE)
    kernel = re.match(r"\d+(\.\d+)*", platform.release())
    return f"{match[1] if match else platform.system()}, kernel {kernel[0] if kernel else 'unknown'}"


def huge_pages():
    match = re.search(r"\[(\w+)\]", read("/sys/kernel/mm/transparent_hugepage/enabled"))
    return match[1] if match else "unknown"


def first_line(command, folder=None):
    try:
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.strip().partition("\n")[0]
    except (OSError, subprocess.CalledProcessError):
        return ""


def description(repository, given_binary):
    """[(what, text)] of what figures depend on; given_binary: whether a program is measured that was not built here."""
    commit = first_line(["git", "describe", "--always", "--dirty"], repository)
    swift = re.search(r"Swift version ([\d.]+)", first_line(["swift", "--version"]))
    program = "a program that was given" if given_binary else commit and f"commit {commit}"
    return [(what, text) for what, text in (
        ("processor", processor()), ("processors for us", str(len(os.sched_getaffinity(0)))), ("vector sets", vector_sets()),
        ("caches of a core", caches()), ("memory", memory_gigabytes()), ("system", system()), ("transparent huge pages", huge_pages()),
        ("load average at the start", f"{os.getloadavg()[0]:.2f}"), ("mvit-tui", program),
        ("Swift", swift[1] if swift else "")) if text]
