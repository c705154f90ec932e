"""Ask a routing engine for travel times: OSRM (/table/v1) or Valhalla (/sources_to_targets).

Coordinates leave the house here, so nothing is asked unless an address stands in the settings.
Only https, or plain http to this machine; no redirect is followed, answers are limited in size and
time and looked through before they are believed. 50 × 50 places at a time is what both engines
answer as they come.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from http.client import HTTPException
from ipaddress import ip_address
from math import isfinite
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from booking.domain.travel import Place, Source
from enrolment import outside

BLOCK = 50
MAX_ANSWER_BYTES = 5_000_000
SOCKET_SECONDS = 15.0
MOST_SECONDS = 24 * 60 * 60


class RoutingCode(StrEnum):
    """Why there is no answer; `booking.faults` has a sentence for each."""

    ADDRESS = "routing_address"
    UNREACHABLE = "routing_unreachable"
    STATUS = "routing_status"
    TOO_LARGE = "routing_too_large"
    TOO_SLOW = "routing_too_slow"
    BAD_ANSWER = "routing_bad_answer"


class RoutingFault(Exception):
    """The engine gave no answer that can be used; `code` is a RoutingCode."""

    def __init__(self, code: RoutingCode) -> None:
        super().__init__(code.value)
        self.code = code


@dataclass(frozen=True, slots=True)
class Answer:
    """One way as the engine has it, without parking; `km` None where it tells no distance."""

    minutes: float
    km: float | None


@dataclass(frozen=True, slots=True)
class Engine:
    """Which engine is asked, and where."""

    source: Source
    address: str


def engine() -> Engine | None:
    """Return the engine of the settings, OSRM before Valhalla, or None for none."""
    if settings.OSRM_URL:
        return Engine(Source.OSRM, settings.OSRM_URL)
    if settings.VALHALLA_URL:
        return Engine(Source.VALHALLA, settings.VALHALLA_URL)
    return None


def ask(
    asked: Engine, origins: Sequence[Place], destinations: Sequence[Place]
) -> list[list[Answer | None]]:
    """Return the ways from each origin to each destination; None where there is no road.

    At most BLOCK of each. Raises RoutingFault.
    """
    address = _checked(asked.address)
    if asked.source == Source.OSRM:
        told = _fetch(address, "GET", _osrm_path(origins, destinations), None)
        return _osrm_answers(told, len(origins), len(destinations))
    question = json.dumps(_valhalla_question(origins, destinations)).encode()
    told = _fetch(address, "POST", "/sources_to_targets", question)
    return _valhalla_answers(told, len(origins), len(destinations))


def _checked(address: str) -> SplitResult:
    """Return the address in its parts: https, or http to this machine, and no log-in in it."""
    try:
        parts = urlsplit(address)
        plain = parts.scheme == "http" and _is_loopback(parts.hostname or "")
        fit = (parts.scheme == "https" or plain) and parts.hostname and parts.port != 0
    except ValueError:
        fit = False
    if not fit or parts.username or parts.query or parts.fragment:
        raise RoutingFault(RoutingCode.ADDRESS)
    return parts


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _fetch(address: SplitResult, method: str, path: str, body: bytes | None) -> Any:
    headers = {"Accept": "application/json", "User-Agent": "Fotorundan"}
    if body is not None:
        headers["Content-Type"] = "application/json"
    whole = address.path.rstrip("/") + path
    try:
        status, content = outside.ask(
            *(address, method, whole, body, headers),
            timeout=SOCKET_SECONDS,
            most_bytes=MAX_ANSWER_BYTES,
        )
    except outside.TooSlow as error:
        raise RoutingFault(RoutingCode.TOO_SLOW) from error
    except (OSError, HTTPException) as error:
        raise RoutingFault(RoutingCode.UNREACHABLE) from error
    if len(content) > MAX_ANSWER_BYTES:
        raise RoutingFault(RoutingCode.TOO_LARGE)
    if status != 200:
        raise RoutingFault(RoutingCode.STATUS)
    return _json(content)


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise RoutingFault(RoutingCode.BAD_ANSWER) from error


def _osrm_path(origins: Sequence[Place], destinations: Sequence[Place]) -> str:
    spots = ";".join(
        f"{each.longitude:.5f},{each.latitude:.5f}" for each in [*origins, *destinations]
    )
    rows = ";".join(map(str, range(len(origins))))
    columns = ";".join(str(len(origins) + number) for number in range(len(destinations)))
    wanted = f"annotations=duration,distance&sources={rows}&destinations={columns}"
    return f"/table/v1/driving/{spots}?{wanted}"


def _valhalla_question(
    origins: Sequence[Place], destinations: Sequence[Place]
) -> dict[str, object]:
    return {
        "sources": [{"lat": each.latitude, "lon": each.longitude} for each in origins],
        "targets": [{"lat": each.latitude, "lon": each.longitude} for each in destinations],
        "costing": "auto",
        "units": "kilometers",
    }


def _osrm_answers(told: Any, rows: int, columns: int) -> list[list[Answer | None]]:
    if not isinstance(told, dict) or told.get("code") != "Ok":
        raise RoutingFault(RoutingCode.BAD_ANSWER)
    seconds = _table(told.get("durations"), rows, columns)
    metres = told.get("distances")
    lengths = _table(metres, rows, columns) if metres is not None else [[None] * columns] * rows
    return [
        [_answer(second, metre, 1_000) for second, metre in zip(*pair, strict=True)]
        for pair in zip(seconds, lengths, strict=True)
    ]


def _valhalla_answers(told: Any, rows: int, columns: int) -> list[list[Answer | None]]:
    table = told.get("sources_to_targets") if isinstance(told, dict) else None
    return [[_valhalla_cell(cell) for cell in row] for row in _table(table, rows, columns)]


def _valhalla_cell(cell: Any) -> Answer | None:
    if not isinstance(cell, dict):
        raise RoutingFault(RoutingCode.BAD_ANSWER)
    return _answer(cell.get("time"), cell.get("distance"), 1)


def _table(value: Any, rows: int, columns: int) -> list[list[Any]]:
    """Return a table of exactly so many rows and columns."""
    is_table = isinstance(value, list) and len(value) == rows
    if not is_table or any(not isinstance(row, list) or len(row) != columns for row in value):
        raise RoutingFault(RoutingCode.BAD_ANSWER)
    return list(value)


def _answer(seconds: Any, length: Any, per_km: int) -> Answer | None:
    if seconds is None:
        return None
    minutes = _quantity(seconds, MOST_SECONDS) / 60
    km = None if length is None else _quantity(length, MOST_SECONDS * per_km) / per_km
    return Answer(minutes, km)


def _quantity(value: Any, most: float) -> float:
    """Return a number from 0 to `most`."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not isfinite(value) or not 0 <= value <= most:
        raise RoutingFault(RoutingCode.BAD_ANSWER)
    return float(value)
