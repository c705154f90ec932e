"""The vault: seal and open bytes under a ring of keys, and look up sealed values blindly.

AES-256-GCM (NIST SP 800-38D) with a 96-bit random nonce. A sealed value is
`key number (2 bytes) | nonce (12) | ciphertext and tag`, bound to its place by the associated
data `table:column:row`: moved to another row it does not open. The key files `seal-<n>.key` and
`index.key` hold 32 random bytes each; the highest n seals, all of them open.
"""

import hashlib
import hmac
import os
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

KEY_BYTES = 32
NONCE_BYTES = 12
NUMBER_BYTES = 2


class VaultError(Exception):
    """A key is missing, or sealed bytes do not open where they lie."""


def create_keys(folder: Path) -> list[str]:
    """Make the first keys in `folder` (mode 0700), leaving any that are there; return the new."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    missing = [name for name in ("seal-1.key", "index.key") if not (folder / name).exists()]
    for name in missing:
        _write_key(folder / name)
    return missing


def seal(plain: bytes, context: str) -> bytes:
    """Seal bytes for the place that `context` names, as `table:column:row`."""
    number = max(_seal_keys(settings.KEYS_DIR))
    key = _seal_keys(settings.KEYS_DIR)[number]
    nonce = os.urandom(NONCE_BYTES)
    head = number.to_bytes(NUMBER_BYTES)
    return head + nonce + AESGCM(key).encrypt(nonce, plain, context.encode())


def unseal(sealed: bytes, context: str) -> bytes:
    """Open what `seal` sealed for the same context.

    Raises VaultError when the key is gone, the bytes were changed or the place is another.
    """
    number = int.from_bytes(sealed[:NUMBER_BYTES])
    key = _seal_keys(settings.KEYS_DIR).get(number)
    if key is None:
        raise VaultError(f"Key {number} is not in the key folder: put seal-{number}.key back.")
    nonce = sealed[NUMBER_BYTES : NUMBER_BYTES + NONCE_BYTES]
    try:
        return AESGCM(key).decrypt(nonce, sealed[NUMBER_BYTES + NONCE_BYTES :], context.encode())
    except (InvalidTag, ValueError) as error:
        raise VaultError(f"The sealed bytes at {context} do not open there.") from error


def blind_index(value: str, scope: str) -> str:
    """Return 64 hex digits by which an equal value is found again within `scope`.

    HMAC-SHA-256 under a key of its own: an unkeyed hash of every personnummer is soon reversed.
    """
    message = f"{scope}:{value}".encode()
    return hmac.new(_index_key(settings.KEYS_DIR), message, hashlib.sha256).hexdigest()


@lru_cache(maxsize=8)
def _seal_keys(folder: Path) -> dict[int, bytes]:
    files = folder.glob("seal-*.key")
    keys = {int(file.stem.removeprefix("seal-")): _read_key(file) for file in files}
    if not keys:
        raise VaultError(f"No key in {folder}: run `python manage.py create_keys`.")
    return keys


@lru_cache(maxsize=8)
def _index_key(folder: Path) -> bytes:
    try:
        return _read_key(folder / "index.key")
    except FileNotFoundError as error:
        raise VaultError(
            f"No index.key in {folder}: run `python manage.py create_keys`."
        ) from error


def _read_key(path: Path) -> bytes:
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise VaultError(f"{path} must hold exactly {KEY_BYTES} bytes.")
    return key


def _write_key(path: Path) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(os.urandom(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
