"""What the desktop tests stand on: a screen, a hub, the app, and its tree of
accessible objects, which is what a screen reader would read."""

import time


def until(what, find, seconds=20):
    """Waits until `find` gives something true, and gives that."""
    end = time.monotonic() + seconds
    problem = None
    while time.monotonic() < end:
        try:
            found = find()
            if found:
                return found
            problem = None
        except Exception as error:  # what is asked for may come and go
            problem = error
        time.sleep(0.05)
    raise AssertionError(f"it did not come within {seconds} s: {what} ({problem or 'not there'})")
