"""play_server.py - a server that is played: one kiosk, no database, and whatever the test wants the room to be.

Frames and messages as in proto/PROTOCOL.md. For tests of what a kiosk shows; what the real server does is tested with it.
"""
import os
import select
import socket
import ssl
import struct
import subprocess
import threading
import time

import envelope_pb2
import kiosk_pb2
from harness import SERVER


def ticket(number=1, **more):
    values = {"ticket_id": bytes([number]) * 16, "therapist": "Dr. Ada Moreno", "session_start_ms": 1750000000000, "colour": 3,
              "symbol": "leaf", **more}
    return kiosk_pb2.Ticket(**values)


class PlayServer:
    """Listens at once; `ratings` fills, `room` is pushed to whoever connects."""

    def __init__(self, folder, clock_ahead_ms=0):
        self.folder, self.clock_ahead_ms = folder, clock_ahead_ms
        self.ratings, self.hellos = [], []
        self.greeted, self.waker, self.refuses = False, None, None
        self.room = envelope_pb2.Push(room_state=kiosk_pb2.RoomState())
        self._make_identities()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def _pki(self, *words):
        subprocess.run([SERVER, "pki", *words], check=True, capture_output=True)

    def _make_identities(self):
        ca = os.path.join(self.folder, "ca")
        self._pki("init", ca)
        self._pki("server", ca, "--name", "127.0.0.1")
        self._pki("device", ca, "--practice", "1", "--label", "k1", "--out", os.path.join(self.folder, "id-k1"))
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(os.path.join(ca, "server.crt"), os.path.join(ca, "server.key"))
        self.context.load_verify_locations(os.path.join(ca, "ca.crt"))
        self.context.verify_mode = ssl.CERT_REQUIRED
        self.context.minimum_version = ssl.TLSVersion.TLSv1_3
        self.context.set_alpn_protocols(["attune/1"])

    def _accept(self):
        while True:
            try:
                raw, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(raw,), daemon=True).start()

    def _serve(self, raw):
        """One thread reads and writes: what is pushed waits in a queue and a pipe wakes the thread."""
        wake, self.waker = os.pipe()
        try:
            with self.context.wrap_socket(raw, server_side=True) as conn:
                while True:
                    ready = [conn] if conn.pending() else select.select([conn, wake], [], [])[0]
                    if wake in ready:
                        os.read(wake, 1)
                        if self.refuses is not None:
                            self._send(conn, response=envelope_pb2.Response(error=self.refuses))
                            return
                        self._send(conn, push=self.room)
                    if conn in ready:
                        head = self._read(conn, 4)
                        request = envelope_pb2.Request.FromString(self._read(conn, struct.unpack(">I", head)[0]))
                        self._answer(conn, request)
        except (OSError, EOFError):
            pass

    @staticmethod
    def _read(conn, size):
        data = b""
        while len(data) < size:
            part = conn.recv(size - len(data))
            if not part:
                raise EOFError
            data += part
        return data

    @staticmethod
    def _send(conn, **message):
        data = envelope_pb2.ServerFrame(**message).SerializeToString()
        conn.sendall(struct.pack(">I", len(data)) + data)

    def _answer(self, conn, request):
        answer = envelope_pb2.Response(seq=request.seq)
        what = request.WhichOneof("body")
        if what == "hello" and self.refuses is not None:
            answer.error.CopyFrom(self.refuses)
        elif what == "hello":
            self.hellos.append(request.hello)
            answer.welcome.CopyFrom(envelope_pb2.Welcome(
                role=1, practice="Harbour", device="k1", place="Harbour 1",
                clock_ms=int(time.time() * 1000) - self.clock_ahead_ms, frame_max=16384, open_max=64, ping_s=10))
        elif what == "submit_rating":
            rating = kiosk_pb2.Rating.FromString(request.submit_rating.record)
            self.ratings.append(rating)
            answer.rating_stored.rating_id = rating.rating_id
        else:
            answer.done.SetInParent()
        self._send(conn, response=answer)
        if what == "hello" and self.refuses is None:
            self.greeted = True
            self._send(conn, push=self.room)

    def push(self, *tickets, invited=True):
        """The room: no ticket, one, or two who came together."""
        state = kiosk_pb2.RoomState(invited=invited)
        if len(tickets) > 0:
            state.ticket.CopyFrom(tickets[0])
        if len(tickets) > 1:
            state.second.CopyFrom(tickets[1])
        self.room = envelope_pb2.Push(room_state=state)
        if self.greeted:
            os.write(self.waker, b"x")

    def refuse(self, code, text):
        """From now on: whoever is connected hears it and is cut, and whoever says Hello."""
        self.refuses = envelope_pb2.Error(code=code, text=text)
        if self.greeted:
            os.write(self.waker, b"x")

    def close(self):
        """A thread that waits in accept would take one more: shut first."""
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # It was closed before.
        self.listener.close()
