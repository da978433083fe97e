"""A true touch panel: Xorg's dummy screen with its inputtest driver, which needs neither hardware nor a kernel's device.

The driver takes structs over a socket; their shape is of xf86-input-inputtest-protocol.h, version 1.1.
"""
import os
import socket
import struct
import unittest

from harness import wait_until
from kiosk_alone import SEND, YES, KioskAlone
from play_server import ticket
from screen import Screen

CLIENT_VERSION, WAIT_FOR_SYNC, TOUCH = 0, 1, 6
BEGIN, UPDATE, END = 18, 19, 20  # XI_TouchBegin and so on.

CONFIG = """
Section "ServerFlags"
  Option "AutoAddDevices" "false"
  Option "AutoEnableDevices" "false"
EndSection
Section "ServerLayout"
  Identifier "layout"
  Screen "screen"
  InputDevice "touch" "SendCoreEvents"
  InputDevice "pointer" "CorePointer"
  InputDevice "keys" "CoreKeyboard"
EndSection
Section "InputDevice"
  Identifier "touch"
  Driver "inputtest"
  Option "SocketPath" "{folder}/touch"
  Option "DeviceType" "Touch"
  Option "TouchCount" "10"
EndSection
Section "InputDevice"
  Identifier "pointer"
  Driver "inputtest"
  Option "SocketPath" "{folder}/pointer"
  Option "DeviceType" "Pointer"
EndSection
Section "InputDevice"
  Identifier "keys"
  Driver "inputtest"
  Option "SocketPath" "{folder}/keys"
  Option "DeviceType" "Keyboard"
EndSection
Section "Device"
  Identifier "device"
  Driver "dummy"
  VideoRam 64000
EndSection
Section "Monitor"
  Identifier "monitor"
  HorizSync 5-1000
  VertRefresh 5-200
EndSection
Section "Screen"
  Identifier "screen"
  Device "device"
  Monitor "monitor"
  DefaultDepth 24
  SubSection "Display"
    Depth 24
    Virtual {width} {height}
    Modes "{width}x{height}"
  EndSubSection
EndSection
"""


class TouchScreen(Screen):
    def server(self):
        path = os.path.join(self.folder, "xorg.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(CONFIG.format(folder=self.folder, width=self.width, height=self.height))
        return ["Xorg", "-config", path, "-logfile", os.path.join(self.folder, "xorg.log"), "-sharevts", "-novtswitch"]

    def connect(self):
        """One connection for the whole test: the driver does not bear that one goes away."""
        self.panel = socket.socket(socket.AF_UNIX)
        self.panel.settimeout(10)
        self.panel.connect(os.path.join(self.folder, "touch"))
        self.panel.sendall(struct.pack("<IIHH", 12, CLIENT_VERSION, 1, 1))
        self.panel.recv(12)

    def finger(self, number, how, x, y):
        places = [x / self.width * 65535, y / self.height * 65535] + [0.0] * 126
        self.panel.sendall(struct.pack("<IIIII8s4x128d", 1056, TOUCH, number, how, 0, b"\3" + b"\0" * 7, *places))
        self.panel.sendall(struct.pack("<II", 8, WAIT_FOR_SYNC))
        self.panel.recv(8)


class Touch(KioskAlone):
    make_screen = TouchScreen

    def setUp(self):
        super().setUp()
        if os.getuid() != 0:
            self.skipTest("Xorg without a console wants root")

    def at(self, index, place):
        x, y, width, height = self.window.all("slider")[index].box
        return x + width * place, y + height / 2

    def tap(self, x, y):
        self.screen.finger(1, BEGIN, x, y)
        self.screen.finger(1, END, x, y)

    def reaches(self, index, value):
        wait_until(lambda: abs(self.window.all("slider")[index].value - value) < 0.11
                   and "of 10" in self.window.all("slider")[index].description, 10, f"line {index} at {value}")

    def test_fingers_tap_rest_drag_and_come_in_twos(self):
        self.server.push(ticket(1))
        self.start()
        self.screen.connect()
        self.tap(*self.window.wait_for("push button", YES).middle)
        wait_until(lambda: len(self.window.all("slider")) == 4, 30, "four lines")
        self.tap(*self.at(0, 0.73))
        self.reaches(0, 7.3)
        # One that rests on the middle before it drags: no fine adjustment, no lost middle.
        self.screen.finger(1, BEGIN, *self.at(1, 0.5))
        self.reaches(1, 5.0)
        wait_until(self.rested(), 10, "a long press to be one")
        for place in (0.55, 0.7, 0.9):
            self.screen.finger(1, UPDATE, *self.at(1, place))
        self.screen.finger(1, END, *self.at(1, 0.9))
        self.reaches(1, 9.0)
        # Two fingers on two lines: the first one's line follows the first.
        self.screen.finger(1, BEGIN, *self.at(2, 0.2))
        self.screen.finger(2, BEGIN, *self.at(3, 0.8))
        self.screen.finger(1, UPDATE, *self.at(2, 0.3))
        self.screen.finger(2, END, *self.at(3, 0.8))
        self.screen.finger(1, END, *self.at(2, 0.3))
        self.reaches(2, 3.0)
        self.tap(*self.at(3, 0.05))
        self.reaches(3, 0.5)
        self.tap(*self.window.wait_for("push button", SEND).middle)
        self.window.wait_text("When would you like to talk about it?")
        self.tap(*self.window.wait_for("push button", "Now").middle)
        rating = wait_until(lambda: self.server.ratings, 10, "the rating")[0].scores
        for score, meant in zip((rating.understanding, rating.relevance, rating.safety, rating.fit), (73, 90, 30, 5)):
            self.assertAlmostEqual(score, meant, delta=1)

    def rested(self):
        """Nothing is drawn while a finger rests: the clock of the X server is asked often enough."""
        looks = iter(range(60))
        return lambda: next(looks) >= 50


if __name__ == "__main__":
    unittest.main()
