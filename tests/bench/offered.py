"""Saves offered at a steady rate, whether or not the server keeps up: one process, one thread, plain sockets.

A time counts from the instant a save was due, so that a server which falls behind cannot hide it: the next
save of a real school does not wait for another school's.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.bench.figures import p95
from tests.bench.load import Sender, headers_of, save_body

LONGEST = 10.0  # seconds a save may take before it counts as lost on the way
IDLE = 1.0  # seconds after which a connection is opened anew: the server closes it after two


@dataclass
class Step:
    """What became of the saves offered at one rate."""

    rate: int
    millis: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def p95_ms(self) -> float:
        """The slow end, in milliseconds from the instant a save was due to its answer."""
        return p95(self.millis)

    def held(self, most_ms: float) -> bool:
        """True when nothing went wrong and the slow end stayed under `most_ms`."""
        return not self.errors and self.p95_ms < most_ms


class Line:
    """One school's browser: its connection, and how many of its saves were acknowledged."""

    def __init__(self, port: int, sender: Sender) -> None:
        self.port, self.sender = port, sender
        self.saved = 0
        self.used = 0.0
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        headers = {"Host": f"127.0.0.1:{port}", **headers_of(sender)}
        told = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.head = f"POST {sender.path} HTTP/1.1\r\n{told}"

    async def save(self) -> str:
        """Send the next save; "" when it was acknowledged, else what came instead.

        One that broke off is sent again as it was: its key makes the server answer what it answered before.
        """
        try:
            status = await asyncio.wait_for(self._send(), LONGEST)
        except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
            self.close()
            return type(error).__name__
        if status != 200:
            return str(status)
        self.saved += 1
        return ""

    async def _send(self) -> int:
        if self.streams is None or time.monotonic() - self.used > IDLE:
            self.close()
            self.streams = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self.streams
        body = save_body(self.sender.token, self.saved)
        writer.write(f"{self.head}Content-Length: {len(body)}\r\n\r\n{body}".encode("ascii"))
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        await reader.readexactly(int(head.partition("content-length:")[2].split("\r\n")[0]))
        if "connection: close" in head:
            self.close()
        self.used = time.monotonic()
        return int(head.split(" ", 2)[1])

    def close(self) -> None:
        """Drop the connection."""
        if self.streams is not None:
            self.streams[1].close()
        self.streams = None


async def offer(lines: Sequence[Line], rate: int, seconds: float) -> Step:
    """Let the lines, in turn, send `rate` saves a second for `seconds`, and wait for every answer."""
    step, free = Step(rate), asyncio.Queue[Line]()
    for line in lines:
        free.put_nowait(line)

    async def one(due: float) -> None:
        line = await free.get()
        wrong = await line.save()
        free.put_nowait(line)
        step.millis.append(1000 * (time.monotonic() - due))
        if wrong:
            step.errors.append(wrong)

    start, sent = time.monotonic(), []
    for number in range(int(rate * seconds)):
        due = start + number / rate
        if (early := due - time.monotonic()) > 0:
            await asyncio.sleep(early)
        sent.append(asyncio.create_task(one(due)))
    await asyncio.gather(*sent)
    return step
