"""A routing engine on this machine that answers as OSRM and Valhalla do, or badly on purpose."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

SECONDS, METRES = 1_500, 26_000


@dataclass
class Engine:
    """What it was asked, and what it answers: `content` goes before a right answer."""

    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    status: int = 200
    content: bytes | None = None
    location: str = ""
    no_road: bool = False
    port: int = 0
    name: str = ""

    @property
    def address(self) -> str:
        """Return where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def osrm(self, path: str) -> dict[str, Any]:
        """Answer a table: each way to another place the same, none from a place to itself."""
        query = parse_qs(urlsplit(path).query)
        rows, columns = (query[name][0].split(";") for name in ("sources", "destinations"))
        seconds = None if self.no_road else SECONDS
        return {
            "code": "Ok",
            "durations": [[seconds] * len(columns) for _row in rows],
            "distances": [[METRES] * len(columns) for _row in rows],
        }

    def valhalla(self, question: Any) -> dict[str, Any]:
        """Answer a matrix likewise."""
        cell = {"time": None if self.no_road else SECONDS, "distance": METRES / 1_000}
        return {
            "sources_to_targets": [[cell] * len(question["targets"])] * len(question["sources"])
        }


class _Handler(BaseHTTPRequestHandler):
    engine: Engine

    def do_GET(self) -> None:
        self.engine.asked.append(("GET", self.path, None))
        self._answer(self.engine.osrm)

    def do_POST(self) -> None:
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.engine.asked.append(("POST", self.path, question))
        self._answer(lambda _path: self.engine.valhalla(question))

    def _answer(self, right: Any) -> None:
        content = self.engine.content
        if content is None:
            content = json.dumps(right(self.path)).encode()
        self.send_response(self.engine.status)
        if self.engine.location:
            self.send_header("Location", self.engine.location)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


@contextmanager
def engine() -> Iterator[Engine]:
    """Run an engine while the test does."""
    made = Engine()
    handler = type("Handler", (_Handler,), {"engine": made})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        made.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join()
