"""A notification service for the tests, which prints each notification as a line
of JSON. A separate process, since it has to respond while the tests wait."""

import json
import sys

from gi.repository import Gio, GLib

INTERFACE = """
<node><interface name="org.freedesktop.Notifications">
  <method name="Notify">
    <arg type="s" direction="in"/><arg type="u" direction="in"/><arg type="s" direction="in"/>
    <arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="as" direction="in"/>
    <arg type="a{sv}" direction="in"/><arg type="i" direction="in"/>
    <arg type="u" direction="out"/>
  </method>
  <method name="GetServerInformation">
    <arg type="s" direction="out"/><arg type="s" direction="out"/>
    <arg type="s" direction="out"/><arg type="s" direction="out"/>
  </method>
  <method name="GetCapabilities"><arg type="as" direction="out"/></method>
  <method name="CloseNotification"><arg type="u" direction="in"/></method>
</interface></node>
"""

count = 0


def called(_bus, _sender, _path, _interface, method, arguments, invocation):
    global count
    if method == "Notify":
        app, replaces, icon, title, body = arguments.unpack()[:5]
        count += 1
        number = replaces or count
        line = {"app": app, "icon": icon, "title": title, "body": body, "replaces": replaces}
        print(json.dumps(line), flush=True)
        invocation.return_value(GLib.Variant("(u)", (number,)))
    elif method == "GetServerInformation":
        invocation.return_value(GLib.Variant("(ssss)", ("test", "test", "1", "1.2")))
    elif method == "GetCapabilities":
        invocation.return_value(GLib.Variant("(as)", (["body"],)))
    else:
        invocation.return_value(None)


def acquired(bus, _name):
    (interface,) = Gio.DBusNodeInfo.new_for_xml(INTERFACE).interfaces
    bus.register_object("/org/freedesktop/Notifications", interface, called, None, None)


def ready(_bus, _name):
    print("ready", flush=True)


def lost(_bus, name):
    sys.exit(f"another process owns {name}")


Gio.bus_own_name(
    Gio.BusType.SESSION, "org.freedesktop.Notifications", Gio.BusNameOwnerFlags.NONE, acquired, ready, lost
)
GLib.MainLoop().run()
