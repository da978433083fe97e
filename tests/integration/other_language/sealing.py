"""sealing.py - ratings in a chain for the practice's key, from proto/PROTOCOL.md, section 7, and libsodium alone."""
import ctypes
import ctypes.util
import hashlib

KEY_ID, LINK, HEAD, INDEX, NONCE, PADDED, TAG, CHAIN_MAX = 8, 32, 80, 1, 24, 256, 16, 64
CONTEXT, TO_NEXT, TO_RECORD = b"attune/1", 1, 2
AT_HEAD = 1 + KEY_ID
AT_INDEX = AT_HEAD + HEAD
AT_NONCE = AT_INDEX + INDEX
AT_BOX = AT_NONCE + NONCE
SEALED = AT_BOX + PADDED + TAG

sodium = ctypes.CDLL(ctypes.util.find_library("sodium") or "libsodium.so.23")
if sodium.sodium_init() < 0:
    raise OSError("libsodium has no randomness")


def key_id(public_half):
    return hashlib.sha256(public_half).digest()[:KEY_ID]


def random_bytes(size):
    room = ctypes.create_string_buffer(size)
    sodium.randombytes_buf(room, ctypes.c_size_t(size))
    return room.raw


def derive(what, link):
    key = ctypes.create_string_buffer(LINK)
    assert sodium.crypto_kdf_derive_from_key(key, ctypes.c_size_t(LINK), ctypes.c_uint64(what), CONTEXT, link) == 0
    return key.raw


class Chain:
    """A kiosk's: one a process and a key. `k0` is given only to make an example."""

    def __init__(self, public_half, k0=None):
        self.public_half = public_half
        self.begin(random_bytes(LINK) if k0 is None else k0)

    def begin(self, k0):
        room = ctypes.create_string_buffer(HEAD)
        if sodium.crypto_box_seal(room, k0, ctypes.c_ulonglong(LINK), self.public_half) != 0:
            raise ValueError("this key takes no box")
        self.head, self.link, self.index = room.raw, k0, 0

    def seal(self, record):
        if self.index == CHAIN_MAX:
            self.begin(random_bytes(LINK))
        front = b"\x01" + key_id(self.public_half) + self.head + bytes([self.index])
        key, nonce = derive(TO_RECORD, self.link), random_bytes(NONCE)
        self.link, self.index = derive(TO_NEXT, self.link), self.index + 1  # What was is no more.
        padded = record + b"\x80" + bytes(PADDED - 1 - len(record))
        box = ctypes.create_string_buffer(PADDED + TAG)
        assert sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
            box, None, padded, ctypes.c_ulonglong(PADDED), front, ctypes.c_ulonglong(len(front)), None, nonce, key) == 0
        return front + nonce + box.raw


def seal(public_half, record):
    """The first record of a chain of its own."""
    return Chain(public_half).seal(record)


def open_sealed(secret_half, sealed):
    """What the server does; None for whatever does not open."""
    public_half, k0 = ctypes.create_string_buffer(LINK), ctypes.create_string_buffer(LINK)
    padded = ctypes.create_string_buffer(PADDED)
    assert sodium.crypto_scalarmult_base(public_half, secret_half) == 0
    if len(sealed) != SEALED or sealed[:AT_HEAD] != b"\x01" + key_id(public_half.raw) or sealed[AT_INDEX] >= CHAIN_MAX:
        return None
    if sodium.crypto_box_seal_open(k0, sealed[AT_HEAD:AT_INDEX], ctypes.c_ulonglong(HEAD), public_half, secret_half) != 0:
        return None
    link = k0.raw
    for _ in range(sealed[AT_INDEX]):
        link = derive(TO_NEXT, link)
    if sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
            padded, None, None, sealed[AT_BOX:], ctypes.c_ulonglong(PADDED + TAG), sealed[:AT_NONCE], ctypes.c_ulonglong(AT_NONCE),
            sealed[AT_NONCE:AT_BOX], derive(TO_RECORD, link)) != 0:
        return None
    record, mark, zeros = padded.raw.rpartition(b"\x80")
    return record if mark and record and not zeros.strip(b"\0") else None
