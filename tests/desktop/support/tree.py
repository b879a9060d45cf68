"""The app's accessible objects (AT-SPI)."""

import warnings

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi  # noqa: E402

warnings.filterwarnings("ignore", category=DeprecationWarning)

MAX_DEPTH = 40


def of(app):
    """The app's root object; `None` if it has none yet."""
    desktop = Atspi.get_desktop(0)
    for number in range(desktop.get_child_count()):
        child = desktop.get_child_at_index(number)
        if child and child.get_process_id() == app.process.pid:
            return child
    return None


def below(node, depth=0):
    """The object and its descendants."""
    if node is None or depth > MAX_DEPTH:
        return
    yield node
    for number in range(node.get_child_count()):
        yield from below(node.get_child_at_index(number), depth + 1)


def text(node):
    """An object's name and text."""
    parts = [node.get_name() or ""]
    if node.get_text_iface():
        parts.append(Atspi.Text.get_text(node, 0, -1))
    return " ".join(parts).replace("\ufffc", " ")


def words(app):
    """All text of the app."""
    return " ".join(text(node) for node in below(of(app)))


def find(app, role, name):
    """The first object of this role whose name starts with `name`."""
    for node in below(of(app)):
        if node.get_role_name() == role and (node.get_name() or "").startswith(name):
            return node
    return None


def card(app, label):
    """All text of one stat card."""
    node = find(app, "article", label)
    return " ".join(text(part) for part in below(node))


def button(app, name):
    """The first object of this name that has an action."""
    for node in below(of(app)):
        if node.get_name() == name and node.get_n_actions() > 0:
            return node
    return None


def press(node):
    """Performs an object's action, like a click."""
    if not node.do_action(0):
        raise AssertionError(f"{node.get_name()} cannot be pressed")


def is_checked(node):
    """Whether a check box is checked."""
    return node.get_state_set().contains(Atspi.StateType.CHECKED)
