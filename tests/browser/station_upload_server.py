"""What stands between a station and its server: answers are lost here, requests cut, refusals made.

Without an upstream it is all the server there is: it gives the station's modules and whatever else
is static to an empty page under the house's policy, and keeps what it gets in memory, by the rules
of the real one (the same again is the same receipt, other bytes under an id are refused).
"""

import hashlib
import http.client
import json
import mimetypes
import re
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from enum import Enum
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import repeat
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.utils.csp import build_policy

MODULES = Path(__file__).resolve().parents[2] / "photos/static/photos/station"
PAGE = b"<!doctype html><html lang=sv><title>Station</title><link rel=icon href=data:,></html>"
RECORD = re.compile(r"/api/station/besok/([0-9a-f-]{36})/poster/([0-9a-f-]{36})")
REPORT = re.compile(r"/api/station/besok/([0-9a-f-]{36})/dator")
NIL = "00000000-0000-0000-0000-000000000000"
ADDRESSES = {
    "state": "/api/station/lage",
    "record": f"/api/station/besok/{NIL}/poster/{NIL}",
    "laptop": f"/api/station/besok/{NIL}/dator",
}
CSRF = "a-token"
# Let go of the connection without a word, as a broken network does.
AT_ONCE = struct.pack("ii", 1, 0)

# A page that is loaded again asks for no file again.
KEPT = ("Cache-Control", "max-age=3600")

Answer = tuple[int, list[tuple[str, str]], bytes]


class Fault(Enum):
    """What may happen to a record on its way."""

    ANSWER_LOST = "answer lost"
    REQUEST_CUT = "request cut"
    NO_ANSWER = "no answer"


Refusal = tuple[int, dict[str, str]]
Faults = Iterator[Fault | Refusal | None]


class UploadServer(ThreadingHTTPServer):
    """What has been told, kept and answered; `faults` gives what happens to each record sent.

    `more` makes what is answered at other paths.
    """

    daemon_threads = True

    def __init__(self, upstream: str | None = None):
        super().__init__(("localhost", 0), Handler)
        self.upstream = upstream
        self.user: str | None = None
        self.faults: Faults = repeat(None)
        self.kept: dict[str, str] = {}
        self.bodies: dict[str, bytes] = {}
        self.receipts: Counter[int] = Counter()
        self.sent: list[str] = []
        self.reports: list[dict[str, Any]] = []
        self.acknowledged: dict[str, str] = {}
        self.more: dict[str, Callable[[], Answer]] = {}
        self.keeps_bodies = True
        self.conflicts = 0
        self.asked = 0
        self.closing = threading.Event()
        self.lock = threading.Lock()
        self.told = threading.Condition()

    @property
    def url(self) -> str:
        return f"http://localhost:{self.server_port}"

    def wait_for_turns(self, number: int) -> None:
        """Wait until so many turns of the sender are over: each begins with the tiny question."""
        with self.told:
            at = self.asked + number + 1
            assert self.told.wait_for(lambda: self.asked >= at, timeout=15), "no turns are taken"

    def wait_for_sent(self, number: int) -> None:
        with self.told:
            assert self.told.wait_for(lambda: len(self.sent) >= number, timeout=15), "none is sent"

    def state(self) -> Answer:
        with self.told:
            self.asked += 1
            self.told.notify_all()
        return answer(200, {"user": self.user, "name": "", "csrf": CSRF})

    def next_fault(self, record: str) -> Fault | Refusal | None:
        with self.told:
            self.sent.append(record)
            self.told.notify_all()
            return next(self.faults, None)

    def keep(self, record: str, sha256: str, body: bytes) -> Answer:
        if hashlib.sha256(body).hexdigest() != sha256:
            return answer(400, {"code": "hash_mismatch", "message": ""})
        with self.lock:
            kept = self.kept.setdefault(record, sha256)
            if kept != sha256:
                self.conflicts += 1
                return answer(409, {"code": "conflict", "message": ""})
            status = 200 if self.receipts[record] else 201
            self.receipts[record] += 1
            if self.keeps_bodies:
                self.bodies[record] = body
        return answer(status, {"record": record, "sha256": sha256, "state": "taken"})

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that was killed in the middle is what these tests are about."""


class Handler(BaseHTTPRequestHandler):
    server: UploadServer

    def do_GET(self) -> None:
        self.give(self.passed_on(b"") if self.server.upstream else self.own_page())

    def do_POST(self) -> None:
        body = self.body()
        if self.path == "/acknowledged":
            told = json.loads(body)
            self.server.acknowledged[told["id"]] = told["sha256"]
            self.give((204, [], b""))
        elif self.server.upstream:
            self.give(self.passed_on(body))
        else:
            self.server.reports.append(json.loads(body) | {"visit": self.matched(REPORT)[1]})
            self.give((204, [], b""))

    def do_PUT(self) -> None:
        record = self.matched(RECORD)[2]
        fault = self.server.next_fault(record)
        if isinstance(fault, tuple):
            self.body()
            self.give(answer(*fault))
        elif fault is Fault.REQUEST_CUT:
            self.cut()
        elif fault is Fault.NO_ANSWER:
            self.server.closing.wait()
        else:
            kept = self.keep(record, self.body())
            self.let_go() if fault is Fault.ANSWER_LOST else self.give(kept)

    def keep(self, record: str, body: bytes) -> Answer:
        if self.server.upstream:
            return self.passed_on(body)
        if self.headers["X-CSRFToken"] != CSRF:
            return answer(403, {})
        return self.server.keep(record, self.headers["X-Sha256"], body)

    def cut(self) -> None:
        """Take half of what is sent, hand that on, and let go of both ends."""
        length = int(self.headers["Content-Length"])
        half = self.rfile.read(length // 2)
        if self.server.upstream:
            with closing(self.connection_on()) as connection:
                connection.putrequest("PUT", self.path, skip_host=True, skip_accept_encoding=True)
                for name, value in self.headers.items():
                    connection.putheader(name, value)
                connection.endheaders(half)
        self.let_go()

    def let_go(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        self.connection.close()

    def own_page(self) -> Answer:
        if self.path == ADDRESSES["state"]:
            return self.server.state()
        if self.path in self.server.more:
            return self.server.more[self.path]()
        return file_at(self.path)

    def passed_on(self, body: bytes) -> Answer:
        with closing(self.connection_on()) as connection:
            connection.request(self.command, self.path, body, dict(self.headers.items()))
            told = connection.getresponse()
            headers = [each for each in told.getheaders() if each[0].lower() not in HOP_BY_HOP]
            return told.status, headers, told.read()

    def connection_on(self) -> http.client.HTTPConnection:
        assert self.server.upstream
        return http.client.HTTPConnection(self.server.upstream.removeprefix("http://"), timeout=60)

    def matched(self, pattern: re.Pattern[str]) -> re.Match[str]:
        found = pattern.fullmatch(self.path)
        assert found, self.path
        return found

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers["Content-Length"]))

    def give(self, told: Answer) -> None:
        status, headers, body = told
        self.send_response(status)
        for header in headers:
            self.send_header(*header)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Nobody reads it."""


HOP_BY_HOP = {"connection", "content-length", "keep-alive", "transfer-encoding", "server", "date"}


def answer(status: int, told: dict[str, Any]) -> Answer:
    return status, [("Content-Type", "application/json")], json.dumps(told).encode()


def file_at(path: str) -> Answer:
    """Return what is static, or a module at the root; an empty page elsewhere."""
    found = on_disk(path)
    if found:
        kind = mimetypes.guess_type(found)[0] or "application/octet-stream"
        return 200, [("Content-Type", kind), KEPT], found.read_bytes()
    return (404, [], b"") if path.startswith(settings.STATIC_URL) else empty_page()


def empty_page() -> Answer:
    policy = ("Content-Security-Policy", build_policy(settings.SECURE_CSP))
    return 200, [("Content-Type", "text/html; charset=utf-8"), policy], PAGE


@cache
def on_disk(path: str) -> Path | None:
    if path.startswith(settings.STATIC_URL):
        found = finders.find(path.removeprefix(settings.STATIC_URL))
        return Path(found) if found else None
    module = MODULES / Path(path).name
    return module if module.suffix == ".js" and module.exists() else None


@contextmanager
def serving(upstream: str | None = None) -> Iterator[UploadServer]:
    """An upload server on a port of its own, until the block ends."""
    server = UploadServer(upstream)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
