"""Builders for the capture station: records sealed in Python just as a laptop seals them."""

import base64
import hashlib
import json
import os
import uuid
from typing import Any

from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key
from django.utils import timezone

from booking.models import Booking, Visit
from enrolment.people.models import User
from photos.models import StationRecord
from photos.services.station.keys import key_of
from photos.services.station.records import receive_record
from tests import photo_builders, portraits

DEVICE = uuid.UUID("6f1d7e0c-54a1-4c55-8a3c-0d5f3e1a9b77")
OTHER_DEVICE = uuid.UUID("0b0e3c55-9a41-4c6e-b0c4-6f1d2b1a7c10")
OAEP = padding.OAEP(mgf=padding.MGF1(algorithm=SHA256()), algorithm=SHA256(), label=None)


def record_of(
    visit: Visit,
    subject: uuid.UUID,
    record: uuid.UUID | None = None,
    kind: str = "photo",
    jpeg: bytes = b"",
    **header: Any,
) -> dict[str, Any]:
    """The header of a record, as the laptop writes it before sealing."""
    now = timezone.now().isoformat()
    told = {
        "schema": "station-record/1",
        "kind": kind,
        "record": str(record or uuid.uuid4()),
        "visit": str(visit.pk),
        "subject": str(subject),
        "user": str(visit.technician.user_id),
        "device": str(DEVICE),
        "made_at": now,
        "document": "passport" if kind == "photo" else "",
        "vouched_by": "",
        "checked_in_at": now if kind == "photo" else None,
        "taken_at": now if kind == "photo" else None,
        "source": "camera",
        "tries": 1,
        "seconds": 41,
        "machine_ms": 430,
        "verdict": "pass" if kind == "photo" else "",
        "findings": [],
        "accepted_anyway": "",
        "note": "",
        "without_model": False,
        "width": 0,
        "height": 0,
        "sha256": hashlib.sha256(jpeg).hexdigest() if jpeg else "",
        "walk_in": None,
    }
    return told | header


def plain_of(header: dict[str, Any], jpeg: bytes = b"") -> bytes:
    """What is sealed: the header with its length before it, then the picture."""
    text = json.dumps(header, ensure_ascii=False).encode()
    return len(text).to_bytes(4) + text + jpeg


def sealed_plain(
    visit: Visit,
    subject: uuid.UUID,
    record: uuid.UUID,
    plain: bytes,
    public_key: bytes | None = None,
) -> bytes:
    """Any bytes sealed for the visit's key and bound to whom and what they are of."""
    der = public_key if public_key is not None else bytes(key_of(visit).public_key)
    key, nonce = AESGCM.generate_key(256), os.urandom(12)
    wrapped = load_der_public_key(der).encrypt(key, OAEP)
    aad = f"fotorundan/1:{visit.pk}:{subject}:{record}".encode("ascii")
    head = b"FRS1" + len(wrapped).to_bytes(2) + wrapped + nonce
    return head + AESGCM(key).encrypt(nonce, plain, aad)


def sealed(
    visit: Visit,
    subject: uuid.UUID,
    record: uuid.UUID | None = None,
    kind: str = "photo",
    jpeg: bytes | None = None,
    **header: Any,
) -> bytes:
    """A sealed record as `seal.js` makes it; its photo is a good portrait unless told otherwise."""
    record = record or uuid.uuid4()
    picture = b"" if kind != "photo" else portraits.good() if jpeg is None else jpeg
    told = record_of(visit, subject, record, kind, picture, **header)
    return sealed_plain(visit, subject, record, plain_of(told, picture))


def sent(
    visit: Visit,
    subject: uuid.UUID,
    record: uuid.UUID | None = None,
    data: bytes | None = None,
    *,
    actor: User | None = None,
    device: uuid.UUID = DEVICE,
    **more: Any,
) -> dict[str, Any]:
    """What the laptop sends with a record, as arguments of receive_record."""
    record = record or uuid.uuid4()
    if data is None:
        data = sealed(visit, subject, record, device=str(device), **more)
    return {
        "actor": actor or photo_builders.technician(visit),
        "visit": visit,
        "record_id": record,
        "subject": subject,
        "device": device,
        "sha256": hashlib.sha256(data).hexdigest(),
        "data": data,
        "way": StationRecord.Way.NETWORK,
    }


def received(booking: Booking, **more: Any) -> StationRecord:
    """A record of the person that has come in and is not opened yet."""
    receipt = receive_record(**sent(booking.visit, booking.pk, **more))
    return StationRecord.objects.get(pk=receipt.record_id)


def walked_in(visit: Visit, **more: Any) -> StationRecord:
    """A record of somebody without a time, whom the laptop gave an id; not opened yet."""
    person = {"given_name": "Nora", "family_name": "Ny", "contact": "nora@example.org"}
    receipt = receive_record(**sent(visit, uuid.uuid4(), walk_in=person, **more))
    return StationRecord.objects.get(pk=receipt.record_id)


def rescue_file(*sendings: dict[str, Any]) -> bytes:
    """A rescue file of what `sent` gave."""
    first = {"schema": "station-rescue/1", "made_at": timezone.now().isoformat()}
    lines = [json.dumps(first | {"records": len(sendings)})]
    lines += [json.dumps(_line(sending)) for sending in sendings]
    return "".join(f"{line}\n" for line in lines).encode()


def _line(sending: dict[str, Any]) -> dict[str, Any]:
    return {
        "record": str(sending["record_id"]),
        "visit": str(sending["visit"].pk),
        "subject": str(sending["subject"]),
        "device": str(sending["device"]),
        "user": str(sending["actor"].pk),
        "sha256": sending["sha256"],
        "made_at": timezone.now().isoformat(),
        "bytes": base64.b64encode(sending["data"]).decode(),
    }


def state_of(record: StationRecord) -> tuple[str, str]:
    """What became of a record: its state, and its conflict or nothing."""
    return record.state, record.conflict


def now(booking: Booking) -> tuple[str, str]:
    """What became of a booking and of its need."""
    current = Booking.objects.select_related("need").get(pk=booking.pk)
    return current.status, current.need.stage
