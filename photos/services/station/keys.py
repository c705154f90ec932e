"""A visit's key pair: made when the first laptop is made ready, destroyed when all is in."""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)
from django.db import IntegrityError, transaction
from django.utils import timezone

from booking.models import Visit
from booking.services.locks import lock_visit
from enrolment import vault
from enrolment.audit.services import Actor, System, record
from photos import storage
from photos.domain.sealed import Bound, Header, NotARecord, read_container, read_plain
from photos.models import StationKey, StationRecord
from photos.queries.station_records import is_key_needed, keys_of_ended_visits
from photos.services.refusals import KeyDestroyed

BITS = 3072  # as strong as 128 bits (NIST SP 800-57)
OAEP = padding.OAEP(mgf=padding.MGF1(algorithm=SHA256()), algorithm=SHA256(), label=None)
KEY_KEEPER = System("station-keys")


def key_of(visit: Visit) -> StationKey:
    """Return the visit's keys, made now or before; two at once get the same."""
    if key := StationKey.objects.filter(visit=visit).first():
        return key
    made = _make(visit)
    try:
        with transaction.atomic():
            made.save(force_insert=True)
            _record(made.visit, System("station"), "photos.make_station_key")
    except IntegrityError:
        return StationKey.objects.get(visit=visit)
    return made


def unsealed(of: StationRecord) -> tuple[Header, bytes]:
    """Return the header and the picture of a record; raises as `open_sealed`, and OSError."""
    plain = open_sealed(of, storage.read(of.stored_as))
    return read_plain(plain, _bound(of))


def open_sealed(of: StationRecord, data: bytes) -> bytes:
    """Return what is in a sealed record.

    Raises NotARecord where it is not sealed for this visit, this person and this very record,
    KeyDestroyed, and VaultError where the house itself is at fault.
    """
    container, bound = read_container(data), _bound(of).associated_data
    try:
        key = _private_key(of.visit).decrypt(container.wrapped_key, OAEP)
        return AESGCM(key).decrypt(container.nonce, container.ciphertext, bound)
    except (InvalidTag, ValueError) as error:
        raise NotARecord("not_sealed") from error


@transaction.atomic
def destroy_key(*, actor: Actor, visit: Visit) -> bool:
    """Destroy the private key once nothing can come that needs it; say whether it is gone.

    That is when the visit is over, every laptop made ready for it has told since then that it holds
    nothing more and either was left clean or had a day more, and all that came has been taken in.
    """
    current = lock_visit(visit.pk)
    key = StationKey.objects.select_for_update().get(visit=visit)
    if key.destroyed_at is not None:
        return True
    if is_key_needed(current, timezone.now()):
        return False
    key.private_key, key.destroyed_at = b"", timezone.now()
    key.save(update_fields=["private_key", "destroyed_at"])
    _record(current, actor, "photos.destroy_station_key")
    return True


def destroy_keys() -> None:
    """Destroy the keys of every visit that needs them no longer."""
    for key in keys_of_ended_visits():
        destroy_key(actor=KEY_KEEPER, visit=key.visit)


def _bound(of: StationRecord) -> Bound:
    return Bound(of.visit_id, of.subject, of.pk)


def _make(visit: Visit) -> StationKey:
    pair = rsa.generate_private_key(public_exponent=65_537, key_size=BITS)
    public = pair.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    private = pair.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    sealed = vault.seal(private, _place(visit))
    return StationKey(visit=visit, public_key=public, private_key=sealed)


def _private_key(visit: Visit) -> RSAPrivateKey:
    key = StationKey.objects.filter(visit=visit, destroyed_at=None).first()
    if key is None:
        raise KeyDestroyed
    made_here = vault.unseal(bytes(key.private_key), _place(visit))
    # The vault says that these are the very bytes; to try their primes again takes 0.1 s a photo.
    loaded = load_der_private_key(made_here, None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(loaded, RSAPrivateKey)  # noqa: S101 nothing else was ever sealed there
    return loaded


def _place(visit: Visit) -> str:
    return f"photos_stationkey:private_key:{visit.pk}"


def _record(visit: Visit, actor: Actor, action: str) -> None:
    federation_id = visit.unit.municipality.federation_id
    record(actor=actor, action=action, subject=visit, federation_id=federation_id)
