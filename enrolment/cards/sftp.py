"""Carry packages to an issuer's SFTP server, and fetch receipts from there.

The server's host key is pinned. A package goes up as `NAME.part`, on from where an earlier try was
cut off, is renamed when it is whole, and its sentinel comes last. Every step may be cut short at
any moment and run again.
"""

import asyncio
import posixpath
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import asyncssh
from asyncssh.public_key import get_default_public_key_algs

from enrolment.cards.domain.exchange import (
    DONE,
    MOST_RECEIPT_BYTES,
    PART,
    RECEIPTS,
    SIGNATURE,
    ReceiptFile,
    Sentinel,
    receipt_folder,
    receipt_names,
)
from enrolment.people.domain.refusal import Refusal

# A chunk is acknowledged before the next one goes: a cut leaves holes in the last one at most.
CHUNK = 1 << 20
# Two encryptions of the same package differ at once, so a look at both ends of a part will do.
LOOK = 1 << 15


class SftpFault(StrEnum):
    """Why an issuer's server could not be used; `host` says which."""

    KEY = "sftp_key"  # file: our own key is missing or unreadable
    PINNED_KEY = "sftp_pinned_key"  # the pinned host key can't be read
    UNREACHABLE = "sftp_unreachable"  # also when the connection is cut
    SILENT = "sftp_silent"
    HOST_KEY = "sftp_host_key"  # the server shows another key than the pinned one
    LOGIN = "sftp_login"
    NO_FOLDER = "sftp_no_folder"  # name (of the folder)
    FULL = "sftp_full"
    REFUSED = "sftp_refused"  # reason
    UNFINISHED = "sftp_unfinished"  # the time is up; the next try goes on from there
    OTHER_CONTENT = "other_content"  # name, sha256 (of the package refused)


class SftpFailed(Refusal):
    """The issuer's server could not be used: `code` is an SftpFault. Running again is safe."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """An issuer's server: where and as whom, the folder, the pinned key, and our own key's file.

    `host_key` is as in known_hosts, without the host. `connect_seconds` is how long logging in may
    take, `silent_seconds` how long the server may take to answer one request, `send_seconds` when a
    package that is not up yet is left for the next try, and `read_seconds` when receipts that are
    not read yet are: a slow server may not use up the time of the others.
    """

    host: str
    port: int
    user: str
    folder: str
    host_key: str
    key: Path
    connect_seconds: float = 20
    silent_seconds: float = 30
    send_seconds: float = 60
    read_seconds: float = 40


def send(package: Path, sentinel: Sentinel, target: Target) -> None:
    """Put the encrypted package at `package` in the target's folder, then its sentinel.

    What is there already is left; another encryption of the same package is replaced. Raises
    SftpFailed.
    """
    _run(target, lambda server: _send(server, package, sentinel))


def read_receipts(target: Target) -> list[ReceiptFile]:
    """Return the receipts that lie on the target, by name; see ReceiptFile.

    When the time is up, those read so far. Raises SftpFailed.
    """
    return _run(target, _read_receipts)


def put_away(target: Target, name: str, *, quarantined: bool) -> None:
    """Move a receipt, and its signature, out of the way: into taken/ or quarantine/.

    Raises SftpFailed.
    """
    _run(target, lambda server: _put_away(server, name, quarantined=quarantined))


def _run[T](target: Target, work: Callable[["_Server"], Coroutine[Any, Any, T]]) -> T:
    async def connected() -> T:
        async with _connected(target) as server:
            return await work(server)

    try:
        return asyncio.run(connected())
    except (OSError, asyncssh.Error) as error:
        raise _failed(error, target) from error


async def _send(server: "_Server", package: Path, sentinel: Sentinel) -> None:
    ours, theirs = sentinel.written(), await server.read(f"{package.name}{DONE}")
    if theirs == ours and await server.size(package.name) in (None, sentinel.size):
        return
    if theirs is not None:
        found = Sentinel.read(theirs)
        if found is None or found.package_sha256 != sentinel.package_sha256:
            refused = sentinel.package_sha256
            raise SftpFailed(SftpFault.OTHER_CONTENT, name=package.name, sha256=refused)
        # Whoever sees a sentinel is to find its own file beside it.
        await server.remove(f"{package.name}{DONE}")
    await server.upload(package, package.name)
    await server.put(ours, f"{package.name}{DONE}")


async def _read_receipts(server: "_Server") -> list[ReceiptFile]:
    found: list[ReceiptFile] = []
    try:
        async with asyncio.timeout(server.target.read_seconds) as limit:
            for name in receipt_names(await server.names(RECEIPTS)):
                data = await server.read(f"{RECEIPTS}/{name}")
                signature = await server.read(f"{RECEIPTS}/{name}{SIGNATURE}")
                if data is not None:
                    found.append(ReceiptFile(name, data, signature))
    except TimeoutError:
        if not (limit.expired() and found):
            raise
    return found


async def _put_away(server: "_Server", name: str, *, quarantined: bool) -> None:
    away = receipt_folder(quarantined=quarantined)
    await server.make_folder(away)
    for each in (name, f"{name}{SIGNATURE}"):
        with suppress(asyncssh.SFTPNoSuchFile):
            await server.rename(f"{RECEIPTS}/{each}", f"{away}/{each}")


@asynccontextmanager
async def _connected(target: Target) -> AsyncIterator["_Server"]:
    """Log in by our key, to the server that has the pinned key and to no other."""
    ours, pinned = _our_key(target), _pinned_key(target)
    async with asyncio.timeout(target.connect_seconds):
        connection = await asyncssh.connect(
            target.host,
            target.port,
            username=target.user,
            client_keys=[ours],
            known_hosts=([pinned], [], []),
            # Those of the pinned key first; a server without one is to show what it has.
            server_host_key_algs=[
                name.decode() for name in (*pinned.sig_algorithms, *get_default_public_key_algs())
            ],
            preferred_auth="publickey",
            agent_path=None,
            config=None,
        )
    try:
        async with asyncio.timeout(target.connect_seconds):
            # A file that a stranger named in another encoding is not ours; the others are.
            client = await connection.start_sftp_client(path_errors="surrogateescape")
        yield _Server(client, target)
    finally:
        # Whatever failed ends the connection, and with it the files that are open.
        connection.abort()
        await connection.wait_closed()


def _our_key(target: Target) -> asyncssh.SSHKey:
    try:
        return asyncssh.read_private_key(target.key)
    except (OSError, asyncssh.KeyImportError) as error:
        raise SftpFailed(SftpFault.KEY, host=target.host, file=target.key.name) from error


def _pinned_key(target: Target) -> asyncssh.SSHKey:
    try:
        return asyncssh.import_public_key(target.host_key)
    except asyncssh.KeyImportError as error:
        raise SftpFailed(SftpFault.PINNED_KEY, host=target.host) from error


class _Server:
    """The target's folder: each request is answered in time, or the work ends."""

    def __init__(self, client: asyncssh.SFTPClient, target: Target) -> None:
        self.client, self.target = client, target

    async def read(self, name: str) -> bytes | None:
        """Return what a file holds, as far as a receipt is read; None where there is none."""
        try:
            file = await self._answer(self.client.open(self._path(name), "rb"))
        except asyncssh.SFTPNoSuchFile:
            return None
        data = b""
        while len(data) <= MOST_RECEIPT_BYTES:
            more = await self._block(
                file, min(CHUNK, MOST_RECEIPT_BYTES + 1 - len(data)), len(data)
            )
            if not more:
                break
            data += more
        await self._answer(file.close())
        return data

    async def size(self, name: str) -> int | None:
        """Return a file's size in bytes; None where there is none."""
        try:
            return (await self._answer(self.client.stat(self._path(name)))).size
        except asyncssh.SFTPNoSuchFile:
            return None

    async def names(self, folder: str) -> Sequence[str]:
        """Return what lies in a folder; nothing where there is no folder."""
        try:
            found = await self._answer(self.client.listdir(self._path(folder)))
        except asyncssh.SFTPNoSuchFile:
            return []
        return [str(name) for name in found]

    async def remove(self, name: str) -> None:
        await self._answer(self.client.remove(self._path(name)))

    async def make_folder(self, name: str) -> None:
        if await self.size(name) is None:
            await self._answer(self.client.mkdir(self._path(name)))

    async def rename(self, old: str, new: str) -> None:
        """Rename a file, in the place of another where one is there."""
        old, new = self._path(old), self._path(new)
        try:
            await self._answer(self.client.posix_rename(old, new))
        except asyncssh.SFTPOpUnsupported:
            with suppress(asyncssh.SFTPNoSuchFile):
                await self._answer(self.client.remove(new))
            await self._answer(self.client.rename(old, new))

    async def put(self, data: bytes, name: str) -> None:
        """Write a small file whole or not at all."""
        file = await self._answer(self.client.open(self._path(f"{name}{PART}"), "wb"))
        await self._taken(file.write(data))
        await self._synced(file)
        await self.rename(f"{name}{PART}", name)

    async def upload(self, package: Path, name: str) -> None:
        """Write a large file, on from where an earlier try was cut off."""
        deadline = asyncio.get_running_loop().time() + self.target.send_seconds
        offset = await self._already_there(package, f"{name}{PART}")
        mode = "r+b" if offset else "wb"
        file = await self._answer(self.client.open(self._path(f"{name}{PART}"), mode))
        with package.open("rb") as source:
            source.seek(offset)
            while chunk := source.read(CHUNK):
                if asyncio.get_running_loop().time() > deadline:
                    raise SftpFailed(SftpFault.UNFINISHED, host=self.target.host)
                await self._taken(file.write(chunk, offset))
                offset += len(chunk)
        await self._synced(file)
        if await self.size(f"{name}{PART}") != offset:
            raise SftpFailed(SftpFault.FULL, host=self.target.host)
        await self.rename(f"{name}{PART}", name)

    async def _already_there(self, package: Path, part: str) -> int:
        """Return how many bytes of the package the part surely holds, in whole chunks."""
        size = await self.size(part) or 0
        whole = max(0, -(-size // CHUNK) - 1) * CHUNK
        if not 0 < size <= package.stat().st_size or not whole:
            return 0
        file = await self._answer(self.client.open(self._path(part), "rb"))
        with package.open("rb") as source:
            for offset in (0, whole - LOOK):
                source.seek(offset)
                if await self._block(file, LOOK, offset) != source.read(LOOK):
                    return 0
        await self._answer(file.close())
        return whole

    async def _block(self, file: asyncssh.SFTPClientFile, size: int, offset: int) -> bytes:
        block: bytes = await self._answer(file.read(size, offset))
        return block

    async def _synced(self, file: asyncssh.SFTPClientFile) -> None:
        with suppress(asyncssh.SFTPOpUnsupported):
            await self._taken(file.fsync())
        await self._taken(file.close())

    async def _taken(self, request: Awaitable[object]) -> None:
        """Wait until the server has taken what it was sent.

        SFTP version 3 has no word for a full disk: it is a mere failure.
        """
        try:
            await self._answer(request)
        except asyncssh.SFTPFailure as error:
            raise SftpFailed(SftpFault.FULL, host=self.target.host) from error

    async def _answer[T](self, request: Awaitable[T]) -> T:
        async with asyncio.timeout(self.target.silent_seconds):
            return await request

    def _path(self, name: str) -> str:
        return posixpath.join(self.target.folder, name)


# The first that fits.
_FAULTS: Sequence[tuple[SftpFault, tuple[type[Exception], ...]]] = (
    (SftpFault.SILENT, (TimeoutError,)),
    (SftpFault.HOST_KEY, (asyncssh.HostKeyNotVerifiable,)),
    (SftpFault.LOGIN, (asyncssh.PermissionDenied,)),
    (SftpFault.NO_FOLDER, (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath)),
    (SftpFault.FULL, (asyncssh.SFTPNoSpaceOnFilesystem, asyncssh.SFTPQuotaExceeded)),
    (SftpFault.UNREACHABLE, (asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection)),
    (SftpFault.REFUSED, (asyncssh.SFTPError,)),
    (SftpFault.UNREACHABLE, (Exception,)),
)


def _failed(error: Exception, target: Target) -> SftpFailed:
    code = next(code for code, kinds in _FAULTS if isinstance(error, kinds))
    return SftpFailed(code, host=target.host, name=target.folder or ".", reason=str(error)[:60])
