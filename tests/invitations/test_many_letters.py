"""Letters for more schools than one answer takes: by a job, ward by ward, encrypted, for one person."""

import io
import re
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from cryptography.fernet import InvalidToken
from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from survey_app.accounts.models import ActivationCode, Membership, User
from survey_app.accounts.passwords import hashing
from survey_app.core import clock
from survey_app.core.db import session, unit_of_work
from survey_app.documents.pdf import pdf_available
from survey_app.invitations import letter_views, packing, service, tidying
from survey_app.invitations.models import LetterBatch, LetterPart
from survey_app.invitations.store import letter_store
from survey_app.jobs.models import Job
from survey_app.jobs.runner import run_job
from survey_app.organisations.models import OrganisationUnit
from survey_app.rules.permissions import Role
from tests.accounts.conftest import Browser, Tree
from tests.databases import every_row
from tests.factories.jobs import run_queued_jobs
from tests.factories.organisations import make_school

CODE = re.compile(r"[2-9A-Z]{5}-[2-9A-Z]{5}")


@pytest.fixture(autouse=True)
def a_few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """More than two schools are a job."""
    monkeypatch.setattr(letter_views, "AT_ONCE", 2)


@pytest.fixture
def admin(browser: Browser, person: Any, tree: Tree) -> Browser:
    """The administrator; three schools in two wards wait."""
    person("quantri", Role.DEPARTMENT_ADMIN, tree.department)
    browser.sign_in("quantri")
    browser.get("/accounts/codes")
    return browser


def rows_of(content: bytes) -> dict[str, str]:
    """{login: code} of the workbook, in its order."""
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    return {str(row[3]): str(row[4]) for row in rows if len(row) > 4 and CODE.fullmatch(str(row[4]))}


def made(admin: Browser, app: Flask, form: str = "xlsx", **values: str) -> str:
    """Ask, let the job run; the address of the batch."""
    answer = admin.post("/accounts/codes", {"form": form} | values)
    assert answer.status_code == 302
    run_queued_jobs(app)
    return str(answer.location)


def fetch(browser: Browser, address: str) -> Any:
    return browser.post(f"{address}/file")


def test_from_asking_to_a_code_that_works(admin: Browser, app: Flask, new_browser: Any, acts: Any) -> None:
    answer = admin.post("/accounts/codes", {"form": "xlsx"})
    assert "Đang tạo phiếu" in admin.get(answer.location).get_data(as_text=True)
    assert fetch(admin, answer.location).status_code == 302  # not there yet
    run_queued_jobs(app)
    page = admin.get(answer.location).get_data(as_text=True)
    assert "Tải tệp" in page and "3 trường" in page and "data-poll" not in page
    got = fetch(admin, answer.location)
    assert got.headers["Content-Disposition"].endswith(".xlsx") and got.headers["Cache-Control"] == "no-store"
    codes = rows_of(got.data)
    assert set(codes) == {"92000F01", "92000F02", "92000701"}
    head = new_browser()
    head.get("/account/activate")
    data = {"code": codes["92000F01"], "password": "Một câu rất riêng của tôi", "phone": "0900000000"}
    assert head.post("/account/activate", data).location == "/"
    assert ("letters.ask", "done") in acts() and ("letters.fetch", "done") in acts()
    assert "Phiếu cho 3 trường" in admin.get("/accounts/codes").get_data(as_text=True)


@pytest.mark.skipif(not pdf_available(), reason="Pango is not installed")
@pytest.mark.parametrize("form", ["pdf", "zip"])
def test_the_papers_are_by_ward_whatever_the_file(admin: Browser, app: Flask, form: str) -> None:
    content = fetch(admin, made(admin, app, form)).data
    if form == "zip":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            assert names[0] == packing.BOOK and [name[:4] for name in names[1:]] == ["001-", "002-"]
            assert len(rows_of(archive.read(packing.BOOK))) == 3
            content = archive.read(names[1])
    pages = [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(content)]
    assert len(pages) == (4 if form == "pdf" else 2)
    assert "PHIẾU GIAO NHẬN" in pages[0] and CODE.search(pages[1]) and not CODE.search(pages[0])


def test_the_disk_and_the_database_hold_no_code(admin: Browser, app: Flask, tmp_path: Path) -> None:
    codes = rows_of(fetch(admin, made(admin, app)).data)
    files = [path for path in (tmp_path / "files").rglob("*") if path.is_file()]
    assert len(files) == 1  # the parts are gone
    with app.app_context():
        rows = every_row(session.connection()).encode()
    everything = files[0].read_bytes() + rows + b"".join(one.read_bytes() for one in tmp_path.glob("app.db*"))
    for code in codes.values():
        assert code.encode() not in everything and code.replace("-", "").encode() not in everything
    assert not zipfile.is_zipfile(files[0])


def test_the_file_is_for_who_asked_and_no_colleague(
    admin: Browser, app: Flask, person: Any, new_browser: Any, tree: Tree
) -> None:
    address = made(admin, app)
    person("quantri2", Role.DEPARTMENT_ADMIN, tree.department)
    other = new_browser()
    other.sign_in("quantri2")
    assert other.get(address).status_code == 404 and fetch(other, address).status_code == 404
    assert other.post(f"{address}/discard").status_code == 404
    assert "Phiếu cho 3 trường" not in other.get("/accounts/codes").get_data(as_text=True)


def test_a_commune_gets_letters_of_its_own_schools_only(
    browser: Browser, app: Flask, person: Any, tree: Tree
) -> None:
    with app.app_context(), unit_of_work():
        ward = session.get_one(OrganisationUnit, tree.commune)
        for number in range(3, 6):
            make_school(ward, code=f"92000F1{number}")
    person("canbo", Role.COMMUNE_OFFICER, tree.commune)
    browser.sign_in("canbo")
    with app.app_context():
        foreign = session.get_one(OrganisationUnit, tree.other_commune).uid
    browser.get("/accounts/codes")
    codes = rows_of(fetch(browser, made(browser, app)).data)
    assert set(codes) == {"92000F01", "92000F13", "92000F14", "92000F15"}
    assert browser.post("/accounts/codes", {"form": "xlsx", "ward": foreign}).status_code == 422


def test_issuing_again_voids_the_codes_before(admin: Browser, app: Flask) -> None:
    first = rows_of(fetch(admin, made(admin, app)).data)
    second = rows_of(fetch(admin, made(admin, app)).data)
    with app.app_context():
        for login in first:
            before, after = (
                session.scalar(
                    select(ActivationCode).where(
                        ActivationCode.code_hash == hashing().digest(codes[login].replace("-", ""))
                    )
                )
                for codes in (first, second)
            )
            assert before is not None and before.voided_at and after is not None and not after.voided_at


def test_after_a_day_or_by_hand_the_file_is_gone_but_the_codes_work(
    admin: Browser, app: Flask, at: Any, tmp_path: Path
) -> None:
    first, second = made(admin, app), made(admin, app)
    admin.get(second)
    assert admin.post(f"{second}/discard").location == "/accounts/codes"
    assert fetch(admin, second).status_code == 302
    assert "Tệp đã xóa" in admin.get(second).get_data(as_text=True)
    left = [path for path in (tmp_path / "files").rglob("*") if path.is_file()]
    assert len(left) == 1
    at(timedelta(hours=23))
    browser = admin
    browser.sign_in("quantri")
    assert fetch(browser, first).status_code == 200
    at(timedelta(hours=25))
    browser.sign_in("quantri")
    assert fetch(browser, first).status_code == 302
    with app.app_context():
        removed, _ = tidying.tidy(clock.now() + timedelta(days=2))
        assert removed == 1 and session.query(ActivationCode).filter_by(voided_at=None).count() == 3
    assert not [path for path in (tmp_path / "files").rglob("*") if path.is_file()]


def test_a_job_that_was_broken_off_goes_on_with_the_next_ward(
    admin: Browser, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    location = admin.post("/accounts/codes", {"form": "xlsx"}).location
    real, wards = service.add_part, []

    def dies(batch_id: int, ward: Any, *given: Any, **more: Any) -> int:
        wards.append(ward.name)
        if len(wards) == 2:
            raise KeyboardInterrupt
        return real(batch_id, ward, *given, **more)

    monkeypatch.setattr(service, "add_part", dies)
    with app.app_context():
        uid = str(session.scalar(select(Job.uid)))
    with pytest.raises(KeyboardInterrupt):
        run_job(app, uid)
    with app.app_context():
        assert session.query(LetterPart).count() == 1
    run_job(app, uid)
    assert wards[0] != wards[1] == wards[2] and len(wards) == 3
    codes = rows_of(fetch(admin, location).data)
    with app.app_context():
        assert session.query(ActivationCode).count() == 3 == len(codes)
        for code in codes.values():
            assert (
                session.query(ActivationCode)
                .filter_by(code_hash=hashing().digest(code.replace("-", "")), voided_at=None)
                .count()
            )


def test_a_head_who_gets_in_meanwhile_is_left_out_and_the_ward_is_drawn_again(
    admin: Browser, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, seen = packing.put_part, []

    def meanwhile(form: str, ward: Any, occasion: Any) -> bytes:
        seen.append([one.login for one in ward.handouts])
        if len(seen) == 1:
            with unit_of_work() as write:
                unit = write.query(OrganisationUnit).filter_by(code=ward.handouts[0].unit_code).one()
                user = User(login="truoc", name="T", fs_uniquifier="u", password="x", created_at=clock.now())
                write.add(user)
                write.flush()
                write.add(
                    Membership(user_id=user.id, unit_id=unit.id, role="unit_head", starts_at=clock.now())
                )
        return bytes(real(form, ward, occasion))

    monkeypatch.setattr(packing, "put_part", meanwhile)
    codes = rows_of(fetch(admin, made(admin, app)).data)
    assert len(codes) == 2 and seen[0][0] not in codes


def test_whoever_lost_the_role_meanwhile_gets_no_codes(
    admin: Browser, app: Flask, stored: Any, tree: Tree
) -> None:
    location = admin.post("/accounts/codes", {"form": "xlsx"}).location
    with app.app_context(), unit_of_work():
        session.query(Membership).filter_by(unit_id=tree.department).update({"ends_at": clock.now()})
    run_queued_jobs(app)
    with app.app_context():
        job = session.scalar(select(Job))
        assert job is not None and job.state == "failed" and "vừa kết thúc" in str(job.error)
        assert session.query(ActivationCode).count() == 0 and session.query(LetterPart).count() == 0
        assert session.scalar(select(LetterBatch.made_at)) is None
    assert location


def test_the_progress_counts_schools(admin: Browser, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    marks: list[tuple[int, int]] = []
    monkeypatch.setattr(
        "survey_app.jobs.runner.Carrier.progress", lambda self, done, total: marks.append((done, total))
    )
    made(admin, app)
    assert marks == [(0, 3), (2, 3), (3, 3)]


def test_another_secret_opens_nothing(admin: Browser, app: Flask) -> None:
    made(admin, app)
    with app.app_context():
        digest = str(session.scalar(select(LetterBatch.sha256)))
        sealed = letter_store().files.read(digest)
        assert letter_store().read(digest) != sealed
        other = type(letter_store())(letter_store().files, "y" * 40)
        with pytest.raises(InvalidToken):
            other.read(digest)
