"""One web server of a scenario: started, killed, stopped for a moment, started again on the same port."""

import http.client
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.browser.demo_site import free_port
from tests.faults.ground import Ground
from tests.faults.nursery import end_group, nursery

READY_SECONDS = 20.0


@dataclass
class Server:
    """A web server in a process group of its own."""

    ground: Ground
    without: tuple[str, ...] = ()
    env: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    group: int = 0

    def start(self) -> None:
        """Start it and wait until it answers."""
        env = self.ground.environment() | {"FAULTS_WITHOUT": ",".join(self.without)} | self.env
        self.group = nursery().fork("web", str(self.port), env=env)
        wait_for_answer(self.port)

    def kill(self) -> None:
        """SIGKILL to every process of the group at once, then wait until all are gone."""
        end_group(self.group)
        end = time.monotonic() + 10
        while members(self.group):
            assert time.monotonic() < end, "the group outlived SIGKILL"
            time.sleep(0.002)

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """No process of the group does anything inside the block."""
        os.killpg(self.group, signal.SIGSTOP)
        while any(state not in "TZ" for state in members(self.group).values()):
            time.sleep(0.001)
        try:
            yield
        finally:
            os.killpg(self.group, signal.SIGCONT)


@contextmanager
def served(ground: Ground, *without: str, **more: Any) -> Iterator[Server]:
    """A server that answers; killed afterwards."""
    server = Server(ground, without, **more)
    server.start()
    try:
        yield server
    finally:
        server.kill()


def members(group: int) -> dict[int, str]:
    """The processes of a group that are not buried yet, each with its state letter."""
    found = {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = place.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] != "Z":
            found[int(place.parent.name)] = fields[0]
    return found


def wait_for_answer(port: int) -> None:
    """Return once the server answers."""
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            connection.close()
            return
        except (OSError, http.client.HTTPException):
            time.sleep(0.01)
    raise RuntimeError("the server did not answer")
