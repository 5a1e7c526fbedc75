"""The job: issues, draws, binds; killed in the middle it goes on, nothing is doubled and no number lost."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from flask import Flask
from sqlalchemy import select, text

from survey_app.certificates import queries, service, tasks
from survey_app.certificates.content import read_content
from survey_app.certificates.models import Certificate, CertificateBatch, NumberSeries
from survey_app.certificates.pdf import draw_certificate
from survey_app.core import db as core_db
from survey_app.core.files import file_store
from survey_app.documents.pdf import PdfMissing
from survey_app.jobs.models import Job
from survey_app.rules.canonical import sha256_of
from tests.certificates.worker_for_test import SCHOOLS
from tests.factories.certificates import ISSUED_AT, issue_now, make_batch, make_town
from tests.factories.jobs import run_queued_jobs


def order(session: Any, schools: int) -> CertificateBatch:
    town = make_town(schools)
    batch = make_batch(town)
    service.issue_certificates(batch, actor=town.admin, now=ISSUED_AT)
    session.commit()
    return batch


def test_the_job_issues_draws_and_binds(app: Flask, session: Any) -> None:
    batch = order(session, 3)
    assert run_queued_jobs(app) == 1
    session.expire_all()
    issued = queries.certificates_of(batch.id)
    assert (batch.state, len(issued)) == ("issued", 3)
    for one in issued:
        assert file_store().read(one.pdf_sha256) == draw_certificate(read_content(one.content))
    assert len(pypdfium2.PdfDocument(file_store().read(batch.bundle_sha256))) == 3
    job = session.scalar(select(Job).where(Job.kind == "certificates.issue"))
    assert (job.state, job.result) == ("done", {"url": f"/certificates/batches/{batch.uid}"})


def test_without_the_pdf_library_certificates_are_issued_and_drawn_later_the_same(
    app: Flask, session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_content: Any) -> bytes:
        raise PdfMissing()

    batch = order(session, 2)
    with monkeypatch.context() as patch:
        patch.setattr(tasks, "draw_certificate", missing)
        run_queued_jobs(app)
    session.expire_all()
    before = [(one.printed_number, one.sha256) for one in queries.certificates_of(batch.id)]
    assert len(before) == 2 and queries.count_batch(batch).drawn == 0
    service.continue_batch(batch, actor=session_actor(batch), now=ISSUED_AT)
    session.commit()
    run_queued_jobs(app)
    session.expire_all()
    assert [(one.printed_number, one.sha256) for one in queries.certificates_of(batch.id)] == before
    assert queries.count_batch(batch).drawn == 2


def session_actor(batch: CertificateBatch) -> Any:
    from survey_app.rules.permissions import Role
    from tests.factories.accounts import make_actor

    return make_actor(Role.DEPARTMENT_ADMIN, batch.round.department)


def test_one_paper_that_fails_does_not_stop_the_rest(
    app: Flask, session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails_once(content: Any) -> bytes:
        if content["number"].startswith("0002"):
            raise ValueError("cannot be drawn")
        return b"%PDF of " + content["number"].encode()

    batch = order(session, 3)
    monkeypatch.setattr(tasks, "draw_certificate", fails_once)
    monkeypatch.setattr(tasks, "merge_papers", b"".join)
    run_queued_jobs(app)
    session.expire_all()
    count = queries.count_batch(batch)
    assert (count.issued, count.drawn, count.running, count.failed) == (3, 2, False, False)


def test_a_full_disk_ends_the_job_in_plain_words_and_the_batch_can_be_finished(
    app: Flask, session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = order(session, 2)
    with monkeypatch.context() as patch:
        patch.setattr(
            "os.fsync", lambda _handle: (_ for _ in ()).throw(OSError(28, "No space left on device"))
        )
        run_queued_jobs(app)
    session.expire_all()
    job = session.scalar(select(Job).where(Job.kind == "certificates.issue"))
    assert job.state == "failed" and "hết chỗ lưu" in job.error
    service.continue_batch(batch, actor=session_actor(batch), now=ISSUED_AT)
    session.commit()
    run_queued_jobs(app)
    session.expire_all()
    assert queries.count_batch(batch).drawn == 2


def test_a_paper_is_named_once(session: Any) -> None:
    town = make_town(1)
    (one,) = issue_now(town, make_batch(town))
    assert service.keep_pdf(one.id, "a" * 64) and not service.keep_pdf(one.id, "b" * 64)
    session.expire_all()
    assert one.pdf_sha256 == "a" * 64


def test_a_batch_that_is_being_worked_on_is_not_asked_for_again(app: Flask, session: Any) -> None:
    batch = order(session, 1)
    with pytest.raises(service.BatchMoved):
        service.continue_batch(batch, actor=session_actor(batch), now=ISSUED_AT)


Spawn = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def spawn(tmp_path: Path) -> Iterator[Spawn]:
    """Start worker processes on the test's database; none outlives the test."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*task: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "tests.certificates.worker_for_test", str(tmp_path), *task]
        process = subprocess.Popen(command, cwd=Path(__file__).parents[2])
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
            process.wait()


def wait_for(condition: Callable[[], Any], seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.03)


def count(session: Any, sql: str) -> Any:
    core_db._writing.set(False)
    value = session.scalar(text(sql))
    session.rollback()
    return value


def test_a_killed_batch_goes_on_with_the_same_numbers(session: Any, spawn: Spawn) -> None:
    """SIGKILL once while numbers are given and once while papers are drawn."""
    batch_id = order(session, SCHOOLS).id
    issued, drawn = "SELECT count(*) FROM certificate", "SELECT count(pdf_sha256) FROM certificate"
    first = spawn("worker-1")
    wait_for(lambda: count(session, issued) >= 3)
    first.send_signal(signal.SIGKILL)
    first.wait()
    early = sorted(session.execute(select(Certificate.number, Certificate.code, Certificate.sha256)).all())
    session.rollback()
    assert 3 <= len(early) < SCHOOLS
    second = spawn("worker-1")
    wait_for(lambda: count(session, drawn) >= 2)
    second.send_signal(signal.SIGKILL)
    second.wait()
    assert 2 <= count(session, drawn) < SCHOOLS
    spawn("worker-1")
    wait_for(lambda: count(session, "SELECT state FROM job") == "done")
    rows = sorted(session.execute(select(Certificate.number, Certificate.code, Certificate.sha256)).all())
    assert rows[: len(early)] == early
    assert [number for number, *_ in rows] == list(range(1, SCHOOLS + 1))
    assert session.scalar(select(NumberSeries.last)) == SCHOOLS
    certificates = queries.certificates_of(batch_id)
    assert len({one.result_id for one in certificates}) == SCHOOLS
    for one in certificates:
        assert one.sha256 == sha256_of(one.content) and file_store().exists(one.pdf_sha256)
