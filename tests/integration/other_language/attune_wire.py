"""attune_wire.py - one connection to attune-server, written from proto/PROTOCOL.md and the .proto files alone.

Nothing of the project's own code is used: this is what a practice's developer with another language would write.
"""
import hashlib
import os
import socket
import ssl
import struct
import time

import envelope_pb2

FRAME_MAX = 16384
CONNECT_S = 10


class Refused(Exception):
    """The server answered with an Error."""

    def __init__(self, error):
        super().__init__(f"{error.code}: {error.text}")
        self.code = error.code
        self.text = error.text
        self.retry_after_ms = error.retry_after_ms


class Closed(Exception):
    """The server ended the connection."""


def now_ms():
    return time.time_ns() // 1_000_000


def new_id():
    return os.urandom(16)


def tls_context(authority, certificate=None, key=None, protocol="attune/1"):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_verify_locations(authority)
    if certificate is not None:
        context.load_cert_chain(certificate, key)
    if protocol is not None:
        context.set_alpn_protocols([protocol])
    return context


def identity_context(folder):
    return tls_context(os.path.join(folder, "ca.crt"), os.path.join(folder, "device.crt"),
                       os.path.join(folder, "device.key"))


class Connection:
    """Frames in both directions; `say_hello` before anything else."""

    def __init__(self, address, context):
        host, _, port = address.rpartition(":")
        raw = socket.create_connection((host, int(port)), CONNECT_S)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self.socket = context.wrap_socket(raw, server_hostname=host)
        except Exception:
            raw.close()
            raise
        if self.socket.selected_alpn_protocol() != "attune/1":
            self.socket.close()
            raise ssl.SSLError("the server did not choose attune/1")
        self.seq = 0
        self.held = b""
        self.pushes = []

    def close(self):
        self.socket.close()

    # ---- bytes ---------------------------------------------------------------------------------

    def send_bytes(self, data):
        self.socket.sendall(data)

    def send_body(self, body):
        self.send_bytes(struct.pack(">I", len(body)) + body)

    def _need(self, size):
        """What has come is kept, so that a time-out loses nothing."""
        while len(self.held) < size:
            data = self.socket.recv(65536)
            if not data:
                raise Closed("the server closed the connection")
            self.held += data

    def receive(self):
        """The next ServerFrame."""
        self._need(4)
        (size,) = struct.unpack(">I", self.held[:4])
        if not 1 <= size <= FRAME_MAX:
            raise ValueError(f"a frame of {size} bytes")
        self._need(4 + size)
        body, self.held = self.held[4:4 + size], self.held[4 + size:]
        frame = envelope_pb2.ServerFrame()
        frame.ParseFromString(body)
        return frame

    # ---- requests ------------------------------------------------------------------------------

    def send(self, **body):
        """send(ping=…) returns the seq that its answer will name."""
        self.seq += 1
        self.send_body(envelope_pb2.Request(seq=self.seq, **body).SerializeToString())
        return self.seq

    def answer(self, seq):
        """The Response to `seq`; pushes that come before it are kept."""
        while True:
            frame = self.receive()
            if frame.WhichOneof("body") == "push":
                self.pushes.append(frame.push)
                continue
            response = frame.response
            if response.WhichOneof("body") == "error" and response.seq in (0, seq):
                raise Refused(response.error)
            if response.seq == seq:
                return response

    def ask(self, **body):
        response = self.answer(self.send(**body))
        return getattr(response, response.WhichOneof("body"))

    def ask_until_taken(self, **body):
        """Answers that state a time are tried again, as section 9 says."""
        while True:
            try:
                return self.ask(**body)
            except Refused as refused:
                if refused.retry_after_ms == 0:
                    raise
                time.sleep(refused.retry_after_ms / 1000)

    def push(self):
        """The next push, waited for with a Ping whenever nothing has come for Welcome.ping_s."""
        while not self.pushes:
            self.socket.settimeout(self.ping_s)
            try:
                frame = self.receive()
            except TimeoutError:
                self.socket.settimeout(CONNECT_S)
                self.ask(ping=envelope_pb2.Ping())
                continue
            finally:
                self.socket.settimeout(CONNECT_S)
            if frame.WhichOneof("body") == "push":
                self.pushes.append(frame.push)
        return self.pushes.pop(0)

    def say_hello(self, software):
        hello = envelope_pb2.Hello(software=software, version="1", language="en", clock_ms=now_ms())
        welcome = self.ask(hello=hello)
        self.ping_s = welcome.ping_s
        return welcome


def fingerprint(certificate_path):
    """What a device is known by: SHA-256 of the certificate's SubjectPublicKeyInfo."""
    with open(certificate_path, encoding="ascii") as file:
        der = ssl.PEM_cert_to_DER_cert(file.read())
    return hashlib.sha256(public_key_of(der)).digest()


def der_items(der):
    """The (tag, whole, content) of each item in a run of DER."""
    at = 0
    while at < len(der):
        begin, tag, size, head = at, der[at], der[at + 1], 2
        if size & 0x80:
            width = size & 0x7F
            size = int.from_bytes(der[at + 2:at + 2 + width], "big")
            head += width
        at += head + size
        yield tag, der[begin:at], der[begin + head:at]


def public_key_of(der):
    """Certificate ::= SEQUENCE { tbs SEQUENCE { [0] version, serial, signature, issuer, validity, subject, key …"""
    (_, _, certificate), = der_items(der)
    _, _, tbs = next(der_items(certificate))
    fields = [whole for tag, whole, _ in der_items(tbs) if tag != 0xA0]
    return fields[5]
