"""notifications.py FILE - the desktop's notifications, on the bus of a test: what anybody is told outside the window goes to FILE, a JSON line each."""
import json
import sys

from gi.repository import Gio, GLib

NAME, PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"
XML = f"""<node><interface name="{NAME}">
<method name="Notify"><arg type="s" direction="in"/><arg type="u" direction="in"/><arg type="s" direction="in"/>
<arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="as" direction="in"/><arg type="a{{sv}}" direction="in"/>
<arg type="i" direction="in"/><arg type="u" direction="out"/></method>
<method name="CloseNotification"><arg type="u" direction="in"/></method>
<method name="GetCapabilities"><arg type="as" direction="out"/></method>
<signal name="NotificationClosed"><arg type="u"/><arg type="u"/></signal>
<signal name="ActionInvoked"><arg type="u"/><arg type="s"/></signal>
</interface></node>"""


def on_call(_connection, _sender, _path, _interface, method, parameters, invocation, file):
    if method == "Notify":
        said = parameters.unpack()
        file.write(json.dumps({"title": said[3], "body": said[4]}) + "\n")
        file.flush()
        invocation.return_value(GLib.Variant("(u)", (1,)))
    else:
        invocation.return_value(GLib.Variant("(as)", ([],)) if method == "GetCapabilities" else None)


def main():
    with open(sys.argv[1], "a", encoding="utf-8") as file:
        connection = Gio.bus_get_sync(Gio.BusType.SESSION)
        interface = Gio.DBusNodeInfo.new_for_xml(XML).interfaces[0]
        connection.register_object(PATH, interface, lambda *call: on_call(*call, file))
        Gio.bus_own_name_on_connection(connection, NAME, Gio.BusNameOwnerFlags.NONE, lambda *_: print("ready", flush=True), None)
        GLib.MainLoop().run()


main()
