"""Saves sent over real connections by several processes, each acknowledged one counted."""

import http.client
import itertools
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from tests.browser.demo_site import free_port

ROOT = Path(__file__).parents[2]
PROCESSES = 2


@dataclass(frozen=True)
class Sender:
    """One school's browser: where it posts, with which cookie and token."""

    path: str
    cookie: str
    token: str


@dataclass(frozen=True)
class Sent:
    """What one sender got: acknowledged saves, other answers, milliseconds of each."""

    path: str
    saved: int
    refused: int
    millis: tuple[float, ...]


@contextmanager
def served(module: str, folder: Path | None = None) -> Iterator[int]:
    """The app of a module behind gunicorn as `make run` starts it; yields the port."""
    port = free_port()
    env = {**os.environ, "BENCH_FOLDER": str(folder or "")}
    command = [sys.executable, "-m", "gunicorn", module, "--bind", f"127.0.0.1:{port}", "--workers", "1"]
    server = subprocess.Popen([*command, "--threads", "8", "--log-level", "error"], cwd=ROOT, env=env)
    try:
        _wait(port)
        yield port
    finally:
        server.terminate()
        server.wait(10)


def _wait(port: int) -> None:
    for _ in range(100):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/bare")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not answer")


def hammer(port: int, senders: list[Sender], seconds: float) -> list[Sent]:
    """Let every sender save one answer after the other for `seconds`."""
    groups = [senders[place::PROCESSES] for place in range(PROCESSES)]
    with ProcessPoolExecutor(PROCESSES) as pool:
        done = pool.map(_hammer_group, itertools.repeat(port), groups, itertools.repeat(seconds))
        return [sent for group in done for sent in group]


def _hammer_group(port: int, senders: list[Sender], seconds: float) -> list[Sent]:
    with ThreadPoolExecutor(len(senders)) as pool:
        return list(pool.map(_one, itertools.repeat(port), senders, itertools.repeat(seconds)))


def _one(port: int, sender: Sender, seconds: float) -> Sent:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Accept": "application/json",
        "Cookie": sender.cookie,
    }
    millis: list[float] = []
    saved = refused = 0
    end = time.monotonic() + seconds
    while (start := time.monotonic()) < end:
        connection.request("POST", sender.path, _body(sender, saved), headers)
        answer = connection.getresponse()
        answer.read()
        millis.append(1000 * (time.monotonic() - start))
        saved, refused = saved + (answer.status == 200), refused + (answer.status != 200)
    return Sent(sender.path, saved, refused, tuple(millis))


def _body(sender: Sender, saved: int) -> str:
    fields = {"indicator": "LM4.1", "site": 0, "value": saved % 4, "comment": f"Lần {saved}"}
    return urlencode(
        {**fields, "base_version": saved, "key": f"{os.getpid()}-{saved}", "csrf_token": sender.token}
    )
