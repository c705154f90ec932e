"""Kill the whole Chromium at random moments while its station keeps and sends; see what is lost.

Each life of the browser has the same profile. What its page was told to be kept is told to the
server at once, past the queue; in the end the server must have all of that.
"""

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, Playwright

from tests.browser.conftest import SWITCHES
from tests.browser.station_store import USER, run
from tests.browser.station_upload_server import ADDRESSES, Fault, UploadServer

# From before the first transaction of a life to well into its sending.
EARLIEST, LATEST = 0.0, 1.2
# At least so many acknowledged records for each kill.
A_KILL = 5
# After hundreds of kills there is much to send, milliseconds.
ALL_SENT = 600_000
LISTENING = "DevTools listening on "

# Every fifth record is held until the next one is kept. Time runs a thousand times as fast for
# what waits to be sent again.
LIVE = """
  const clock = { now: () => Date.now(), monotonic: () => performance.now() * 1000 };
  const told = { userId: given.user, addresses: given.addresses, onState: () => {} };
  window.sender = sender.startSender({ ...told, clock, every: 50 });
  const tell = (made) => fetch("/acknowledged", {
    method: "POST", body: JSON.stringify({ id: made.id, sha256: made.sha256 }),
  });
  const live = async () => {
    for (let number = 0, before = null; ; number += 1) {
      const made = await record({ size: 1.5e5 + 1e5 * Math.random(), held: number % 5 === 0 });
      await outbox.keep(made);
      await tell(made);
      if (before) await outbox.release(before);
      before = made.held ? made.id : null;
    }
  };
  live();
"""
SEND_ALL = """
  const told = { userId: given.user, addresses: given.addresses, onState: () => {} };
  const { sendNow, stop } = sender.startSender(told);
  await sendNow();
  stop();
  return outbox.counts(given.user);
"""


@dataclass(frozen=True)
class Found:
    """What the kills left: how many records were acknowledged, lost, and came with other bytes."""

    kills: int
    acknowledged: int
    lost: int
    conflicts: int
    unacknowledged: int
    left: int
    resent: int


def kill_often(
    playwright: Playwright,
    chromium: str,
    server: UploadServer,
    profile: Path,
    kills: int,
    seed: int,
) -> Found:
    """Live and be killed so many times, send what is left, and tell what the server then has.

    On a slow machine there are more lives, until five times as many records are acknowledged.
    """
    chance = random.Random(seed)
    server.user, server.keeps_bodies, server.faults = USER, False, _network(chance)
    killed = 0
    while killed < kills or len(server.acknowledged) < A_KILL * kills:
        with _life(playwright, chromium, profile, server.url) as page:
            run(page, LIVE, addresses=ADDRESSES)
            time.sleep(chance.uniform(EARLIEST, LATEST))
        killed += 1
    server.faults = iter(lambda: None, 0)
    with _life(playwright, chromium, profile, server.url) as page:
        left = run(page, SEND_ALL, addresses=ADDRESSES, limit=ALL_SENT)
    lost = [each for each in server.acknowledged.items() if each not in server.kept.items()]
    return Found(
        kills=killed,
        acknowledged=len(server.acknowledged),
        lost=len(lost),
        conflicts=server.conflicts,
        unacknowledged=len(server.kept.keys() - server.acknowledged.keys()),
        left=left["saved"] + left["sending"] + left["refused"],
        resent=server.receipts.total() - len(server.receipts),
    )


def assert_nothing_lost(found: Found) -> None:
    assert (found.lost, found.conflicts, found.left) == (0, 0, 0)
    # A life ends with at most one record that was kept but not yet told.
    assert found.unacknowledged <= found.kills + 1


def _network(chance: random.Random) -> Iterator[Fault | tuple[int, dict[str, str]] | None]:
    choices = [Fault.ANSWER_LOST, Fault.REQUEST_CUT, (500, {}), (507, {"code": "disk_full"}), None]
    while True:
        yield chance.choices(choices, weights=[10, 10, 3, 3, 74])[0]


@contextmanager
def _life(playwright: Playwright, chromium: str, profile: Path, url: str) -> Iterator[Page]:
    """A Chromium with a page at the address; all its processes are killed in the end."""
    switches = [*SWITCHES, f"--user-data-dir={profile}", "--remote-debugging-port=0"]
    with subprocess.Popen(
        [chromium, *switches, "about:blank"],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            browser = playwright.chromium.connect_over_cdp(_address(process))
            page = browser.contexts[0].pages[0]
            page.goto(url)
            yield page
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def _address(process: "subprocess.Popen[str]") -> str:
    assert process.stderr
    for line in process.stderr:
        if LISTENING in line:
            return line.partition(LISTENING)[2].strip()
    raise AssertionError("Chromium did not start")
