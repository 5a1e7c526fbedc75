"""How many people sign in a second, beside the bare checking of as many passwords."""

import http.client
import itertools
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlencode

from argon2 import PasswordHasher, Type
from flask import Flask

from survey_app.accounts.passwords import AT_ONCE, Hashing
from tests.bench.client import cookie_of, token_in
from tests.bench.figures import Figure, benchmark, in_turn
from tests.bench.load import served
from tests.bench.site import PASSWORD, Desk, measured_site

PEOPLE = 8
SECONDS = 3.0
# Real passwords cost; everybody comes from one address here, which the fence of `core.limits` would stop.
REAL = {"ARGON2_FAST": False, "RATELIMIT_ENABLED": False}


@dataclass(frozen=True)
class Comer:
    """Somebody at the sign-in page: who, and the cookie and token of that page."""

    login: str
    cookie: str
    token: str


@benchmark("login_rps")
def login_rps() -> Figure:
    """Sign-ins a second by eight people who never pause; bare: Argon2id alone, as many at once.

    What counts is the form sent: its password checked, a session opened and told. The page itself was
    fetched before.
    """
    with measured_site(PEOPLE, **REAL) as site, served("tests.bench.served:app", site, **REAL) as port:
        people = [comer_at(site.app, desk) for desk in site.desks]
        value, bare = in_turn(lambda: sign_in_for(port, people, SECONDS) / SECONDS, _verified_a_second)
    return Figure("login_rps", value, "sign-ins/s", bare)


def comer_at(app: Flask, desk: Desk) -> Comer:
    """The person of a desk at the sign-in page."""
    client = app.test_client()
    page = client.get("/account/login").get_data(as_text=True)
    return Comer(desk.login, cookie_of(client), token_in(page))


def sign_in_for(port: int, people: Sequence[Comer], seconds: float) -> int:
    """Let everybody sign in again and again; how many times it was done."""
    return in_threads(len(people), seconds, lambda place: _signer(port, people[place]))


def in_threads(count: int, seconds: float, make: Callable[[int], Callable[[], None]]) -> int:
    """Let `count` threads act again and again until the time is over; how many acts were finished."""

    def run(place: int) -> int:
        act, end = make(place), time.monotonic() + seconds
        for done in itertools.count():
            if time.monotonic() >= end:
                return done
            act()
        return 0

    with ThreadPoolExecutor(count) as pool:
        return sum(pool.map(run, range(count)))


def _signer(port: int, comer: Comer) -> Callable[[], None]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": comer.cookie}
    body = urlencode({"csrf_token": comer.token, "login": comer.login, "password": PASSWORD})

    def sign_in() -> None:
        connection.request("POST", "/account/login", body, headers)
        answer = connection.getresponse()
        told = answer.read()
        assert answer.status == 302 and answer.getheader("Set-Cookie"), (answer.status, told[:500])

    return sign_in


def _verified_a_second() -> float:
    """Passwords that Argon2id alone checks a second, with the parameters and the limit of the program."""
    stored = Hashing("x" * 40).hash(PASSWORD)
    seats, hasher = threading.BoundedSemaphore(AT_ONCE), PasswordHasher(type=Type.ID)

    def verify() -> None:
        with seats:  # the stored hash says what it costs
            hasher.verify(stored, PASSWORD)

    return in_threads(PEOPLE, SECONDS, lambda place: verify) / SECONDS
