"""The network between a browser and the server: cuts, delays, doubles and reorders requests, or is away."""

import http.client
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

SAVE = "/answers"
TIMEOUT = 10.0
PER_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}
Rewrite = Callable[[str, bytes], bytes]


@dataclass(frozen=True)
class Answer:
    """What the server said."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


@dataclass
class Weather:
    """How often a request meets what: of saves, and of everything else (pages, files, tokens)."""

    saves: dict[str, float] = field(default_factory=dict)
    others: dict[str, float] = field(default_factory=dict)


STORM = Weather(
    saves={"cut": 0.08, "deaf": 0.1, "delay": 0.1, "double": 0.08, "again": 0.08, "hold": 0.08},
    others={"cut": 0.02, "deaf": 0.02, "delay": 0.05},
)
CALM = Weather()


class Proxy(ThreadingHTTPServer):
    """Stands on a port of its own in front of the server's."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, server_port: int, seed: int, rewrite: Rewrite | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.server_port_behind, self.chance = server_port, random.Random(seed)
        self.weather, self.away, self.rewrite = CALM, False, rewrite
        self.met: Counter[str] = Counter()
        self.sent: Counter[str] = Counter()  # bytes to the browser, by what the path ends with
        self.delivered: list[str] = []  # keys of saves whose 200 has reached the browser
        self.pending: list[threading.Timer] = []

    @property
    def url(self) -> str:
        """Where the browser goes."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def fate(self, save: bool) -> str:
        """What becomes of the next request."""
        if self.away:
            return "cut"
        draw = self.chance.random()
        for name, share in (self.weather.saves if save else self.weather.others).items():
            draw -= share
            if draw < 0:
                return name
        return ""

    def later(self, act: Callable[[], object]) -> None:
        """Do it a while later, when other requests have overtaken it."""
        timer = threading.Timer(self.chance.uniform(0.1, 2.5), act)
        timer.daemon = True
        self.pending.append(timer)
        timer.start()

    def settle(self) -> None:
        """Wait until nothing is under way any more."""
        for timer in self.pending:
            timer.join(TIMEOUT)

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that hangs up is part of the weather."""


class _Request(BaseHTTPRequestHandler):
    server: Proxy

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        save = self.command == "POST" and self.path.endswith(SAVE)
        fate = self.server.fate(save)
        self.server.met[fate or "through"] += 1
        if fate == "hold":
            self.server.later(lambda: self._forward(body))
        if fate in ("cut", "hold"):
            return self._hang_up()
        if fate == "delay":
            time.sleep(self.server.chance.uniform(0.05, 0.8))
        answer = self._forward(body)
        if fate == "double":
            answer = self._forward(body) or answer
        if fate == "again":
            self.server.later(lambda: self._forward(body))
        if answer is None or fate == "deaf":
            return self._hang_up()
        self._reply(answer)
        if save and answer.status == 200:
            self.server.delivered.append(parse_qs(body.decode()).get("key", [""])[0])
        return None

    do_GET = do_POST = _handle  # noqa: N815 - the names the library calls

    def _forward(self, body: bytes) -> Answer | None:
        behind = http.client.HTTPConnection("127.0.0.1", self.server.server_port_behind, timeout=TIMEOUT)
        try:
            dropped = PER_HOP | ({"accept-encoding"} if self.server.rewrite else set())
            headers = {name: text for name, text in self.headers.items() if name.lower() not in dropped}
            behind.request(self.command, self.path, body or None, headers)
            answer = behind.getresponse()
            return Answer(answer.status, answer.getheaders(), answer.read())
        except (OSError, http.client.HTTPException):
            return None  # the server is down, or died meanwhile
        finally:
            behind.close()

    def _reply(self, answer: Answer) -> None:
        body = self.server.rewrite(self.path, answer.body) if self.server.rewrite else answer.body
        self.send_response_only(answer.status)
        for name, text in answer.headers:
            if name.lower() not in PER_HOP:
                self.send_header(name, text)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        head = sum(len(name) + len(text) + 4 for name, text in answer.headers)
        name = self.path.partition("?")[0].rpartition("/")[2]
        self.server.sent[name.rpartition(".")[2] if "." in name else "html"] += head + len(body)

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


@contextmanager
def proxied(server_port: int, seed: int, rewrite: Rewrite | None = None) -> Iterator[Proxy]:
    """A proxy at work; ended afterwards."""
    proxy = Proxy(server_port, seed, rewrite)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    try:
        yield proxy
    finally:
        proxy.shutdown()
        proxy.server_close()
