"""What the server gives a laptop before a visit, as the station's modules see it."""

import base64
import uuid

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

NIL = uuid.UUID(int=0)
ADDRESSES = {
    "visits": "/api/station/besok",
    "package": f"/api/station/besok/{NIL}",
    "state": "/api/station/lage",
}
ANN = {"id": "7", "name": "Ann Tekniker"}
VISIT = "5b1f0c9e-0000-4000-8000-000000000001"


def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=3072)


def public_key(of: rsa.RSAPrivateKey) -> str:
    der = of.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


def person(number: int, given_name: str, family_name: str, clock: str = "09:00") -> dict:
    return {
        "subject": str(uuid.UUID(int=number)),
        "given_name": given_name,
        "family_name": family_name,
        "code": f"ABCD-EF{number:02}",
        "time": f"2031-05-12T{clock}:00+02:00",
        "flags": [],
        "state": "booked",
    }


def package(people: list[dict], **differs: object) -> dict:
    contents = {
        "schema": "station/1",
        "version": "1" * 64,
        "prepared_at": "2031-05-11T16:00:00+02:00",
        "user": ANN,
        "visit": {
            "id": VISIT,
            "unit": "Björkgården",
            "address": "Storgatan 1",
            "room": "Linneförrådet",
            "starts_at": "2031-05-12T09:00:00+02:00",
            "ends_at": "2031-05-12T12:00:00+02:00",
            "federation": "Ådalens IT",
        },
        "public_key": "",
        "people": people,
        "profile": {"key": "siths", "title": "Kortfoto", "card": {}, "limits": {}},
    }
    return contents | differs


def listed(version: str = "1" * 64, id_: str = VISIT) -> dict:
    return {"visits": [{"id": id_, "unit": "Björkgården", "people": 2, "version": version}]}
