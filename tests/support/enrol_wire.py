"""enrol_wire.py - a device that enrols, written from proto/PROTOCOL.md section 13 with openssl and Python alone."""
import socket
import ssl
import struct
import subprocess
from types import SimpleNamespace

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
TAGS = {"hello": 2, "ping": 3, "submit_rating": 10, "list_practice": 45, "add_device": 60, "renew_certificate": 63,
        "get_authority": 64, "enrol": 65, "renew_expired": 66}
ANSWERS = {2: "error", 3: "welcome", 4: "done", 64: "authority", 65: "enrolled"}
ROLES = {"": 0, "kiosk": 1, "therapist": 2, "administrator": 3}


def read_code(text):
    """The secret and how the authority's fingerprint begins."""
    bits = "".join(f"{LETTERS.index(c):05b}" for c in text.replace("-", ""))[2:210]
    data = int(bits, 2).to_bytes(26, "big")
    return data[:16], data[16:]


def varint(value):
    out = b""
    while True:
        out += bytes([value & 0x7F | (0x80 if value > 0x7F else 0)])
        value >>= 7
        if not value:
            return out


def field(number, content):
    if isinstance(content, int):
        return varint(number << 3) + varint(content) if content else b""
    return varint(number << 3 | 2) + varint(len(content)) + content


def fields(data):
    """{number: [values]} of one message."""
    found, at = {}, 0

    def number():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(data):
        tag = number()
        if tag & 7 == 2:
            size = number()
            value, at = data[at:at + size], at + size
        else:
            value = number()
        found.setdefault(tag >> 3, []).append(value)
    return found


class Key:
    """A key and a request for its certificate, made by openssl."""

    def __init__(self, path, kind="-newkey ec -pkeyopt ec_paramgen_curve:P-256", subject="/CN=attune"):
        self.path = path + ".key"
        subprocess.run(["openssl", "req", "-new", "-nodes", *kind.split(), "-keyout", self.path, "-outform", "DER", "-out",
                        path + ".csr", "-subj", subject], check=True, capture_output=True)
        with open(path + ".csr", "rb") as file:
            self.request = file.read()

    def sign(self, data):
        return subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.path], input=data, check=True,
                              capture_output=True).stdout


class Answer(SimpleNamespace):
    def WhichOneof(self, _):
        return self.kind


class Connection:
    """attune-enrol/1 without a certificate. Whom the server is signed by is left to who asks."""

    def __init__(self, address, protocol="attune-enrol/1"):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.set_alpn_protocols([protocol])
        host, _, port = address.rpartition(":")
        self.socket = context.wrap_socket(socket.create_connection((host, int(port)), 20), server_hostname=host)
        if self.socket.selected_alpn_protocol() != protocol:
            raise OSError("the server chose another protocol")
        self.seq = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def receive(self, size):
        data = b""
        while len(data) < size:
            more = self.socket.recv(size - len(data))
            if not more:
                raise OSError("the server closed the connection")
            data += more
        return data

    def response(self):
        (size,) = struct.unpack(">I", self.receive(4))
        response = fields(fields(self.receive(size))[1][0])
        (kind,) = [ANSWERS[n] for n in response if n != 1]
        body = fields(response[[n for n in response if n != 1][0]][0])
        error = SimpleNamespace(code=body.get(1, [0])[0], text=body.get(2, [b""])[0].decode() if kind == "error" else "",
                                retry_after_ms=body.get(3, [0])[0]) if kind == "error" else None
        return Answer(kind=kind, body=body, error=error)

    def ask(self, name, body):
        self.seq += 1
        message = field(1, self.seq) + field(TAGS[name], body)
        self.socket.sendall(struct.pack(">I", len(message)) + message)
        return self.response()

    def ask_empty(self, name):
        return self.ask(name, b"")

    def enrol_raw(self, secret, request, role=""):
        return self._answer(self.ask("enrol", field(1, secret) + field(2, request) + field(3, ROLES[role])))

    def renew_expired(self, certificate, request, proof):
        return self._answer(self.ask("renew_expired", field(1, certificate) + field(2, request) + field(3, proof)))

    def enrol(self, secret, key, role=""):
        return self.enrol_raw(secret, key.request, role)

    @staticmethod
    def _answer(answer):
        if answer.kind == "error":
            return SimpleNamespace(code=answer.error.code, text=answer.error.text,
                                   retry_after_ms=answer.error.retry_after_ms, certificate=None)
        text = {n: answer.body.get(n, [b""])[0].decode() for n in (3, 7, 8)}
        return SimpleNamespace(code=0, certificate=answer.body[1][0], authorities=answer.body[2], practice=text[3],
                               label=text[7], place=text[8], retry_after_ms=0)


def pem(der):
    return ssl.DER_cert_to_PEM_cert(der)

