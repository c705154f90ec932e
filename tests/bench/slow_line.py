"""A line of a certain speed before a server, shared by a page and all of its workers."""

import asyncio
import socket
import threading
from asyncio import StreamReader, StreamWriter
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PIECE = 16 * 1024


class Line:
    """So many bits a second down, shared by all connections, and a delay on what goes up.

    `carried` counts the bytes that have come down.
    """

    def __init__(self, port: int, *, bits_per_second: float, delay: float) -> None:
        self.target, self.delay = port, delay
        self.bytes_per_second = bits_per_second / 8
        self.carried = 0
        self._free_at = 0.0

    async def connect(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Carry one connection both ways until either side ends it."""
        await asyncio.sleep(self.delay)
        down, up = await asyncio.open_connection("127.0.0.1", self.target, limit=PIECE)
        ways = [self._carry_up(reader, up), self._carry_down(down, writer)]
        tasks = [asyncio.ensure_future(way) for way in ways]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            for end in (up, writer):
                end.close()

    async def _carry_up(self, reader: StreamReader, writer: StreamWriter) -> None:
        with suppress(ConnectionError):
            while piece := await reader.read(PIECE):
                await asyncio.sleep(self.delay)
                writer.write(piece)
                await writer.drain()

    async def _carry_down(self, reader: StreamReader, writer: StreamWriter) -> None:
        with suppress(ConnectionError):
            while piece := await reader.read(PIECE):
                await self._wait_for_room(len(piece))
                writer.write(piece)
                await writer.drain()

    async def _wait_for_room(self, size: int) -> None:
        now = asyncio.get_running_loop().time()
        self._free_at = max(now, self._free_at) + size / self.bytes_per_second
        self.carried += size
        await asyncio.sleep(self._free_at - now)


@contextmanager
def slow_line(port: int, *, bits_per_second: float, delay: float) -> Iterator[tuple[Line, int]]:
    """Yield a line to the port on this machine, and the port at which it begins."""
    line = Line(port, bits_per_second=bits_per_second, delay=delay)
    loop, ended = asyncio.new_event_loop(), asyncio.Event()
    with socket.create_server(("127.0.0.1", 0), backlog=64) as ear:
        serving = _serve(line, ear, ended)
        thread = threading.Thread(target=loop.run_until_complete, args=[serving], daemon=True)
        thread.start()
        try:
            yield line, ear.getsockname()[1]
        finally:
            loop.call_soon_threadsafe(ended.set)
            thread.join()
            loop.close()


async def _serve(line: Line, ear: socket.socket, ended: asyncio.Event) -> None:
    server = await asyncio.start_server(line.connect, sock=ear)
    await ended.wait()
    server.close()
    carrying = asyncio.all_tasks() - {asyncio.current_task()}
    for task in carrying:
        task.cancel()
    await asyncio.gather(*carrying, return_exceptions=True)
