"""Figures of the desktop app beside the same page in a browser's window:
from the start to the first live value, memory and its slope, and use of the processor.

Started like run.py, and with CHROMIUM and LIVE_DASHBOARD_PAGE beside its
environment. Arguments: how often to measure, and for how many minutes to watch
the memory.
"""

import os
import statistics
import sys
import tempfile
import threading
import time

from support import screen, until

RATE = 10  # messages a second
WATCHED = 20  # seconds in which the use of the processor is measured


class Publisher(threading.Thread):
    """Publishes values at a constant rate until `end` is called."""

    def __init__(self, hub):
        super().__init__(daemon=True)
        self.hub = hub
        self.over = threading.Event()
        self.start()

    def run(self):
        count = 0
        due = time.monotonic()
        while not self.over.wait(max(0.0, due - time.monotonic())):
            due += 1 / RATE
            count += 1
            # Every 10th message is a point, every 100th an alert.
            if count % 100 == 0:
                self.hub.publish("alert", {"level": "info", "message": f"number {count}"})
            elif count % 10 == 0:
                point = {"timestamp": int(time.time()), "requests": 4000 + count % 97, "errors": count % 7}
                self.hub.publish("chart-data", point)
            else:
                self.hub.stats(31000 + count % 900, 4000 + count % 97, 0.01, 40 + count % 9)

    def end(self):
        self.over.set()
        self.join()


def family(root):
    """The ids of a process and its descendants."""
    parents = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat") as stat:
                parents[int(name)] = int(stat.read().rpartition(")")[2].split()[1])
        except OSError:
            continue  # it has ended
    found = {root}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def memory(root):
    """The proportional set size of a process and its descendants, in MiB."""
    total = 0
    for process in family(root):
        try:
            with open(f"/proc/{process}/smaps_rollup") as rollup:
                lines = [line for line in rollup if line.startswith("Pss:")]
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines)
    return total / 1024


def processor(root):
    """The seconds of processor that a process and its descendants have used."""
    ticks = 0
    for process in family(root):
        try:
            with open(f"/proc/{process}/stat") as stat:
                fields = stat.read().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def shows_a_value(program):
    from support import tree

    return "31," in tree.card(program, "Active Users")


def measure(start, settle):
    """The seconds from the start to the first visible value, the memory, and the share
    of a core."""
    began = time.monotonic()
    program = start(accessible=True)
    until("a live value", lambda: shows_a_value(program), 60)
    took = time.monotonic() - began
    program.end()
    # Memory is measured separately, since the accessible tree costs some.
    program = start(accessible=False)
    until("a live title", lambda: titled(), 60)
    time.sleep(settle)
    began, before = time.monotonic(), processor(program.process.pid)
    time.sleep(WATCHED)
    share = (processor(program.process.pid) - before) / (time.monotonic() - began)
    used = memory(program.process.pid)
    program.end()
    return took, used, share


def titled():
    return "● Live Dashboard" in screen.output(["wmctrl", "-l"])


def slope(points):
    """The slope of the least-squares line through points (x, y)."""
    times, values = zip(*points)
    middle, mean = statistics.fmean(times), statistics.fmean(values)
    return sum((t - middle) * (v - mean) for t, v in points) / sum((t - middle) ** 2 for t in times)


def report(name, rounds):
    took, used, share = map(statistics.median, zip(*rounds))
    print(f"{name:<16} {took:6.2f} s to the first live value   {used:6.0f} MiB   {share:6.1%} of a core", flush=True)


def main():
    rounds, minutes = int(sys.argv[1]), float(sys.argv[2])
    with screen.Screen() as display, tempfile.TemporaryDirectory() as home:
        os.environ["DISPLAY"] = display.name
        from support.app import App, Browser
        from support.hub import Hub

        hub = Hub(home, page=os.environ["LIVE_DASHBOARD_PAGE"])
        publisher = Publisher(hub)
        try:
            app = lambda accessible: App(home, "--hub", hub.url, env={"NO_AT_BRIDGE": "0" if accessible else "1"})
            browser = lambda accessible: Browser(home, hub.url, accessible)
            measured = {"the app": [], "Chromium --app": []}
            for _ in range(rounds):
                measured["the app"].append(measure(app, settle=20))
                measured["Chromium --app"].append(measure(browser, settle=20))
            print(f"Medians of {rounds}, {RATE} messages a second, 20 s after the start:")
            for name, figures in measured.items():
                report(name, figures)

            if minutes:
                program = app(accessible=False)
                until("a live title", titled, 60)
                time.sleep(60)  # until its caches are filled
                began = time.monotonic()
                points = []
                while (now := time.monotonic() - began) < minutes * 60:
                    points.append((now / 60, memory(program.process.pid)))
                    time.sleep(5)
                first, last = points[0][1], points[-1][1]
                print(
                    f"The app's memory over {minutes:g} minutes: {first:.1f} → {last:.1f} MiB, "
                    f"slope {slope(points):+.2f} MiB a minute"
                )
                program.end()
        finally:
            publisher.end()
            hub.kill()


if __name__ == "__main__":
    main()
