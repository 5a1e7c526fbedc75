"""The job worker is killed again and again: the batch and the export it works on end by themselves, once."""

import hashlib
import io
import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pypdfium2
from python_calamine import CalamineWorkbook
from sqlalchemy import Engine, text

from survey_app.certificates import service as certificates
from survey_app.core import db as core_db
from survey_app.exports import service as exports
from survey_app.exports.kinds import Kind
from survey_app.results.queries import OverviewFilter
from tests.factories.certificates import ISSUED_AT, Town, make_batch, make_town
from tests.faults.ground import Ground, Site, empty
from tests.faults.nursery import end_group, nursery
from tests.faults.scenario import POSTGRES, SQLITE, Outcome, scenario, timed
from tests.faults.servers import members


@dataclass(frozen=True)
class Size:
    """How much work there is, how often the worker dies, after how many seconds at most."""

    schools: int
    kills: int
    life: float
    part: int


SHORT, LONG, CANARY = Size(8, 1, 0.4, 4), Size(1_000, 10, 8.0, 50), Size(3, 1, 1.5, 1)
MOST_SECONDS = 900


@scenario("worker_kill")
def worker_kill(short: bool) -> Iterable[Outcome]:
    """A batch of certificates and an export, on both databases."""
    for database in (SQLITE, POSTGRES):
        yield worker_kill_on(database, short)


def worker_kill_on(database: str, short: bool) -> Outcome:
    """The scenario on one database."""
    size = SHORT if short else LONG
    with timed(Outcome("worker_kill", database, tried=size.kills)) as outcome:
        with empty(database) as site:
            with site.app.app_context(), core_db.unit_of_work():
                order_work(make_town(size.schools))
            _kill_and_finish(site, size)
            _judge(outcome, site, size.schools)
        outcome.canary = _canary(database)
    return outcome


def order_work(town: Town) -> None:
    """Order the certificates of a town and an export of its round."""
    certificates.issue_certificates(make_batch(town), actor=town.admin, now=ISSUED_AT)
    order_export(town)


def order_export(town: Town) -> None:
    """Ask for the workbook of a town's round."""
    wanted, actor = OverviewFilter(), town.admin
    exports.request_export(town.round, Kind.INDICATORS, wanted, coded=False, actor=actor, now=ISSUED_AT)


def _kill_and_finish(site: Site, size: Size) -> None:
    engine = site.engine
    for number in range(size.kills):
        before, group = progress(engine), work(site.ground, size.part)
        wait_until(lambda: progress(engine) > before if number % 3 else _beats(engine))  # noqa: B023
        time.sleep(random.uniform(0, size.life))
        end_group(group)
        while members(group):
            time.sleep(0.002)
    group = work(site.ground, size.part)
    wait_until(lambda: ended(engine), MOST_SECONDS)
    end_group(group)


def work(found: Ground, part: int, *without: str, name: str = "worker-1") -> int:
    """Start a worker that issues `part` certificates at a time; its process group."""
    more = {"FAULTS_WITHOUT": ",".join(without), "FAULTS_PART": str(part)}
    return nursery().fork("work", name, env=found.environment() | more)


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Return when the condition holds, or after so many seconds."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)


def progress(engine: Engine) -> int:
    """How much of the work is in the database."""
    return _count(engine, "SELECT count(*) + count(pdf_sha256) FROM certificate")


def _beats(engine: Engine) -> bool:
    """True once the newest worker lives: its process is the one that said so last."""
    return Path(f"/proc/{_count(engine, 'SELECT max(pid) FROM worker_beat')}").exists()


def _count(engine: Engine, sql: str) -> int:
    with engine.connect() as connection:
        return int(connection.exec_driver_sql(sql).scalar() or 0)


def ended(engine: Engine) -> bool:
    """True when no job waits or runs."""
    return not _count(engine, "SELECT count(*) FROM job WHERE state NOT IN ('done', 'failed')")


def _judge(outcome: Outcome, site: Site, schools: int) -> None:
    with site.engine.connect() as connection:
        states = connection.execute(text("SELECT kind, state, error FROM job ORDER BY id")).all()
        rows = connection.execute(
            text("SELECT number, assessment_id, pdf_sha256 FROM certificate ORDER BY number")
        ).all()
        last = connection.execute(text("SELECT last FROM number_series")).scalar()
        bundle = connection.execute(text("SELECT bundle_sha256 FROM certificate_batch")).scalar()
        book = connection.execute(text("SELECT sha256, rows FROM export_file")).one()
    outcome.acknowledged = len(rows)
    outcome.wrong += [f"job {kind} is {state}: {error}" for kind, state, error in states if state != "done"]
    outcome.doubled += len(rows) - len({row[1] for row in rows})
    outcome.lost += len(set(range(1, schools + 1)) - {row[0] for row in rows})
    outcome.wrong += [] if last == schools else [f"the series stands at {last}"]
    outcome.wrong += _unreadable(site.ground.folder, [row[2] for row in rows], bundle)
    outcome.wrong += _bad_book(site.ground.folder / "files" / "exports", *book)


def _unreadable(folder: Path, papers: list[str | None], bundle: str | None) -> list[str]:
    wrong = [f"paper {digest} cannot be read" for digest in papers if _pages(folder / "files", digest) != 1]
    pages = _pages(folder / "files", bundle)
    return wrong + ([] if pages == len(papers) else [f"the bundle has {pages} pages"])


def _pages(folder: Path, digest: str | None) -> int:
    """How many pages the stored PDF has; 0 when there is none or its bytes are not what it is called."""
    content = _stored(folder, digest)
    return len(pypdfium2.PdfDocument(content)) if content else 0


def _stored(folder: Path, digest: str | None) -> bytes:
    path = folder / (digest or "-")[:2] / (digest or "-")
    content = path.read_bytes() if path.exists() else b""
    return content if hashlib.sha256(content).hexdigest() == digest else b""


def _bad_book(folder: Path, digest: str | None, rows: int) -> list[str]:
    content = _stored(folder, digest)
    if not content:
        return ["there is no workbook"]
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    there = sum(
        any(str(cell).startswith("S0") for cell in row) for row in book.get_sheet_by_index(0).to_python()
    )
    return [] if there >= rows else [f"the workbook has {there} of {rows} schools"]


def _canary(database: str) -> int:
    """The same when nobody takes up what a dead worker had begun: how many certificates have no paper."""
    with empty(database) as site:
        with site.app.app_context(), core_db.unit_of_work():
            order_work(make_town(CANARY.schools))
        engine = site.engine
        end_group(_first_dies(site))
        group = work(site.ground, CANARY.part, "recovery", name="worker-2")
        wait_until(lambda: _beats(engine))
        time.sleep(2)
        end_group(group)
        drawn = _count(engine, "SELECT count(pdf_sha256) FROM certificate")
        return CANARY.schools - drawn


def _first_dies(site: Site) -> int:
    group = work(site.ground, CANARY.part)
    wait_until(lambda: progress(site.engine) > 0)
    return group
