"""The app's accessible objects (AT-SPI)."""

import warnings

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi  # noqa: E402

warnings.filterwarnings("ignore", category=DeprecationWarning)

DEEPEST = 40


def of(app):
    """The app's object; none while it has none."""
    desktop = Atspi.get_desktop(0)
    for number in range(desktop.get_child_count()):
        child = desktop.get_child_at_index(number)
        if child and child.get_process_id() == app.process.pid:
            return child
    return None


def below(node, deep=0):
    """The object and all below it."""
    if node is None or deep > DEEPEST:
        return
    yield node
    for number in range(node.get_child_count()):
        yield from below(node.get_child_at_index(number), deep + 1)


def text(node):
    """What an object says."""
    said = [node.get_name() or ""]
    if node.get_text_iface():
        said.append(Atspi.Text.get_text(node, 0, -1))
    return " ".join(said).replace("\ufffc", " ")


def words(app):
    """All that the app says."""
    return " ".join(text(node) for node in below(of(app)))


def find(app, role, name):
    """The object of this role whose name begins so."""
    for node in below(of(app)):
        if node.get_role_name() == role and (node.get_name() or "").startswith(name):
            return node
    return None


def card(app, label):
    """All that is said of one value."""
    node = find(app, "article", label)
    return " ".join(text(part) for part in below(node))


def button(app, name):
    """The object of this name that can be pressed."""
    for node in below(of(app)):
        if node.get_name() == name and node.get_n_actions() > 0:
            return node
    return None


def press(node):
    """Does with an object what a click does."""
    if not node.do_action(0):
        raise AssertionError(f"{node.get_name()} cannot be pressed")


def is_checked(node):
    """Whether a choice is made."""
    return node.get_state_set().contains(Atspi.StateType.CHECKED)
