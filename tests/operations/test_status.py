"""The administrator's page on the system: what it shows, of whom, and who may see it."""

import shutil
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from survey_app.core import audit, clock, files, measures
from survey_app.core.access import Actor
from survey_app.core.db import session, unit_of_work
from survey_app.jobs import service
from survey_app.jobs.models import FAILED, RUNNING, Job
from survey_app.operations import health
from survey_app.organisations.models import OrganisationUnit
from survey_app.rules.permissions import ALLOWED, Role
from tests.conftest import Seat
from tests.databases import ON_POSTGRES
from tests.factories.accounts import make_actor
from tests.factories.organisations import make_department, make_school

TABLES_OF_POSTGRES = "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r'"


class Site:
    """A school that asked for work, an administrator in the seat, a job of another department."""

    def __init__(self, app: Flask, client: FlaskClient, seat: Seat) -> None:
        self.app, self.client = app, client
        school = make_school(name="THCS Mẫu <b>")
        assert school.parent is not None and school.parent.parent_id is not None
        self.admin = seat.take(
            Role.DEPARTMENT_ADMIN, session.get_one(OrganisationUnit, school.parent.parent_id)
        )
        self.head = make_actor(Role.UNIT_HEAD, school)
        self.stranger = make_actor(Role.DEPARTMENT_ADMIN, make_department(code="SO-KHAC"))

    def ask(self, label: str, actor: Actor | None, state: str = "queued", days: float = 0) -> str:
        """A job in a state, asked for some days ago; its address."""
        with self.app.app_context(), unit_of_work():
            job = Job(kind="test", label=label, params={}, created_at=clock.now() - timedelta(days=days))
            job.state = state
            if actor:
                job.unit_id, job.requested_by_id = actor.unit_id, actor.user_id
                job.acting = {"request_id": f"id-{actor.user_id}"}
            session.add(job)
            session.flush()
            return job.uid

    def page(self) -> str:
        """The page's text."""
        answer = self.client.get("/operations")
        assert answer.status_code == 200
        return answer.get_data(as_text=True)


@pytest.fixture
def site(app: Flask, client: FlaskClient, seat: Seat) -> Site:
    with app.app_context(), unit_of_work():
        return Site(app, client, seat)


def test_open_jobs_are_listed_with_a_link_that_opens_and_the_id_of_the_request(site: Site) -> None:
    uid = site.ask("Xuất Excel <i>", site.head, FAILED)
    site.ask("Việc của hệ thống", None, RUNNING)
    page = site.page()
    assert f'href="/jobs/{uid}"' in page and f"id-{site.head.user_id}" in page
    assert "Xuất Excel &lt;i&gt;" in page and "THCS Mẫu &lt;b&gt;" in page
    assert "Việc của hệ thống" in page and "Không thành công" in page
    assert site.client.get(f"/jobs/{uid}").status_code == 200


def test_done_old_and_foreign_jobs_are_not_shown(site: Site) -> None:
    site.ask("Đã xong rồi", site.head, "done")
    site.ask("Hỏng từ lâu", site.head, FAILED, days=8)
    foreign = site.ask("Của Sở khác", site.stranger, FAILED)
    page = site.page()
    assert not any(words in page for words in ("Đã xong rồi", "Hỏng từ lâu", "Của Sở khác"))
    assert site.client.get(f"/jobs/{foreign}").status_code == 404


def test_a_silent_worker_and_a_full_disk_are_said(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Tiến trình xử lý nền không hoạt động" in site.page()
    with site.app.app_context(), unit_of_work():
        service.beat("worker-1", "host", 1, now=clock.now())
    page = site.page()
    assert "không hoạt động" not in page and "sắp hết chỗ" not in page
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=files.ROOM - 1))
    assert "Ổ đĩa chứa dữ liệu sắp hết chỗ" in site.page()


def test_a_job_that_waits_although_a_worker_lives_is_said(site: Site) -> None:
    with site.app.app_context(), unit_of_work():
        service.beat("worker-1", "host", 1, now=clock.now())
    site.ask("Chờ mãi", site.head, days=0.5)
    page = site.page()
    assert "đã chờ quá lâu" in page and "12 giờ" in page


def test_refused_sign_ins_of_the_last_day_are_counted(site: Site) -> None:
    with site.app.app_context(), unit_of_work():
        for hours, outcome in ((1, "denied"), (2, "denied"), (3, "done"), (25, "denied")):
            at = clock.now() - timedelta(hours=hours)
            audit.record(None, "account.sign_in", ("User", "x"), now=at, outcome=outcome)
    with site.app.app_context():
        found = health.health(site.admin, Path(site.app.config["DATA_DIR"]), clock.now())
    assert found.denied == 2
    assert 'href="/audit?action=account.sign_in&amp;denied=1"' in site.page()


def test_a_failed_request_is_listed_with_the_id_its_page_showed(site: Site, app: Flask) -> None:
    def broken() -> str:
        raise RuntimeError("no")

    from tests.core.watching import add_view

    add_view(app, broken, "/broken")
    app.testing = False
    before = measures.failures_since_start()
    answer = site.client.get("/broken")
    assert answer.status_code == 500 and measures.failures_since_start() == before + 1
    assert answer.headers["X-Request-Id"] in site.page()


def test_what_the_ground_knows_is_shown_in_one_place(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "ground", health.Ground)
    page = site.page()
    assert "Chưa sao lưu lần nào" in page and "Chưa kiểm tra" in page
    monkeypatch.setattr(health, "ground", lambda: health.Ground(clock.from_local(clock.now().date()), None))
    assert "Chưa sao lưu lần nào" not in site.page()


def test_storage_is_told_in_bytes(site: Site) -> None:
    folder = Path(site.app.config["DATA_DIR"])
    with site.app.app_context():
        storage = health.health(site.admin, folder, clock.now()).storage
        size = int(session.scalar(text(TABLES_OF_POSTGRES))) if ON_POSTGRES else 0
    size = size or (folder / "app.db").stat().st_size
    assert 0 < storage.database <= size + 1024**2 and storage.free > 0 and not storage.low


@pytest.mark.parametrize("role", sorted(set(Role) - ALLOWED["operations.see"]))
def test_nobody_else_may_see_it(role: Role, app: Flask, client: FlaskClient, seat: Seat) -> None:
    with app.app_context(), unit_of_work():
        seat.take(role, make_school())
    assert client.get("/operations").status_code == 403


def test_the_page_asks_little_of_the_database(site: Site, count_queries: Any) -> None:
    for _ in range(5):
        site.ask("Việc", site.head, FAILED)
    site.page()
    with count_queries() as seen:
        site.page()
    assert len(seen) <= 8, seen.statements
