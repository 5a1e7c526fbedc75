"""The run: every seat walks the pages, then sends each form it has found over and over with rubbish in it."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from survey_app.core import logs
from tests.fuzz.pages import PageForm, PageReader, kind_of, live_markup
from tests.fuzz.requests import Attack, bend
from tests.fuzz.seats import Seat

SAME_KIND = 2  # pages of one kind that a seat looks at
TURN = 400  # inputs of one seat before the next has its turn; each turn walks the pages anew
_FILE = re.compile(r"\.(pdf|xlsx|zip|csv|docx)(\?|$)|/(file|download|thumb|p/\d+)(\?|$)")
_ID = re.compile(r"[0-9a-f]{32}|(?<=/)\d+(?=/|$)")
CRASH = 500


@dataclass
class Report:
    """What came of it."""

    inputs: int = 0
    pages: int = 0
    classes: Counter[str] = field(default_factory=Counter)
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    crashes: dict[str, str] = field(default_factory=dict)
    live: dict[str, str] = field(default_factory=dict)

    def lines(self) -> Iterator[str]:
        """The report for people: a line for each class, then what was found."""
        for label in sorted(self.classes):
            by_status = sorted((s, n) for (one, s), n in self.statuses.items() if one == label)
            said = "  ".join(f"{status}×{count}" for status, count in by_status)
            yield f"{label:<28} {self.classes[label]:>6}   {said}"
        total: Counter[int] = Counter()
        for (_, status), count in self.statuses.items():
            total[status] += count
        yield f"answers {dict(sorted(total.items()))} (an input of several classes counts in each)"
        found = f"{len(self.crashes)} crashes, {len(self.live)} live"
        yield f"{self.inputs} inputs, {self.pages} pages read, {len(self.rules)} kinds of request, {found}"
        yield from (f"CRASH {where}\n      {told}" for where, told in self.crashes.items())
        yield from (f"LIVE  {where}\n      {told}" for where, told in self.live.items())


class Fuzzer:
    """Fuzzes one app; everything it draws comes from `seed`."""

    def __init__(self, app: Flask, seats: Sequence[Seat], seed: int = 1, *, most_pages: int = 120) -> None:
        self.app, self.seats, self.random = app, seats, Random(seed)
        self.most_pages, self.same_kind, self.report = most_pages, SAME_KIND, Report()
        self.starts = ["/", "/account/login", "/tra-cuu"]
        self.client = app.test_client()
        self._failures: list[BaseException] = []
        self._cookie: dict[str, Any] = {}
        self._ids: dict[str, None] = {}

    def run(self, inputs: int) -> Report:
        """Send so many inputs, in turns."""
        before = list(logs._reporters)
        logs.report_to(self._failures.append)
        try:
            while self.report.inputs < inputs:
                for seat in self.seats:
                    self._turn(seat, min(TURN, -(-inputs // len(self.seats)), inputs - self.report.inputs))
        finally:
            logs.report_to(*before)
        return self.report

    def _turn(self, seat: Seat, inputs: int) -> None:
        if inputs <= 0:
            return
        seat.sit(self.app, self.client)
        forms = self.read_pages(seat)
        with self.client.session_transaction() as cookie:
            self._cookie = dict(cookie)
        kinds: dict[Any, list[PageForm]] = {}
        for form in forms:
            kinds.setdefault(form.is_like(), []).append(form)
        order = list(kinds)
        self.random.shuffle(order)
        for number in range(inputs):
            form = self.random.choice(kinds[order[number % len(order)]])
            self._attack(seat, bend(form, seat.name, list(self._ids), self.random))

    def read_pages(self, seat: Seat) -> list[PageForm]:
        """Every form on the pages that links lead this person to."""
        waiting, known, seen, forms = list(self.starts), set(self.starts), Counter[str](), []
        while waiting and len(seen) < self.most_pages:
            page = waiting.pop(0)
            if seen[kind_of(page)] >= self.same_kind or _FILE.search(page):
                continue
            seen[kind_of(page)] += 1
            answer = self.client.get(page)
            self._look(seat.name, f"{seat.name}: GET {page}", answer)
            self.report.pages += 1
            if answer.status_code in (301, 302, 303):
                found = [answer.location]
            elif answer.mimetype == "text/html":
                reader = PageReader(page, answer.get_data(as_text=True))
                forms += reader.forms
                found = reader.links
                self._keep_ids(reader)
            else:
                found = []
            fresh = [link for link in found if link.startswith("/") and link not in known]
            known.update(fresh)
            waiting += fresh
        return forms

    def _keep_ids(self, reader: PageReader) -> None:
        for link in reader.links:
            self._ids.update(dict.fromkeys(_ID.findall(link)))

    def _attack(self, seat: Seat, attack: Attack) -> None:
        answer = self._send(attack)
        self.report.inputs += 1
        for label in attack.classes or ("as it is",):
            self.report.classes[label] += 1
            self.report.statuses[label, answer.status_code] += 1
        self.report.rules[
            f"{attack.method or attack.form.method} {kind_of(attack.form.action).partition('?')[0]}"
        ] += 1
        if answer.status_code >= CRASH:
            where = self._where(answer)
            if where not in self.report.crashes:
                self.report.crashes[where] = self._smallest(seat, attack, where).told()
        else:
            self._look(seat.name, attack.told(), answer)
        self._stay(
            seat, gone=answer.status_code == 401 or (answer.location or "").startswith("/account/login")
        )

    def _stay(self, seat: Seat, *, gone: bool) -> None:
        """Keep seat and token: signing out or in must not make every later form of the turn void."""
        if gone and seat.user_id:
            seat.sit(self.app, self.client)
        with self.client.session_transaction() as cookie:
            kept = {name: cookie[name] for name in ("sid", "seen") if gone and name in cookie}
            cookie.clear()
            cookie.update(self._cookie | kept)
            self._cookie = dict(cookie)

    def _send(self, attack: Attack) -> TestResponse:
        """From another address each time, so that no throttle hides what is behind it."""
        self._failures.clear()
        here = ".".join(str(self.random.randrange(1, 250)) for _ in range(4))
        address = attack.address.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
        options = attack.options()
        if "query_string" in options:
            address = address.partition("?")[0]
        return self.client.open(address, environ_base={"REMOTE_ADDR": here}, **options)

    def _where(self, answer: TestResponse) -> str:
        """The kind of a crash: the error and the last line of ours it went through."""
        if not self._failures:
            return f"{answer.status_code} without a trace at {answer.request.path}"
        error = self._failures[-1]
        lines, trace = [], error.__traceback__
        while trace is not None:
            name = trace.tb_frame.f_code.co_filename
            if "/survey_app/" in name or "/tests/" in name:
                lines.append(f"{name.rpartition('/survey_app/')[2]}:{trace.tb_lineno}")
            trace = trace.tb_next
        return f"{type(error).__name__}: {str(error)[:200]!r} at {lines[-1] if lines else '?'}"

    def _smallest(self, seat: Seat, attack: Attack, where: str) -> Attack:
        for _ in range(60):
            for simpler in attack.simpler():
                if self._send(simpler).status_code >= CRASH:
                    attack = simpler
                    break
            else:
                return attack
        return attack

    def _look(self, name: str, told: str, answer: TestResponse) -> None:
        if answer.status_code >= CRASH:
            self.report.crashes.setdefault(self._where(answer), told)
        elif answer.mimetype == "text/html":
            for tag in live_markup(answer.get_data(as_text=True)):
                self.report.live.setdefault(f"{name} {answer.request.path} {tag[:100]}", told)
