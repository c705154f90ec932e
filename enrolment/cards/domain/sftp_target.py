"""Where an issuer's SFTP server is and which key it must show, read from what somebody typed."""

import base64
import binascii
import hashlib
import ipaddress
import re
from enum import StrEnum

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_ssh_public_key

from enrolment.people.domain.refusal import Refusal

# RFC 8709, RFC 5656 and RFC 4253: what servers show. DSA keys are too weak.
KEY_TYPES = frozenset(
    {
        "ssh-ed25519",
        "ecdsa-sha2-nistp256",
        "ecdsa-sha2-nistp384",
        "ecdsa-sha2-nistp521",
        "ssh-rsa",
    }
)
# NIST SP 800-57 part 1 rev. 5, table 2: below this an RSA key has under 112 bits of strength.
LEAST_RSA_BITS = 2048
LONGEST_HOST, LONGEST_KEY, LONGEST_FOLDER = 120, 800, 200
# RFC 1123, 2.1. A last label of digits alone would be read as a short form of an address.
LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
HOST = re.compile(rf"(?:{LABEL}\.)*(?![0-9]+$){LABEL}")
USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._@-]{0,59}")
FOLDER_PART = re.compile(r"[^\x00-\x1f\x7f\\]+")


class TargetFault(StrEnum):
    """What is wrong with the address or the key."""

    HOST = "sftp_host"
    USER = "sftp_user"
    FOLDER = "sftp_folder"
    KEY_MISSING = "sftp_key_missing"
    KEY_FORM = "sftp_key_form"
    KEY_FINGERPRINT = "sftp_key_fingerprint"
    KEY_PRIVATE = "sftp_key_private"
    KEY_SEVERAL = "sftp_key_several"
    KEY_TYPE = "sftp_key_type"


class TargetRefused(Refusal):
    """The address or the key can't be used: `code` is a TargetFault."""

    code: TargetFault


def read_host(text: str) -> str:
    """Return a bare host name or IP address in lower case; a URL, port or user is refused.

    Raises TargetRefused(HOST).
    """
    host = text.strip().lower()
    if len(host) > LONGEST_HOST or not (HOST.fullmatch(host) or _is_address(host)):
        raise TargetRefused(TargetFault.HOST)
    return host


def read_user(text: str) -> str:
    """Return the user's name on the server. Raises TargetRefused(USER)."""
    user = text.strip()
    if not USER.fullmatch(user):
        raise TargetRefused(TargetFault.USER)
    return user


def read_folder(text: str) -> str:
    """Return a folder on the server without a slash at its end; empty is where one logs in.

    Raises TargetRefused(FOLDER) for `..`, backslashes and control characters.
    """
    folder = text.strip()
    parts = [part for part in folder.split("/") if part]
    plain = all(FOLDER_PART.fullmatch(part) and part not in {".", ".."} for part in parts)
    if not plain or len(folder) > LONGEST_FOLDER:
        raise TargetRefused(TargetFault.FOLDER)
    return ("/" if folder.startswith("/") else "") + "/".join(parts)


def read_host_key(text: str) -> str:
    """Return the server's public key as `type base64`, from a line of known_hosts or ssh-keyscan.

    The host in front and a comment after are dropped. Raises TargetRefused(KEY_…).
    """
    if "PRIVATE KEY" in text:
        raise TargetRefused(TargetFault.KEY_PRIVATE)
    lines = [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    if not lines:
        raise TargetRefused(TargetFault.KEY_MISSING)
    if len(lines) > 1:
        raise TargetRefused(TargetFault.KEY_SEVERAL)
    return _key(lines[0])


def host_key_fingerprint(key: str) -> str:
    """Return the fingerprint of a key from `read_host_key`, as `ssh-keygen -l` writes it."""
    digest = hashlib.sha256(base64.b64decode(key.split(" ")[1])).digest()
    return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return "%" not in host


def _key(line: str) -> str:
    words = line.split()
    if words[0].startswith(("SHA256:", "MD5:")):
        raise TargetRefused(TargetFault.KEY_FINGERPRINT)
    # A marker such as @revoked says that the key is not an ordinary one.
    if words[0].startswith("@"):
        raise TargetRefused(TargetFault.KEY_FORM)
    at = next((place for place, word in enumerate(words[:2]) if word in KEY_TYPES), None)
    if at is None:
        raise TargetRefused(TargetFault.KEY_TYPE if len(words) > 1 else TargetFault.KEY_FORM)
    key = " ".join(words[at : at + 2])
    _check(key)
    return key


def _check(key: str) -> None:
    try:
        base64.b64decode(key.split(" ")[1], validate=True)
        public = load_ssh_public_key(key.encode())
    except (IndexError, ValueError, binascii.Error, UnsupportedAlgorithm) as error:
        raise TargetRefused(TargetFault.KEY_FORM) from error
    weak = isinstance(public, rsa.RSAPublicKey) and public.key_size < LEAST_RSA_BITS
    if weak or len(key) > LONGEST_KEY:
        raise TargetRefused(TargetFault.KEY_TYPE)
