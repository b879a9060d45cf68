"""Runs the desktop tests on a virtual screen, and prints results in the format of
`cargo test`, for `cargo xtask test`. Start it in a D-Bus session of its own:
`dbus-run-session -- python3 run.py`.

Environment: LIVE_DASHBOARD_APP and LIVE_DASHBOARD_HUB, the two programs;
LIVE_DASHBOARD_SHOTS, a directory for screenshots.
"""

import os
import sys
import time
import unittest

from support import screen


class Lines(unittest.TestResult):
    """Prints a line for each test."""

    passed = 0

    def say(self, test, word):
        print(f"test {test.id()} ... {word}", flush=True)

    def addSuccess(self, test):
        self.passed += 1
        self.say(test, "ok")

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.say(test, "FAILED")
        print(self.failures[-1][1], file=sys.stderr, flush=True)

    def addError(self, test, err):
        super().addError(test, err)
        self.say(test, "FAILED")
        print(self.errors[-1][1], file=sys.stderr, flush=True)


def main():
    names = sys.argv[1:]
    began = time.monotonic()
    with screen.Screen() as display:
        os.environ["DISPLAY"] = display.name
        loader = unittest.TestLoader()
        if names:
            suite = loader.loadTestsFromNames(names)
        else:
            suite = loader.discover(os.path.dirname(os.path.abspath(__file__)))
        result = Lines()
        suite.run(result)
    failed = len(result.failures) + len(result.errors)
    word = "FAILED" if failed else "ok"
    took = time.monotonic() - began
    print(
        f"test result: {word}. {result.passed} passed; {failed} failed; 0 ignored; "
        f"0 measured; 0 filtered out; finished in {took:.2f}s"
    )
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
