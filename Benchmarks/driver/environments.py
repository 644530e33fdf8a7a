"""Sets up what is measured: the peers' virtual environments and our release build."""

import pathlib
import subprocess
import sys

from .options import CACHE

BENCHMARKS = pathlib.Path(__file__).resolve().parent.parent
REPOSITORY = BENCHMARKS.parent
PEERS = BENCHMARKS / "peers"
SAMPLE_DATA = REPOSITORY / "sample-data" / "fashion-mnist"


class SetUpError(Exception):
    """One sentence on what could not be set up, and the cure."""


def python_of(name, existing):
    """The interpreter of an environment: of the one that the user names, else of our own, made when it is not there.

    name: "pytorch" or "paddle", as in requirements-NAME.txt.
    """
    if existing:
        return existing.absolute() / "bin" / "python"  # not resolved: the link is what makes it an environment
    folder = CACHE / ("venv" if name == "pytorch" else "venv-" + name)
    requirements = BENCHMARKS / f"requirements-{name}.txt"
    stamp = folder / "installed-requirements.txt"
    if not stamp.exists() or stamp.read_text() != requirements.read_text():
        print(f"setting up the environment of {name}; this takes minutes and gigabytes, once", file=sys.stderr)
        install(folder, requirements)
        stamp.write_text(requirements.read_text())
    return folder / "bin" / "python"


def install(folder, requirements):
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    except subprocess.CalledProcessError:
        raise SetUpError("python3 -m venv failed; on Debian and Ubuntu install python3-venv") from None
    try:
        subprocess.run([folder / "bin" / "python", "-m", "pip", "install", "--disable-pip-version-check", "-r", requirements],
                       check=True, stdout=sys.stderr)
    except subprocess.CalledProcessError:
        raise SetUpError(f"pip could not install {requirements.name}; its messages above say why") from None


def build():
    """The path of a fresh release build of mvit-tui."""
    command = ["swift", "build", "-c", "release", "--product", "mvit-tui"]
    try:
        subprocess.run(command, cwd=REPOSITORY, check=True, stdout=sys.stderr)
        folder = subprocess.run([*command, "--show-bin-path"], cwd=REPOSITORY, check=True, stdout=subprocess.PIPE, text=True).stdout
    except FileNotFoundError:
        raise SetUpError("swift was not found; install a Swift 6 toolchain or name a program with --binary") from None
    except subprocess.CalledProcessError:
        raise SetUpError("mvit-tui could not be built; the compiler's messages above say why") from None
    return pathlib.Path(folder.strip()) / "mvit-tui"
