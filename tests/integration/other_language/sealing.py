"""sealing.py - a rating in a box for the practice's key, from proto/PROTOCOL.md, section 7, and libsodium alone."""
import ctypes
import ctypes.util
import hashlib

PADDED, SEALED = 256, 313

sodium = ctypes.CDLL(ctypes.util.find_library("sodium") or "libsodium.so.23")
if sodium.sodium_init() < 0:
    raise OSError("libsodium has no randomness")


def key_id(public_half):
    return hashlib.sha256(public_half).digest()[:8]


def seal(public_half, record):
    padded = record + b"\x80" + bytes(PADDED - 1 - len(record))
    box = ctypes.create_string_buffer(PADDED + sodium.crypto_box_sealbytes())
    if sodium.crypto_box_seal(box, padded, ctypes.c_ulonglong(PADDED), public_half) != 0:
        raise ValueError("this key takes no box")
    sealed = b"\x01" + key_id(public_half) + box.raw
    assert len(sealed) == SEALED
    return sealed
