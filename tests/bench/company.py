"""How long a save takes while others do what is slow: nobody waits for a password or a photo (decision 1)."""

import asyncio
import http.client
import io
import itertools
import json
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass

import pillow_heif
from PIL import Image

from tests.bench.figures import Figure, benchmark, in_turn
from tests.bench.load import Sender, read_back, sender_at, served
from tests.bench.logins import PEOPLE, REAL, Comer, comer_at, in_threads, sign_in_for
from tests.bench.offered import Line, offer
from tests.bench.site import Site, measured_site
from tests.faults.uploads import BOUNDARY, multipart

SAVERS, UPLOADERS = 10, 4
RATE, SECONDS, LEAD = 20, 5.0, 1.0  # saves a second; the company begins before and ends after them
PHOTO = (4032, 3024)  # twelve megapixels, what a telephone takes


@dataclass(frozen=True)
class Company:
    """Who is busy beside the savers, as another process needs to know it."""

    port: int
    comers: tuple[Comer, ...]
    uploaders: tuple[Sender, ...]
    photo: bytes

    def keep_busy(self, seconds: float) -> tuple[int, int]:
        """Sign in and upload without pause; how many sign-ins and how many photos were done."""
        with ThreadPoolExecutor(2) as pool:
            signed = pool.submit(sign_in_for, self.port, self.comers, seconds)
            sent = pool.submit(in_threads, len(self.uploaders), seconds, self._uploader)
            return signed.result(), sent.result()

    def _uploader(self, place: int) -> Callable[[], None]:
        who, count = self.uploaders[place], itertools.count()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        form = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "Accept": "application/json"}

        def upload() -> None:
            title = f"Ảnh {place}-{next(count)}-{time.monotonic_ns()}"
            fields, photo = {"title": title, "no_personal": "y"}, another(self.photo, title)
            body = multipart(fields, who.token, photo, "a.heic")
            connection.request("POST", "/evidence/new", body, form | {"Cookie": who.cookie})
            answer = connection.getresponse()
            told = answer.read()
            assert answer.status == 201, (answer.status, told[:500])

        return upload


@benchmark("autosave_p95_under_login_ms")
def autosave_p95_under_login_ms() -> Figure:
    """The slow end of 20 saves a second with 8 people signing in and 4 uploading photos; bare: without them.

    Milliseconds on the wall, so worth something on a quiet machine only. The people never pause: on two
    processors they and the server ask for more than there is, and a save waits its turn.
    """
    desks = SAVERS + PEOPLE + UPLOADERS
    with measured_site(desks, **REAL) as site, served("tests.bench.served:app", site, **REAL) as port:
        lines = [Line(port, sender_at(site.app, desk)) for desk in site.desks[:SAVERS]]
        company = company_at(site, port)
        with ProcessPoolExecutor(1) as elsewhere:
            value, bare = in_turn(
                lambda: _beside(company, elsewhere, lines), lambda: slow_end(lines, RATE, SECONDS)
            )
        read_back(site, {line.sender.path: line.saved for line in lines})
    return Figure("autosave_p95_under_login_ms", value, "ms", bare)


def company_at(site: Site, port: int) -> Company:
    """The people of the desks behind the savers'."""
    comers = [comer_at(site.app, desk) for desk in site.desks[SAVERS : SAVERS + PEOPLE]]
    uploaders = [sender_at(site.app, desk) for desk in site.desks[SAVERS + PEOPLE :]]
    return Company(port, tuple(comers), tuple(uploaders), make_photo(PHOTO))


def _beside(company: Company, elsewhere: ProcessPoolExecutor, lines: Sequence[Line]) -> float:
    busy = elsewhere.submit(company.keep_busy, SECONDS + 2 * LEAD)
    time.sleep(LEAD)
    found = slow_end(lines, RATE, SECONDS)
    signed, sent = busy.result()
    told = {"name": "company", "sign_ins": signed, "photos": sent, "seconds": SECONDS + 2 * LEAD}
    print(json.dumps(told | {"p95_ms": round(found, 1)}), file=sys.stderr, flush=True)
    return found


def slow_end(lines: Sequence[Line], rate: int, seconds: float) -> float:
    """The 95th percentile of saves, in milliseconds from the instant each was due. None may go wrong."""

    async def run() -> float:
        step = await offer(lines, rate, seconds)
        for line in lines:
            line.close()
        assert not step.errors, step.errors[:3]
        return step.p95_ms

    return asyncio.run(run())


def make_photo(size: tuple[int, int]) -> bytes:
    """A photograph in HEIC with something to see all over it."""
    pillow_heif.register_heif_opener()
    seen, target = Image.effect_noise((size[0] // 32, size[1] // 32), 90), io.BytesIO()
    seen.resize(size).convert("RGB").save(target, "HEIF", quality=50)
    return target.getvalue()


def another(photo: bytes, words: str) -> bytes:
    """The same photograph as a file that nobody has sent before: a box that readers skip follows it."""
    more = words.encode()
    return photo + (8 + len(more)).to_bytes(4, "big") + b"free" + more
