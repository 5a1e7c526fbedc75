"""A full disk: whoever saves or uploads is told so plainly, nothing is half written, and it goes on after."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select

from survey_app.certificates import service as certificates
from survey_app.certificates.models import Certificate, CertificateBatch
from survey_app.core import db as core_db
from survey_app.core.db import session
from survey_app.jobs.models import DONE, FAILED, Job
from tests.factories.certificates import ISSUED_AT, make_town
from tests.factories.jobs import run_queued_jobs
from tests.faults.cluster import own_cluster
from tests.faults.disks import filled, pages_used_up, short_files, small_disk
from tests.faults.ground import Site, stocked
from tests.faults.ledger import compare, integrity
from tests.faults.restarting import HTML, not_plain
from tests.faults.scenario import POSTGRES, SQLITE, CannotRun, Outcome, scenario, timed
from tests.faults.senders import Answer, Crowd, crowd
from tests.faults.servers import Server, served
from tests.faults.uploads import Uploader, check_files
from tests.faults.workers import order_export, order_work

SENDERS, TIMES, TIMES_FOR_FILES = 3, (2, 20), (3, 20)
MEGABYTES, ROOM, PAGES, MOST_SAVES = 16, {SQLITE: 40 * 1024, POSTGRES: 16 * 1024}, 30, 2_000
STATUSES = (503, 507)


@scenario("disk_full_database")
def disk_full_database(short: bool) -> Iterable[Outcome]:
    """The database's disk fills up while schools save; on PostgreSQL that of its tables."""
    yield disk_full_on(SQLITE, short)
    yield disk_full_on(POSTGRES, short)


def disk_full_on(database: str, short: bool) -> Outcome:
    """The scenario on one database. Raises `CannotRun` on PostgreSQL where no disk may be mounted."""
    with timed(Outcome("disk_full_database", database)) as outcome:
        with _small_site(database) as (site, disk):
            with _served(site, disk) as server:
                people = crowd(server.port, site.seats)
                for _ in range(TIMES[not short]):
                    with _no_room(site, disk):
                        outcome.wrong += _refused_plainly(people)
                    outcome.wrong += _goes_on(people)
                    outcome.tried += 1
            _count(outcome, site, people)
            outcome.more["by"] = "tmpfs" if disk else "max_page_count"
            outcome.canary = _canary(site, disk)
    return outcome


Disk = Path | None  # None: where no disk may be mounted, and the database is bound by its pages


@contextmanager
def _small_site(database: str) -> Iterator[tuple[Site, Disk]]:
    with TemporaryDirectory(prefix="faults-disk-") as name, small_disk(Path(name), MEGABYTES) as is_disk:
        if database == SQLITE:
            with stocked(SQLITE, SENDERS, folder=Path(name)) as site:
                yield site, Path(name) if is_disk else None
        elif not is_disk:
            raise CannotRun("no disk may be mounted here, so that of PostgreSQL cannot be filled")
        else:
            with own_cluster(tables=Path(name)) as cluster:
                with stocked(POSTGRES, SENDERS, server=cluster.url) as site:
                    yield site, Path(name)


def _served(site: Site, disk: Disk, *without: str) -> AbstractContextManager[Server]:
    _limit(site).write_text("1000000")
    return served(site.ground, *without, env={} if disk else {"FAULTS_PAGES": str(_limit(site))})


def _limit(site: Site) -> Path:
    return site.ground.log.with_name("pages")


def _no_room(site: Site, disk: Disk) -> AbstractContextManager[None]:
    if disk:
        return filled(disk, ROOM[site.ground.database])
    return pages_used_up(site.ground.folder / "app.db", _limit(site), PAGES)


def _refused_plainly(people: Crowd) -> list[str]:
    """Save until everybody was refused; what was wrong with the answers. Pages can be read all the while."""
    answers = [_save_until_refused(people, place) for place in range(len(people.senders))]
    first = people.senders[0]
    if first.pending:
        answers.append(first.post(first.seat.path, first.pending.body(first.seat.token), **HTML))
    wrong = [said for answer in answers if (said := not_plain(answer, STATUSES))]
    page = first.get(first.seat.path.removesuffix("/answers"), **HTML)
    return wrong + ([] if page.status == 200 else [f"a page answered {page.status}: {page.body[:200]}"])


def _save_until_refused(people: Crowd, place: int) -> Answer:
    for _ in range(MOST_SAVES):
        answer = people.senders[place].save_once()
        if answer.status != 200:
            return answer
    return Answer(200, "was never refused")


def _goes_on(people: Crowd) -> list[str]:
    """What was refused goes through as it is, with the same server, once there is room."""
    answers = [one.save_once() for one in people.senders]
    return [f"after room was made: {one.status} {one.body[:200]}" for one in answers if one.status != 200]


def _count(outcome: Outcome, site: Site, people: Crowd) -> None:
    found = compare(site.engine, people.senders)
    if site.ground.database == SQLITE:
        outcome.wrong += integrity(site.engine)
    outcome.lost, outcome.doubled = len(found.lost), len(found.doubled)
    outcome.acknowledged = len(people.acknowledged)
    outcome.more = {"refused": len(people.refused)}


def _canary(site: Site, disk: Disk) -> int:
    """The same while the program takes an outage for a crash: how many answers are not plain."""
    with _served(site, disk, "outage") as server:
        people = crowd(server.port, site.seats, slice(4, 8))
        with _no_room(site, disk):
            return len(_refused_plainly(people))


# ---- files ----


@scenario("disk_full_files")
def disk_full_files(short: bool) -> Iterable[Outcome]:
    """No room for a file that comes in: in the store, and in the folder of what is only passing through."""
    with timed(Outcome("disk_full_files", SQLITE)) as outcome:
        with _site_with_small_folders() as (site, folders), _served_with(site, folders) as server:
            uploader = Uploader(server.port, site)
            for number in range(TIMES_FOR_FILES[not short]):
                big = number % 3 == 1
                with _no_room_for_files(server, folders, number):
                    refused = [uploader.upload(big=big), uploader.upload(big=big, **HTML)]
                outcome.wrong += [said for one in refused if (said := not_plain(one, STATUSES))]
                if (answer := uploader.upload()).status != 201:
                    outcome.wrong.append(f"after room was made: {answer.status} {answer.body[:200]}")
                outcome.tried += 1
            uploader.refused.clear()
            outcome.wrong += check_files(site.engine, site.ground.folder, uploader)
            outcome.acknowledged = len(uploader.acknowledged)
            outcome.more["by"] = "tmpfs" if folders[2] else "RLIMIT_FSIZE"
            outcome.wrong += _jobs_without_room(site, folders[0]) if folders[2] else []
        outcome.canary = _files_canary()
    yield outcome


def _jobs_without_room(site: Site, store: Path) -> list[str]:
    """A batch and an export that find no room fail in plain words and are finished when asked for again."""
    with site.app.app_context(), core_db.unit_of_work():
        town = make_town(3)
        order_work(town)
    with filled(store):
        run_queued_jobs(site.app)
    with site.app.app_context():
        said = [str(job.error) for job in session.scalars(select(Job)) if job.state == FAILED]
        with core_db.unit_of_work():
            batch = session.scalars(select(CertificateBatch)).one()
            certificates.continue_batch(batch, actor=town.admin, now=ISSUED_AT)
            order_export(town)
    run_queued_jobs(site.app)
    with site.app.app_context():
        ended = [job.state for job in session.scalars(select(Job))]
        undrawn = session.scalars(select(Certificate).where(Certificate.pdf_sha256.is_(None))).all()
    wrong = [f"{certificate.id} was not drawn" for certificate in undrawn]
    wrong += [sentence for sentence in said if "hết chỗ" not in sentence]
    return wrong + ([] if sorted(ended) == [DONE, DONE, FAILED, FAILED] else [f"jobs ended {ended}"])


def _files_canary() -> int:
    """The same while the program takes a full disk for a crash: how many answers are not plain."""
    with _site_with_small_folders() as (site, folders):
        with _served_with(site, folders, "outage") as server:
            uploader = Uploader(server.port, site)
            with _no_room_for_files(server, folders, 0):
                return int(bool(not_plain(uploader.upload(), STATUSES)))


Folders = tuple[Path, Path, bool]


@contextmanager
def _site_with_small_folders() -> Iterator[tuple[Site, Folders]]:
    with TemporaryDirectory(prefix="faults-files-") as name:
        data, store, temp = Path(name) / "data", Path(name) / "data" / "files", Path(name) / "temp"
        with small_disk(store, MEGABYTES) as first, small_disk(temp, MEGABYTES) as second:
            with stocked(SQLITE, 1, folder=data) as site:
                yield site, (store, temp, first and second)


def _served_with(site: Site, folders: Folders, *without: str) -> AbstractContextManager[Server]:
    return served(site.ground, *without, env={"TMPDIR": str(folders[1])})


def _no_room_for_files(server: Server, folders: Folders, number: int) -> AbstractContextManager[None]:
    store, temp, is_disk = folders
    if not is_disk:
        return short_files(server, 4096)
    return filled(store if number % 3 == 0 else temp)
