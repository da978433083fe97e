"""pixels.py - when a screen that nobody sees changes: asked of the X server itself, a strip at a time, through Xlib alone."""
import ctypes
import time

X = ctypes.CDLL("libX11.so.6")
X.XOpenDisplay.restype = ctypes.c_void_p
X.XDefaultRootWindow.restype = ctypes.c_ulong
X.XDefaultRootWindow.argtypes = [ctypes.c_void_p]
X.XGetImage.restype = ctypes.c_void_p
X.XGetImage.argtypes = [ctypes.c_void_p, ctypes.c_ulong, ctypes.c_int, ctypes.c_int, ctypes.c_uint, ctypes.c_uint, ctypes.c_ulong,
                        ctypes.c_int]
Z_PIXMAP, ALL_PLANES = 2, 0xFFFFFFFF


class Image(ctypes.Structure):
    """The head of an XImage, and the place of its destructor."""
    _fields_ = [("width", ctypes.c_int), ("height", ctypes.c_int), ("xoffset", ctypes.c_int), ("format", ctypes.c_int),
                ("data", ctypes.c_void_p), ("byte_order", ctypes.c_int), ("bitmap_unit", ctypes.c_int), ("bitmap_bit_order", ctypes.c_int),
                ("bitmap_pad", ctypes.c_int), ("depth", ctypes.c_int), ("bytes_per_line", ctypes.c_int)]


X.XDestroyImage.argtypes = [ctypes.c_void_p]


class Pixels:
    def __init__(self, display):
        self.display = X.XOpenDisplay(display.encode())
        if not self.display:
            raise RuntimeError(f"no display {display}")
        self.root = X.XDefaultRootWindow(self.display)

    def strip(self, x, y, width, height):
        at = X.XGetImage(self.display, self.root, x, y, width, height, ALL_PLANES, Z_PIXMAP)
        image = Image.from_address(at)
        data = ctypes.string_at(image.data, image.bytes_per_line * image.height)
        X.XDestroyImage(at)
        return data

    def changed(self, box, before, seconds=30):
        """The moment (time.monotonic) at which the strip is another one than before."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.strip(*box) != before:
                return time.monotonic()
        raise AssertionError(f"the strip {box} did not change within {seconds} s")
