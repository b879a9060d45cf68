"""The desktop app, observed from outside."""

import os
import signal
import subprocess
import sys
import tempfile

from support.screen import output

PROGRAM = os.environ["LIVE_DASHBOARD_APP"]


def surroundings(home):
    """An environment without the files and settings of this machine's user."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("LIVE_DASHBOARD_", "XDG_")) and not name.lower().endswith("_proxy")
    }
    runtime = f"{home}/run"
    os.makedirs(runtime, mode=0o700, exist_ok=True)
    return {
        **kept,
        "HOME": home,
        "XDG_RUNTIME_DIR": runtime,
        "NO_AT_BRIDGE": "0",
        # There is no graphics card behind this screen.
        "WEBKIT_DISABLE_DMABUF_RENDERER": "1",
        "LIBGL_ALWAYS_SOFTWARE": "1",
    }


class App:
    """A running app."""

    def __init__(self, home, *arguments, env=None, program=PROGRAM):
        self.home = home
        self.log = open(f"{home}/app.log", "ab")
        self.process = subprocess.Popen(
            [program, *arguments],
            env={**surroundings(home), **(env or {})},
            stdout=self.log,
            stderr=self.log,
            # So that signals reach the processes of its pages too.
            start_new_session=True,
        )

    def output(self):
        """What the app has logged."""
        with open(f"{self.home}/app.log", errors="replace") as log:
            return log.read()

    def send(self, number):
        """Signals the app and the processes of its pages."""
        os.killpg(self.process.pid, number)

    def end(self):
        """Kills the app and prints its output."""
        if self.process.poll() is None:
            self.send(signal.SIGCONT)
            self.send(signal.SIGKILL)
        self.process.wait()
        self.log.close()
        print(self.output(), file=sys.stderr, end="")

    def helpers(self, name):
        """The ids of WebKit's processes of this name."""
        found = output(["pgrep", "--session", str(self.process.pid), "--full", f"/{name}"])
        return [int(line) for line in found.split()]

    def windows(self):
        """The ids and titles of the windows that the window manager knows."""
        found = []
        for line in output(["wmctrl", "-l", "-p"]).splitlines():
            window, _, owner, _, *title = line.split(None, 4)
            if int(owner) == self.process.pid:
                found.append((window, title[0] if title else ""))
        return found

    def title(self):
        return self.windows()[0][1]

    def close_window(self):
        """Closes the first window like the button in its frame."""
        subprocess.run(["wmctrl", "-i", "-c", self.windows()[0][0]], check=True)

    def geometry(self):
        """The position and size of the first window."""
        info = output(["xwininfo", "-id", self.windows()[0][0]])
        numbers = {}
        for line in info.splitlines():
            name, _, value = line.partition(":")
            numbers[name.strip()] = value.strip()
        return tuple(
            int(numbers[name])
            for name in ("Absolute upper-left X", "Absolute upper-left Y", "Width", "Height")
        )


class Browser(App):
    """A browser's window with nothing but the page."""

    def __init__(self, home, url, accessible):
        arguments = [
            f"--app={url}",
            f"--user-data-dir={tempfile.mkdtemp(dir=home)}",
            "--no-first-run",
            "--disable-gpu",
            "--window-size=1200,800",
        ]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")
        if accessible:
            arguments.append("--force-renderer-accessibility")
        env = {"ACCESSIBILITY_ENABLED": "1"} if accessible else {}
        super().__init__(home, *arguments, env=env, program=os.environ["CHROMIUM"])
