"""A real SFTP server on loopback, which can be told to cut off, hang or be full."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import asyncssh

from enrolment.cards.sftp import Target

USER = "fotorundan"


@dataclass
class Mood:
    """How the server behaves: after so many bytes of packages it cuts, hangs or is full.

    It never gives what is in the file `hangs_in`.
    """

    cuts: list[int] = field(default_factory=list)
    hangs: bool = False
    hangs_in: str = "none"
    full_after: int | None = None
    knows_posix_rename: bool = True
    knows_fsync: bool = True
    taken: int = 0
    done: list[str] = field(default_factory=list)
    opened: list[BinaryIO] = field(default_factory=list)


@dataclass
class Site:
    """The running server: its folder, its port and keys, and its mood."""

    root: Path
    port: int
    host_key: str
    client_key: Path
    mood: Mood

    def target(self, **more) -> Target:
        known = {
            "host": "127.0.0.1",
            "port": self.port,
            "user": USER,
            "folder": "in",
            "host_key": self.host_key,
            "key": self.client_key,
            "connect_seconds": 5,
            "silent_seconds": 5,
        }
        return Target(**{**known, **more})


def key_of(path: Path) -> asyncssh.SSHKey:
    """Make a key, and keep it in the file as the house does."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    path.parent.mkdir(parents=True, exist_ok=True)
    key.write_private_key(path)
    return key


def shown(key: asyncssh.SSHKey) -> str:
    """Return a public key as it stands in known_hosts, after the host."""
    return " ".join(key.export_public_key().decode().split()[:2])


@contextmanager
def sftp_server(folder: Path, client_key: Path) -> Iterator[Site]:
    """Run the server in a thread of its own until the block ends."""
    root, mood = folder / "site", Mood()
    (root / "in" / "receipts").mkdir(parents=True)
    host_key = asyncssh.generate_private_key("ssh-ed25519")
    known = asyncssh.import_authorized_keys(key_of(client_key).export_public_key().decode())
    loop, ports = asyncio.new_event_loop(), []
    ready = threading.Event()

    async def serve() -> None:
        listener = await asyncssh.listen(
            "127.0.0.1",
            0,
            server_host_keys=[host_key],
            authorized_client_keys=known,
            sftp_factory=lambda channel: _Moody(channel, root, mood),
        )
        ports.append(listener.get_port())
        ready.set()
        try:
            await asyncio.Event().wait()
        finally:
            listener.close()

    thread = threading.Thread(target=_run, args=(loop, serve()))
    thread.start()
    assert ready.wait(10)
    try:
        yield Site(root, ports[0], shown(host_key), client_key, mood)
    finally:
        loop.call_soon_threadsafe(lambda: [task.cancel() for task in asyncio.all_tasks(loop)])
        thread.join(10)
        for left_by_a_cut in mood.opened:
            left_by_a_cut.close()


def _run(loop: asyncio.AbstractEventLoop, serving) -> None:
    try:
        loop.run_until_complete(serving)
    except asyncio.CancelledError:
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()


class _Moody(asyncssh.SFTPServer):
    def __init__(self, channel, root: Path, mood: Mood) -> None:
        self.mood, self.channel_used = mood, channel
        super().__init__(channel, chroot=str(root))

    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> BinaryIO:
        self.mood.opened.append(super().open(path, pflags, attrs))
        return self.mood.opened[-1]

    async def read(self, file_obj, offset: int, size: int) -> bytes:
        if file_obj.name.endswith(self.mood.hangs_in.encode()):
            await asyncio.Event().wait()
        return super().read(file_obj, offset, size)

    async def write(self, file_obj, offset: int, data: bytes) -> int:
        mood = self.mood
        if mood.hangs:
            await asyncio.Event().wait()
        if mood.full_after is not None and mood.taken + len(data) > mood.full_after:
            raise OSError(28, "No space left on device")
        if mood.cuts and mood.taken + len(data) > mood.cuts[0]:
            mood.cuts.pop(0)
            super().write(file_obj, offset, data[: len(data) // 2])
            file_obj.flush()
            self.channel_used.get_connection().abort()
        mood.taken += len(data)
        return super().write(file_obj, offset, data)

    def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        if not self.mood.knows_posix_rename:
            raise asyncssh.SFTPOpUnsupported("not here")
        self.mood.done.append(f"rename {newpath.decode()}")
        super().posix_rename(oldpath, newpath)

    def remove(self, path: bytes) -> None:
        self.mood.done.append(f"remove {path.decode()}")
        super().remove(path)

    def fsync(self, file_obj) -> None:
        if not self.mood.knows_fsync:
            raise asyncssh.SFTPOpUnsupported("not here")
        self.mood.done.append("fsync")
        super().fsync(file_obj)
