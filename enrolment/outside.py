"""Ask a service outside over HTTP: nothing is followed, little is read, nobody is waited for."""

import time
from collections.abc import Mapping
from contextlib import closing
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from urllib.parse import SplitResult

ANSWER_SECONDS = 30.0
CHUNK = 65_536


class TooSlow(OSError):
    """The answer drips."""


def ask(
    address: SplitResult,
    method: str,
    path: str,
    body: bytes | None,
    headers: Mapping[str, str],
    *,
    timeout: float,
    most_bytes: int,
) -> tuple[int, bytes]:
    """Return status and content of the answer; the content ends soon after `most_bytes`.

    `timeout` is how many seconds each step may take. Raises OSError (TooSlow for an answer that
    takes more than ANSWER_SECONDS), HTTPException, and ValueError for what makes no request.
    """
    connect = HTTPSConnection if address.scheme == "https" else HTTPConnection
    with closing(connect(address.hostname or "", address.port, timeout=timeout)) as connection:
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        return answer.status, _content(answer, most_bytes)


def _content(answer: HTTPResponse, most_bytes: int) -> bytes:
    stop, content = time.monotonic() + ANSWER_SECONDS, b""
    while len(content) <= most_bytes and (part := answer.read1(CHUNK)):
        content += part
        if time.monotonic() > stop:
            raise TooSlow
    return content
