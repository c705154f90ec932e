"""Many cheap HTTP clients in one thread: each sends its requests one after another.

Raw sockets and no parsing beyond status, length and one header, so that on a small machine the
server has the processors. Each request has a connection of its own, as from a proxy, so that the
workers share them. Knows nothing of Django: it may run in a process of its own.
"""

import selectors
import socket
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

PATIENCE = 30
CSRF = "h" * 32


@dataclass(frozen=True)
class Ask:
    """A request; it is sent no earlier than `at` seconds after the start."""

    data: bytes
    at: float = 0.0


@dataclass(frozen=True)
class Answer:
    """What came back, after how many seconds, and when; status 0 where the connection broke."""

    status: int
    body: str
    worker: str
    seconds: float
    at: float


@dataclass
class _Client:
    asks: deque[Ask]
    line: socket.socket | None = None
    sent_at: float | None = None
    received: bytes = b""
    answers: list[Answer] = field(default_factory=list)


def get(path: str, session: str) -> bytes:
    """Return a request for a page, as somebody who is logged in."""
    return _head("GET", path, session, {})


def post(path: str, session: str, headers: dict[str, str], **fields: object) -> bytes:
    """Return a form sent in, as somebody who is logged in."""
    body = urlencode({"csrfmiddlewaretoken": CSRF, **fields})
    form = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Content-Length": str(len(body)),
    }
    return _head("POST", path, session, form | headers) + body.encode()


def _head(method: str, path: str, session: str, headers: dict[str, str]) -> bytes:
    own = {
        "Host": "127.0.0.1",
        "Connection": "close",
        "Cookie": f"sessionid={session}; csrftoken={CSRF}",
    }
    lines = [f"{name}: {value}" for name, value in (own | headers).items()]
    return "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""]).encode()


def send(
    port: int, queues: Sequence[Sequence[Ask]], then: Callable[[int], None] | None = None
) -> list[list[Answer]]:
    """Let one client for each queue send its requests; those due at once are all connected first.

    The next request of a client waits for the answer to the one before. `then` is called once
    something has been sent, and at each answer, with how many answers there are.
    """
    clients = [_Client(deque(queue)) for queue in queues]
    answered = -1
    with selectors.DefaultSelector() as ears:
        for client in clients:
            if not client.asks[0].at:
                _open(client, port, ears)
        start = time.perf_counter()
        while waiting := [client for client in clients if client.asks or client.sent_at]:
            _send_due(waiting, port, ears, start)
            if then and answered < (answered := sum(len(client.answers) for client in clients)):
                then(answered)
            for key, _event in ears.select(_pause(waiting, start)):
                _read(key.data, ears)
            late = time.perf_counter() - PATIENCE
            assert all(client.sent_at is None or client.sent_at > late for client in clients)
        for line in [key.fileobj for key in ears.get_map().values()]:
            line.close()
    return [client.answers for client in clients]


def _open(client: _Client, port: int, ears: selectors.BaseSelector) -> None:
    client.line = socket.create_connection(("127.0.0.1", port), PATIENCE)
    client.line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    ears.register(client.line, selectors.EVENT_READ, client)


def _send_due(
    waiting: list[_Client], port: int, ears: selectors.BaseSelector, start: float
) -> None:
    now = time.perf_counter() - start
    for client in waiting:
        if client.sent_at is None and client.asks[0].at <= now:
            _send(client, port, ears)


def _send(client: _Client, port: int, ears: selectors.BaseSelector) -> None:
    if client.line is None:
        _open(client, port, ears)
    client.received, client.sent_at = b"", time.perf_counter()
    client.line.sendall(client.asks.popleft().data)


def _pause(waiting: list[_Client], start: float) -> float:
    due = [client.asks[0].at for client in waiting if client.sent_at is None and client.asks]
    return max(0.0, min([start + at - time.perf_counter() for at in due], default=1.0))


def _read(client: _Client, ears: selectors.BaseSelector) -> None:
    try:
        data = client.line.recv(262_144)
    except ConnectionError:
        data = b""
    client.received += data
    answer = None
    if client.sent_at is not None:
        answer = _whole(client) if data else _answer(client, 0, b"", b"")
    if answer:
        client.sent_at = None
        client.answers.append(answer)
    if answer or not data:
        ears.unregister(client.line)
        client.line.close()
        client.line = None


def _whole(client: _Client) -> Answer | None:
    head, end, body = client.received.partition(b"\r\n\r\n")
    if not end:
        return None
    lines = [line.partition(b": ") for line in head.lower().split(b"\r\n")]
    told = {name: value for name, _colon, value in lines}
    if len(body) < int(told[b"content-length"]):
        return None
    return _answer(client, int(head.split(None, 2)[1]), body, told.get(b"x-worker", b""))


def _answer(client: _Client, status: int, body: bytes, worker: bytes) -> Answer:
    now = time.perf_counter()
    return Answer(status, body.decode(), worker.decode(), now - client.sent_at, now)
