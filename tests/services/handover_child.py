"""Hand over a file in a process of its own, stopping for good before the n-th call of the disk.

Run as `python handover_child.py FOLDER N`: says `stopped` and waits to be killed, or `finished`.
"""

import os
import sys
from pathlib import Path

from enrolment.cards.handover import hand_over

NAME = "KB-2026-000123.zip.cms"
CHUNKS = [bytes([number]) * 5_000 for number in range(4)]
DISK_CALLS = ("write", "fsync", "replace", "unlink")


HEAD = 16


class Mask:
    """A sink that writes what it takes on with a mask of its own, as an envelope has its own key.

    It says its mask first, in a head that no two have alike, and ends with an end mark, so that a
    torn file shows.
    """

    def __init__(self, sink) -> None:
        head = bytes([os.urandom(1)[0] or 1]) + os.urandom(HEAD - 1)
        self.sink, self.mask = sink, head[0]
        sink.write(head)

    def write(self, data: bytes) -> None:
        self.sink.write(bytes(byte ^ self.mask for byte in data))

    def close(self) -> None:
        self.sink.write(b"END")


def unmasked(data: bytes) -> bytes:
    """Return what was masked; b"" for what is not whole."""
    return bytes(byte ^ data[0] for byte in data[HEAD:-3]) if data.endswith(b"END") else b""


def write_chunks(sink):
    """Write the file that every test of the hand-over expects."""
    for chunk in CHUNKS:
        sink.write(chunk)


def before_each_disk_call(act, install=setattr):
    """Let `act(number)` run before each disk call, counted from 1 over all of them."""
    count = 0

    def wrapped(call):
        def counted(*arguments, **options):
            nonlocal count
            count += 1
            act(count)
            return call(*arguments, **options)

        return counted

    for name in DISK_CALLS:
        install(os, name, wrapped(getattr(os, name)))


def stop_at(wanted):
    """Return an act that says so and waits before the wanted call."""

    def stop(number):
        if number == wanted:
            sys.stdout.write("stopped\n")
            sys.stdout.flush()
            sys.stdin.read()

    return stop


if __name__ == "__main__":
    before_each_disk_call(stop_at(int(sys.argv[2])))
    hand_over(write_chunks, Mask, Path(sys.argv[1]), NAME, rejected=sys.argv[3])
    sys.stdout.write("finished\n")
