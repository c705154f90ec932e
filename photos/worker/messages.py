"""What the judging process and its parent say to each other: JSON, then bytes, each with a length.

Only plain data crosses, never pickles: the child reads pictures that nobody trusts, and what it
sends back must not be able to do more than say what was found.
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import asdict
from typing import IO, Any

from photos.domain.findings import Advice, Answer, Finding
from photos.domain.frame import Frame
from photos.domain.judge import Judgement
from photos.domain.profile import Profile

LENGTHS = struct.Struct(">II")


def send(stream: IO[bytes], head: Mapping[str, Any], body: bytes = b"") -> None:
    """Write one message: a JSON object and the bytes that go with it."""
    text = json.dumps(head, default=str).encode()
    stream.write(LENGTHS.pack(len(text), len(body)))
    stream.write(text)
    stream.write(body)
    stream.flush()


def receive(stream: IO[bytes]) -> tuple[dict[str, Any], bytes]:
    """Read one message; raise EOFError when the other side has gone."""
    head_length, body_length = LENGTHS.unpack(_exactly(stream, LENGTHS.size))
    head: dict[str, Any] = json.loads(_exactly(stream, head_length))
    return head, _exactly(stream, body_length)


def _exactly(stream: IO[bytes], length: int) -> bytes:
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return data


def profile_head(profile: Profile, *, annotate: bool) -> dict[str, Any]:
    """Return the request's JSON; the picture itself is its body."""
    return {"profile": profile.data, "annotate": annotate}


def judgement_message(judgement: Judgement) -> tuple[dict[str, Any], bytes]:
    """Return a judgement as JSON and the bytes of its pictures, one after the other."""
    head = asdict(judgement)
    card, annotated = head.pop("card_jpeg"), head.pop("annotated_jpeg")
    head["card_length"] = None if card is None else len(card)
    head["annotated_length"] = None if annotated is None else len(annotated)
    return head, (card or b"") + (annotated or b"")


def read_judgement(head: Mapping[str, Any], body: bytes) -> Judgement:
    """Return the judgement that `judgement_message` was made of."""
    card_length, annotated_length = head["card_length"], head["annotated_length"]
    rest = card_length or 0
    return Judgement(
        verdict=Answer(head["verdict"]),
        faces=head["faces"],
        width=head["width"],
        height=head["height"],
        findings=tuple(_finding(finding) for finding in head["findings"]),
        eye_left=_point(head["eye_left"]),
        eye_right=_point(head["eye_right"]),
        roll=head["roll"],
        yaw=head["yaw"],
        pitch=head["pitch"],
        crop=None if head["crop"] is None else Frame(**head["crop"]),
        card_jpeg=None if card_length is None else body[:card_length],
        annotated_jpeg=None if annotated_length is None else body[rest:],
    )


def _finding(data: Mapping[str, Any]) -> Finding:
    advice = data["advice"]
    return Finding(
        component=data["component"],
        answer=Answer(data["answer"]),
        value=data["value"],
        unit=data["unit"],
        limit=data["limit"],
        source=data["source"],
        advice=None if advice is None else Advice(advice["code"], advice["params"]),
    )


def _point(pair: list[float] | None) -> tuple[float, float] | None:
    return None if pair is None else (pair[0], pair[1])
