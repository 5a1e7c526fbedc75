"""Browsers that save answers over real connections and remember what was acknowledged."""

import http.client
import itertools
import json
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from survey_app.rules.scoring import UnitFacts, why_not_applicable
from tests.bench.load import Sender as Seat
from tests.bench.site import real_set

TIMEOUT, IDLE_SECONDS = 30.0, 1.0
FILLED = 40  # how many indicators the stock has filled in
FEW = slice(0, 4)
NAMES = itertools.count(1)


@dataclass(frozen=True)
class Save:
    """One change as it is sent; sent again it is the same to the last letter."""

    indicator: str
    value: int
    comment: str
    base_version: int
    key: str

    def body(self, token: str) -> str:
        """The form fields."""
        return urlencode({**vars(self), "site": 0, "csrf_token": token})


@dataclass
class Answer:
    """What came back: a status and a body, `status` 0 when the connection broke."""

    status: int
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0


class Browser:
    """One signed-in browser with a connection that is opened again after it broke."""

    def __init__(self, port: int, seat: Seat) -> None:
        self.port, self.seat = port, seat
        self.connection: http.client.HTTPConnection | None = None
        self.used = 0.0

    def post(self, path: str, body: str | bytes, **headers: str) -> Answer:
        """Send a form and read the answer."""
        start = time.monotonic()
        try:
            answer = self._send("POST", path, body, headers)
        except (OSError, http.client.HTTPException):
            self.close()
            answer = Answer(0)
        answer.seconds = time.monotonic() - start
        return answer

    def get(self, path: str, **headers: str) -> Answer:
        """Fetch a page."""
        try:
            return self._send("GET", path, b"", headers)
        except (OSError, http.client.HTTPException):
            self.close()
            return Answer(0)

    def _send(self, method: str, path: str, body: str | bytes, more: dict[str, str]) -> Answer:
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
            "Cookie": self.seat.cookie,
        }
        if time.monotonic() - self.used > IDLE_SECONDS:  # the server has closed it, or is about to
            self.close()
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        self.connection.request(
            method, path, body, headers | {k.replace("_", "-"): v for k, v in more.items()}
        )
        answer = self.connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        self.used = time.monotonic()
        return Answer(answer.status, text, dict(answer.getheaders()))

    def close(self) -> None:
        """Drop the connection."""
        if self.connection is not None:
            self.connection.close()
        self.connection = None


class Sender(Browser):
    """Saves the answers of one school, one after the other; what broke off is sent again first, as it was."""

    def __init__(self, port: int, seat: Seat, indicators: Sequence[str]) -> None:
        super().__init__(port, seat)
        self.name = next(NAMES)
        self.turn = itertools.cycle(indicators)
        self.versions: dict[str, int] = {}
        self.acknowledged: list[Save] = []
        self.pending: Save | None = None
        self.refused: list[Answer] = []
        self.count = 0

    def save_once(self) -> Answer:
        """Send what is pending, or the next change."""
        if self.pending is None:
            self.pending = self._next()
        answer = self.post(self.seat.path, self.pending.body(self.seat.token))
        if answer.status == 200:
            self.versions[self.pending.indicator] = json.loads(answer.body)["version"]
            self.acknowledged.append(self.pending)
            self.pending = None
        elif answer.status:
            self.refused.append(answer)
        return answer

    def _next(self) -> Save:
        indicator = next(self.turn)
        self.count += 1
        return Save(
            indicator,
            self.count % min(4, 1 + real_set().by_code[indicator].scale.highest),
            f"Lần {self.count}",
            self.versions.get(indicator, 0),
            f"s{self.name}-{self.count}",
        )

    def run(self, until: threading.Event) -> None:
        """Save until told to stop or until the connection breaks."""
        while not until.is_set():
            if self.save_once().status != 200:
                return


@dataclass
class Crowd:
    """Several senders at work at the same time."""

    senders: list[Sender]

    def start(self) -> None:
        """Let all of them save."""
        self.stop_now = threading.Event()
        self.threads = [
            threading.Thread(target=one.run, args=(self.stop_now,), daemon=True) for one in self.senders
        ]
        for thread in self.threads:
            thread.start()

    def join(self) -> None:
        """Wait until all have stopped."""
        self.stop_now.set()
        for thread in self.threads:
            thread.join(TIMEOUT + 5)
        assert not any(thread.is_alive() for thread in self.threads)

    @property
    def acknowledged(self) -> list[Save]:
        """Every save that the server said it had stored."""
        return [save for one in self.senders for save in tuple(one.acknowledged)]

    @property
    def refused(self) -> list[Answer]:
        """Every answer that was neither 200 nor a broken connection."""
        return [answer for one in self.senders for answer in one.refused]


def open_indicators() -> list[str]:
    """Indicators that apply to a school of the stock as a whole and that it has not filled in yet."""
    framework = real_set()
    facts = UnitFacts(frozenset({"thcs"}), "truong", {one.code: True for one in framework.profile}, ())
    return [
        code
        for code, one in list(framework.by_code.items())[FILLED:]
        if not one.per_site and not why_not_applicable(one, facts)
    ]


def crowd(port: int, seats: Iterable[Seat], indicators: slice = FEW) -> Crowd:
    """A sender for every seat."""
    return Crowd([Sender(port, seat, open_indicators()[indicators]) for seat in seats])
