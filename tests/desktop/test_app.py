"""The app as it is installed, against the real hub."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from support import tree, until
from support.app import PROGRAM, App, surroundings
from support.hub import Hub, Stranger
from support.screen import keys, output, shot, write


def end(process):
    """Ends a process that is not ours, and waits for its end."""
    os.kill(process, signal.SIGTERM)

    def is_over():
        try:
            with open(f"/proc/{process}/stat") as stat:
                return stat.read().rpartition(")")[2].split()[0] == "Z"
        except FileNotFoundError:
            return True

    until("the end of the app", is_over)


class Desktop(unittest.TestCase):
    def setUp(self):
        # The web engine's processes end after the app's, and write until then.
        place = tempfile.TemporaryDirectory(prefix="live-dashboard-", ignore_cleanup_errors=True)
        self.addCleanup(place.cleanup)
        self.home = place.name
        self.hub = Hub(self.home)
        self.addCleanup(lambda: self.hub.kill())

    def app(self, *arguments, **options):
        """A running app, which ends with the test."""
        app = App(self.home, *arguments, **options)
        self.addCleanup(app.end)
        return app

    def viewer(self, *arguments, **options):
        """An app that watches the hub."""
        app = self.app("--hub", self.hub.url, *arguments, **options)
        self.wait_for_viewers(1)
        until("a live title", lambda: "●" in app.title())
        return app

    def wait_for_viewers(self, count, seconds=30):
        until(f"{count} viewers", lambda: self.hub.count() == count, seconds)

    def wait_for_windows(self, app, count):
        until(f"{count} windows", lambda: len(app.windows()) == count)

    def wait_for_values(self, app, seconds=20):
        """Publishes values that no earlier message had, and waits until the app
        shows them."""
        Desktop.serial = getattr(Desktop, "serial", 31_000) + 7
        users = Desktop.serial
        values = [
            ("Active Users", f"{users:,}"),
            ("Requests/sec", "4,521"),
            ("Error Rate", "2.3"),
            ("Avg Latency", "45"),
        ]

        def there():
            # Repeatedly: an app that is reconnecting misses some.
            self.hub.stats(users, 4521, 0.023, 45)
            return all(value in tree.card(app, label) for label, value in values)

        try:
            until(f"the values with {users}", there, seconds)
        except AssertionError as error:
            shot("missing")
            raise AssertionError(f"{error}; instead: {tree.words(app)}") from None

    def see(self, app, words, seconds=20):
        """Waits until the app shows these words."""
        try:
            until(words, lambda: words in tree.words(app), seconds)
        except AssertionError as error:
            shot("missing")
            raise AssertionError(f"{error}; instead: {tree.words(app)}") from None

    def test_the_app_shows_published_values_until_its_window_is_closed(self):
        app = self.viewer()
        self.wait_for_values(app)
        self.hub.publish("alert", {"level": "warning", "message": "Disk at 91%"})
        self.see(app, "Disk at 91%")
        self.hub.publish("chart-data", {"timestamp": int(time.time()), "requests": 4521, "errors": 12})
        self.see(app, "4,521")
        shot("live")

        self.hub.kill()
        self.see(app, "Cannot reach the hub")
        until("a title without the live mark", lambda: "●" not in app.title())
        shot("hub-gone")
        self.hub.start()
        self.wait_for_viewers(1)
        self.wait_for_values(app)

        app.close_window()
        self.wait_for_viewers(0, seconds=5)
        self.assertEqual(app.process.wait(timeout=10), 0)
        self.assertNotIn("panicked", app.output())

    def test_the_first_run_asks_for_a_hub_and_explains_errors(self):
        stranger = Stranger()
        self.addCleanup(stranger.end)
        app = self.app()
        field = lambda: tree.find(app, "entry", "Hub address")
        until("the form", field)

        def answer(hub, dashboard=""):
            until("the form", field).get_component_iface().grab_focus()
            keys("ctrl+a")
            write(hub)
            keys("Tab", "ctrl+a", "BackSpace")
            write(dashboard)
            keys("Return")

        for hub, dashboard, words in [
            ("hub.example", "", "must start with"),
            ("http://host.invalid", "", "unknown host name"),
            ("http://127.0.0.1:1", "", "nothing listens on this port"),
            (self.hub.url.replace("http:", "https:"), "", "TLS failed: this port does not use TLS"),
            (stranger.url, "", "is not a hub (HTTP 501)"),
            (self.hub.url, "nope", "no dashboard `nope`"),
        ]:
            answer(hub, dashboard)
            self.see(app, words)
        shot("first-run")
        answer(self.hub.url)
        self.wait_for_viewers(1)
        self.wait_for_values(app)
        with open(f"{self.home}/.config/live-dashboard/config.toml") as settings:
            self.assertIn(self.hub.url, settings.read())
        app.close_window()
        app.process.wait(timeout=10)

        again = self.app()
        self.wait_for_viewers(1)
        self.wait_for_values(again)

    def test_a_second_window_is_a_second_viewer(self):
        app = self.viewer()
        keys("ctrl+n")
        self.wait_for_viewers(2)
        self.wait_for_windows(app, 2)
        keys("ctrl+w")
        self.wait_for_viewers(1)
        self.wait_for_windows(app, 1)
        self.wait_for_values(app)
        keys("ctrl+q")
        self.wait_for_viewers(0)
        self.assertEqual(app.process.wait(timeout=10), 0)

    def test_a_second_launch_focuses_the_first_window(self):
        app = self.viewer()
        other = subprocess.Popen(["xmessage", "-center", "in front"])
        self.addCleanup(lambda: (other.kill(), other.wait()))
        active = lambda: output(["xdotool", "getactivewindow", "getwindowname"]).strip()
        until("another window in front", lambda: active() == "xmessage")

        for arguments in [[], ["--hub", self.hub.url]]:
            second = App(self.home, *arguments)
            self.addCleanup(second.end)
            self.assertEqual(second.process.wait(timeout=10), 0)
            until("the app in front", lambda: active() == app.title())
            subprocess.run(["wmctrl", "-a", "xmessage"], check=True)
            until("another window in front", lambda: active() == "xmessage")
        self.assertEqual(len(app.windows()), 1)
        self.assertEqual(self.hub.count(), 1)

        light = App(self.home, "--hub", self.hub.url, "--theme", "light")
        self.addCleanup(light.end)
        self.assertEqual(light.process.wait(timeout=10), 0)
        self.wait_for_viewers(2)
        self.wait_for_windows(app, 2)

    def test_keys_full_screen_zoom_and_about(self):
        app = self.viewer()
        state = lambda: output(["xprop", "-id", app.windows()[0][0], "_NET_WM_STATE"])
        until("the window", lambda: tree.find(app, "menu", "View"))
        keys("F11")
        until("full screen", lambda: "FULLSCREEN" in state())
        until("no menu", lambda: app.geometry() == (0, 0, 1440, 900))
        shot("full-screen")
        keys("F11")
        until("a window again", lambda: "FULLSCREEN" not in state())
        keys("ctrl+t")
        until("always on top", lambda: "ABOVE" in state())
        keys("F1")
        self.see(app, "Version ")
        shot("about")
        keys("Escape")
        until("no About dialog", lambda: "Version " not in tree.words(app))
        keys("ctrl+plus", "ctrl+plus", "ctrl+minus")
        saved = f"{self.home}/.local/state/live-dashboard/window.toml"
        read = lambda: open(saved).read()
        until("a saved zoom", lambda: "zoom = 1.1\n" in read())
        self.assertIn("always_on_top = true", read())

    def test_the_window_position_is_restored(self):
        app = self.viewer()
        subprocess.run(["wmctrl", "-i", "-r", app.windows()[0][0], "-e", "0,90,70,700,500"], check=True)
        until("the new size", lambda: app.geometry()[2:] == (700, 500))
        was = app.geometry()
        app.close_window()
        app.process.wait(timeout=10)
        again = self.viewer()
        until("the same place and size", lambda: again.geometry() == was)

    def test_kiosk_fills_the_screen_without_a_menu(self):
        app = self.viewer("--kiosk", "--theme", "dark")
        self.wait_for_values(app)
        until("the whole screen", lambda: app.geometry() == (0, 0, 1440, 900))
        self.assertIsNone(tree.find(app, "menu", "View"))
        shot("wall")

    def test_a_minimized_window_stays_connected(self):
        app = self.viewer()
        self.wait_for_values(app)
        window = app.windows()[0][0]
        subprocess.run(["xdotool", "windowminimize", "--sync", window], check=True)
        # It draws nothing, but stays connected for longer than the timeouts of the
        # watchdog for a frozen window and of the hub for a silent viewer.
        end = time.monotonic() + 15
        while time.monotonic() < end:
            self.assertEqual(self.hub.count(), 1)
            time.sleep(0.5)
        self.assertNotIn("replacing a window", app.output())

    def test_after_suspend_the_app_reconnects_at_once(self):
        app = self.viewer()
        self.wait_for_values(app)
        app.send(signal.SIGSTOP)
        # Until the hub has dropped the viewer. The watchdog must not take the
        # pause for a freeze.
        self.wait_for_viewers(0, seconds=120)
        app.send(signal.SIGCONT)
        # One step of the backoff, and a margin for a slow machine.
        self.wait_for_viewers(1, seconds=5)
        self.wait_for_values(app)
        self.assertNotIn("replacing a window", app.output())

    def test_alerts_are_counted_and_notified_if_enabled(self):
        log = f"{self.home}/notifications"
        with open(log, "w") as output_file:
            notifier = subprocess.Popen(
                [sys.executable, f"{os.path.dirname(__file__)}/support/notifier.py"], stdout=output_file
            )
        self.addCleanup(lambda: (notifier.kill(), notifier.wait()))

        def line(number):
            """A line of the notifier's output, once it is complete."""
            lines = lambda: open(log).read().split("\n")
            return until(f"line {number} of the notifier", lambda: len(lines()) > number + 1 and lines()[number])

        self.assertEqual(line(0), "ready")
        app = self.viewer()
        self.wait_for_values(app)
        # Notifications are off by default: the first one is for the second alert.
        self.hub.publish("alert", {"level": "error", "message": "not notified"})
        self.see(app, "not notified")
        tree.press(until("the settings", lambda: tree.button(app, "Settings")))
        choice = lambda: tree.find(app, "check box", "System notifications")
        tree.press(until("the choice", choice))
        until("notifications on", lambda: tree.is_checked(choice()))
        self.hub.publish("alert", {"level": "error", "message": "a <b> & c", "key": "k"})
        first = json.loads(line(1))
        self.assertEqual(first["body"], "a &lt;b&gt; &amp; c")
        self.assertEqual(first["app"], "Live Dashboard")
        self.assertEqual(first["icon"], "live-dashboard")
        self.hub.publish("alert", {"level": "error", "message": "worse", "key": "k"})
        second = json.loads(line(2))
        self.assertEqual((second["body"], second["replaces"]), ("worse", 1))

        other = subprocess.Popen(["xmessage", "-center", "in front"])
        self.addCleanup(lambda: (other.kill(), other.wait()))
        active = lambda: output(["xdotool", "getactivewindow", "getwindowname"]).strip()
        until("another window in front", lambda: active() == "xmessage")
        self.hub.publish("alert", {"level": "warning", "message": "unseen"})
        until("the count in the title", lambda: app.title().startswith("(1)"))
        subprocess.run(["wmctrl", "-i", "-a", app.windows()[0][0]], check=True)
        until("no count in the title", lambda: app.title().startswith("●"))

    def test_the_viewer_can_switch_dashboards(self):
        layouts = f"{self.hub.directory}/dashboards"
        self.hub.kill()
        os.makedirs(layouts, exist_ok=True)
        for name, title in [("shop", "The shop"), ("plant", "The plant")]:
            with open(f"{layouts}/{name}.toml", "w") as file:
                file.write(f'title = "{title}"\nchannel = "{name}"\n\n')
                file.write('[[stat]]\nkey = "users"\nlabel = "Users"\nformat = "integer"\n')
        self.hub.start()
        app = self.app("--hub", self.hub.url)
        tree.press(until("the choice", lambda: tree.find(app, "link", "The shop")))
        until("the shop's title", lambda: "The shop" in app.title())
        until("the shop's viewer", lambda: self.hub.count("shop") == 1)
        tree.press(until("the way back", lambda: tree.find(app, "link", "All dashboards")))
        tree.press(until("the choice", lambda: tree.find(app, "link", "The plant")))
        until("the plant's title", lambda: "The plant" in app.title())
        until("only the plant's viewer", lambda: (self.hub.count("shop"), self.hub.count("plant")) == (0, 1))

    def test_the_app_starts_from_the_system_menu(self):
        share = os.environ["LIVE_DASHBOARD_SHARE"]
        launch = (
            "from gi.repository import Gio; "
            f"Gio.DesktopAppInfo.new_from_filename('{share}/applications/live-dashboard.desktop').launch()"
        )
        programs = os.path.dirname(PROGRAM)
        environment = surroundings(self.home)
        environment["PATH"] = f"{programs}:{environment['PATH']}"
        subprocess.run([sys.executable, "-c", launch], env=environment, check=True)
        titled = lambda: [line for line in output(["wmctrl", "-l", "-p"]).splitlines() if "Live Dashboard" in line]
        window = until("its window", titled)[0].split()
        self.addCleanup(end, int(window[2]))
        self.assertIn("live-dashboard", output(["xprop", "-id", window[0], "WM_CLASS"]))
        for size in ["48x48", "256x256"]:
            self.assertTrue(os.path.exists(f"{share}/icons/hicolor/{size}/apps/live-dashboard.png"))

    def test_clock_jumps_do_not_interrupt_the_app(self):
        clock = f"{self.home}/clock"
        with open(clock, "w") as file:
            file.write("+0")
        library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
        app = self.viewer(
            env={
                "LD_PRELOAD": library,
                "FAKETIME_TIMESTAMP_FILE": clock,
                "FAKETIME_NO_CACHE": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            }
        )
        self.wait_for_values(app)
        for jump in ["+3h", "-3h", "+400d", "+0"]:
            with open(clock, "w") as file:
                file.write(jump)
            self.wait_for_values(app)
        self.wait_for_viewers(1, seconds=5)
        self.assertIn("●", app.title())

    def test_a_crashed_page_is_replaced(self):
        app = self.viewer()
        self.wait_for_values(app)
        (page,) = app.helpers("WebKitWebProcess")
        os.kill(page, signal.SIGKILL)
        until("another page", lambda: app.helpers("WebKitWebProcess") not in ([], [page]), 30)
        self.wait_for_viewers(1)
        self.wait_for_values(app)
        self.wait_for_windows(app, 1)

    def test_a_broken_connection_to_the_page_is_recovered(self):
        app = self.viewer()
        for _ in range(4):
            # Drawings are in flight when the connection breaks.
            for number in range(40):
                self.hub.stats(number, number, 0.01, 1)
            for process in app.helpers("WebKitNetworkProcess"):
                os.kill(process, signal.SIGKILL)
            for number in range(40):
                self.hub.stats(number, number, 0.01, 1)
            self.wait_for_values(app, seconds=40)
        self.wait_for_viewers(1)

    def test_sigterm_closes_the_connection(self):
        app = self.viewer()
        app.process.send_signal(signal.SIGTERM)
        self.wait_for_viewers(0, seconds=5)
        self.assertEqual(app.process.wait(timeout=10), 0)

    def test_help_version_and_invalid_settings(self):
        run = lambda *arguments: subprocess.run(
            [PROGRAM, *arguments], env=surroundings(self.home), capture_output=True, text=True
        )
        self.assertIn("--kiosk", run("--help").stdout)
        self.assertRegex(run("--version").stdout, r"^live-dashboard \d+\.\d+\.\d+\n$")
        wrong = run("--hub", "hub.example")
        self.assertNotEqual(wrong.returncode, 0)
        self.assertIn("must start with", wrong.stderr)


if __name__ == "__main__":
    unittest.main()
