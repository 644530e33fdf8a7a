"""A program in a tmux of its own: typed to, looked at, captured."""

import itertools
import os
import re
import subprocess
import time

from terminal_picture import render, save, save_moving


class Screen:
    """A terminal of a given size with one program in it.

    It has its own tmux server, without the user's configuration, and is closed with `with`.
    """

    # A server that is being killed must not be taken for the next one.
    numbers = itertools.count(1)

    def __init__(self, command, columns, rows, environment=None, folder=None):
        self.size = (columns, rows)
        self.server = ["tmux", "-L", f"mvit-tui-pictures-{os.getpid()}-{next(self.numbers)}", "-f", "/dev/null"]
        words = ["env", "COLORTERM=truecolor", "LC_ALL=C.UTF-8"]
        words += [f"{key}={value}" for key, value in (environment or {}).items()]
        self._tmux("new-session", "-d", "-x", str(columns), "-y", str(rows), *(["-c", str(folder)] if folder else []), *words, *command)
        self._tmux("set", "-g", "status", "off")
        self._tmux("set", "-g", "remain-on-exit", "on")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._tmux("kill-server", check=False)

    def _tmux(self, *words, check=True):
        environment = {key: value for key, value in os.environ.items() if key != "TMUX"}
        return subprocess.run(self.server + list(words), check=check, capture_output=True, text=True, env=environment).stdout

    def press(self, *keys):
        """Types keys under tmux's names, one after the other."""
        for key in keys:
            self._tmux("send-keys", key)
            time.sleep(0.15)

    def text(self):
        return self._tmux("capture-pane", "-p")

    def wait_for(self, words, seconds=120):
        """Waits until one of `words` is on the screen."""
        words = [words] if isinstance(words, str) else words
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            screen = self.text()
            if any(word in screen for word in words):
                return
            time.sleep(0.2)
        raise TimeoutError(f"none of {words} came; the screen is:\n{self.text()}")

    def match(self, pattern):
        """The pattern's group as it stands on the screen now, or None."""
        match = re.search(pattern, self.text())
        return match.group(1) if match else None

    def wait_for_match(self, pattern, old=(), seconds=20):
        """Waits until the pattern's group is on the screen with a text that is none of `old`, and returns it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            text = self.match(pattern)
            if text is not None and text not in old:
                return text
            time.sleep(0.1)
        raise TimeoutError(f"{pattern} came with nothing but {list(old)}; the screen is:\n{self.text()}")

    def resize(self, columns, rows):
        self.size = (columns, rows)
        self._tmux("resize-window", "-x", str(columns), "-y", str(rows))
        time.sleep(0.5)

    def image(self):
        return render(self._tmux("capture-pane", "-p", "-e", "-N"), *self.size)

    def picture(self, path, settle=0.6):
        """Writes what is on the screen as a PNG."""
        time.sleep(settle)
        save(self.image(), path)
        print(path)

    def record(self, path, keys, pause=0.7):
        """Writes a GIF of the screen as it goes on by itself, while `keys` are typed: each (key or None, frames after it)."""
        images, seconds = [], []
        for key, frames in keys:
            if key:
                self.press(key)
            for _ in range(frames):
                time.sleep(pause)
                images.append(self.image())
                seconds.append(pause)
        seconds[-1] = 3
        save_moving(images, seconds, path)
        print(path)
