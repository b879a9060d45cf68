"""A virtual screen with a window manager."""

import os
import subprocess

from support import until


class Screen:
    """An X server on a free display number, as a context manager."""

    def __enter__(self):
        reader, writer = os.pipe()
        self.server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1440x900x24", "-nolisten", "tcp"],
            pass_fds=[writer],
            stderr=subprocess.DEVNULL,
        )
        os.close(writer)
        with os.fdopen(reader) as number:
            self.name = ":" + number.readline().strip()
        self.manager = subprocess.Popen(
            ["openbox", "--sm-disable"],
            env={**os.environ, "DISPLAY": self.name},
            stderr=subprocess.DEVNULL,
        )
        # A window manager sets this property when it is ready.
        ready = ["xprop", "-display", self.name, "-root", "_NET_SUPPORTING_WM_CHECK"]
        until("a window manager", lambda: "window id" in output(ready))
        return self

    def __exit__(self, *_):
        for process in (self.manager, self.server):
            process.terminate()
            process.wait()


def output(command):
    """A command's standard output."""
    return subprocess.run(command, check=False, capture_output=True, text=True).stdout


def shot(name):
    """Saves a screenshot for people to look at."""
    directory = os.environ["LIVE_DASHBOARD_SHOTS"]
    os.makedirs(directory, exist_ok=True)
    picture = f"{directory}/{name}.png"

    def drawn():
        subprocess.run(["import", "-window", "root", picture], check=True)
        # A resized window has a single colour until it draws.
        return int(output(["identify", "-format", "%k", picture])) > 1

    until("something on the screen", drawn)


def keys(*names):
    """Presses keys."""
    subprocess.run(["xdotool", "key", "--delay", "40", *names], check=True)


def write(text):
    """Types a text."""
    subprocess.run(["xdotool", "type", "--delay", "20", text], check=True)
