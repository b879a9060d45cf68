"""The desktop tests' environment: a screen, a hub, the app, and the tree of its
accessible objects, which a screen reader would read."""

import time


def until(what, find, seconds=20):
    """Waits until `find` returns something true, and returns that."""
    end = time.monotonic() + seconds
    problem = None
    while time.monotonic() < end:
        try:
            found = find()
            if found:
                return found
            problem = None
        except Exception as error:  # objects may appear and disappear meanwhile
            problem = error
        time.sleep(0.05)
    raise AssertionError(f"timeout after {seconds} s, waiting for: {what} ({problem or 'not found'})")
