"""The signed print of a form: brought in, asked for, seen by who checks it, kept once handed in."""

import io
from datetime import datetime
from typing import Any

import pytest
from werkzeug.test import TestResponse

from survey_app.assessments import queries, service
from survey_app.assessments.models import SignedPage
from survey_app.assessments.queries import SignedFile
from survey_app.assessments.saving import Edit, save_answer
from survey_app.core.db import session, unit_of_work
from survey_app.evidence.models import EvidenceFile
from survey_app.rounds.models import Round
from survey_app.rules.permissions import Role
from survey_app.rules.workflow import Action, State
from tests.assessments.desk import JSON, Desk, clock, desk
from tests.assessments.test_service import fill_in
from tests.factories.accounts import make_actor
from tests.factories.evidence import make_office, make_pdf, make_photo
from tests.factories.organisations import make_school

__all__ = ["clock", "desk"]
SIGNED = {"signatory": "Nguyễn Thị Mẫu", "agreed": "y"}


def send(desk: Desk, content: bytes, name: str = "trang-1.jpg", script: bool = False) -> TestResponse:
    data: dict[str, Any] = {"file": (io.BytesIO(content), name)}
    return desk.client.post(desk.url("/signed"), data=data, headers=JSON if script else {})


def files(desk: Desk) -> list[SignedFile]:
    session.rollback()
    return queries.signed_files(desk.stage.assessment.id)


def ready(desk: Desk, now: datetime, *, required: bool = False) -> None:
    with unit_of_work() as db:
        fill_in(desk.stage, now)
        db.get_one(Round, desk.stage.form().round.id).signed_copy_required = required


def give_back(desk: Desk, now: datetime) -> None:
    stage = desk.stage
    with unit_of_work():
        service.change_state(stage.form(stage.officer), Action.START_REVIEW, actor=stage.officer, now=now)
        service.return_assessment(
            stage.form(stage.officer),
            {"AT1.2": "Thiếu ảnh"},
            deadline=now.replace(day=19),
            message="",
            actor=stage.officer,
            now=now,
        )


def test_a_scan_is_cleaned_and_shown_page_by_page(desk: Desk) -> None:
    answer = send(desk, make_pdf(2, info=b"/Author(Ai do)"), "phieu-ky.pdf")
    assert answer.location.endswith("/check#signed")
    file = files(desk)[0].file
    assert len(file.pages) == 2 and file.source_sha256 != file.sha256
    page = desk.get("/check")
    assert "2 trang" in page and f"/evidence/{file.uid}/thumb" in page
    assert desk.client.get(f"/evidence/{file.uid}/p/2").status_code == 200


def test_photographs_come_one_by_one_and_a_page_is_taken_out(desk: Desk) -> None:
    for size in ((64, 48), (80, 48)):
        assert send(desk, make_photo(size), script=True).status_code == 201
    assert len(files(desk)) == 2
    first = files(desk)[0]
    assert desk.client.post(desk.url(f"/signed/{first.page.uid}/remove")).status_code == 302
    assert len(files(desk)) == 1
    assert desk.client.post(desk.url(f"/signed/{first.page.uid}/remove")).status_code == 404


def test_the_same_photograph_twice_is_one_page(desk: Desk) -> None:
    for _ in range(2):
        send(desk, make_photo())
    assert len(files(desk)) == 1


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "", "Hãy chụp ảnh hoặc chọn tệp."),
        (make_office(), "phieu.docx", "phải là ảnh chụp hoặc tệp PDF"),
        (b"<html>", "phieu.png", "không đúng với đuôi"),
    ],
)
@pytest.mark.parametrize("script", [True, False])
def test_what_is_no_scan_is_refused_in_its_place(
    desk: Desk, content: bytes, name: str, words: str, script: bool
) -> None:
    answer = send(desk, content, name, script)
    said = answer.json["error"] if script else answer.get_data(as_text=True)  # type: ignore[index]
    assert answer.status_code == 422 and words in said
    assert not files(desk) and (script or "Kiểm tra và nộp" in said)
    session.rollback()
    assert session.query(EvidenceFile).count() == 0


def test_a_round_may_ask_for_the_signed_print(desk: Desk, now: datetime) -> None:
    ready(desk, now, required=True)
    page = desk.get("/check")
    assert "bắt buộc trước khi nộp" in page and "chưa tải lên bản phiếu đã ký" in page
    refused = desk.client.post(desk.url("/submit"), data=SIGNED)
    assert refused.status_code == 422 and desk.state() == State.DRAFT
    send(desk, make_photo())
    assert "Đã đủ điều kiện nộp" in desk.get("/check")
    assert desk.client.post(desk.url("/submit"), data=SIGNED).location == desk.url("/receipt")


def test_a_hidden_scan_does_not_count(desk: Desk, now: datetime) -> None:
    ready(desk, now, required=True)
    send(desk, make_photo())
    key = files(desk)[0].file.id
    with unit_of_work() as db:
        db.get_one(EvidenceFile, key).hidden_at = now
    assert "chưa tải lên bản phiếu đã ký" in desk.get("/check")


def test_without_the_setting_a_form_is_handed_in_as_it_is(desk: Desk, now: datetime) -> None:
    ready(desk, now)
    assert "Bản phiếu đã ký" in desk.get("/check") and "(không bắt buộc)" in desk.get("/check")
    assert desk.client.post(desk.url("/submit"), data=SIGNED).location == desk.url("/receipt")


def test_an_answer_changed_after_signing_is_pointed_at(desk: Desk, now: datetime) -> None:
    ready(desk, now)
    send(desk, make_photo())
    assert "sửa sau khi tải lên bản đã ký" not in desk.get("/check")
    with unit_of_work():
        edit = Edit("AT1.2", 0, 1, "", 1, "later")
        save_answer(desk.stage.form(), edit, actor=desk.stage.head, now=now.replace(hour=8))
    assert "sửa sau khi tải lên bản đã ký" in desk.get("/check")


def test_who_checks_sees_the_scan(desk: Desk, now: datetime) -> None:
    ready(desk, now)
    send(desk, make_pdf(2), "phieu.pdf")
    desk.client.post(desk.url("/submit"), data=SIGNED)
    uid = files(desk)[0].file.uid
    desk.sit(desk.stage.officer)
    page = desk.client.get(f"/reviews/{desk.stage.assessment.uid}").get_data(as_text=True)
    assert f"/evidence/{uid}" in page and desk.client.get(f"/evidence/{uid}/p/1").status_code == 200
    assert f"/evidence/{uid}" in desk.get("/check") and "/remove" not in desk.get("/check")
    with unit_of_work():
        stranger = make_actor(Role.UNIT_HEAD, make_school())
    desk.sit(stranger)
    assert desk.client.get(f"/evidence/{uid}/p/1").status_code == 404


def test_a_scan_that_was_handed_in_cannot_go_nor_change(desk: Desk, now: datetime) -> None:
    ready(desk, now)
    send(desk, make_photo())
    desk.client.post(desk.url("/submit"), data=SIGNED)
    one = files(desk)[0]
    removed = desk.client.post(desk.url(f"/signed/{one.page.uid}/remove"))
    added = send(desk, make_photo((90, 48)))
    deleted = desk.client.post(f"/evidence/{one.file.uid}/delete")
    assert (removed.status_code, added.status_code, deleted.status_code) == (409, 409, 409)
    assert "không xóa được" in deleted.get_data(as_text=True)
    assert "Bản phiếu đã ký" in desk.client.get(f"/evidence/{one.file.uid}").get_data(as_text=True)


def test_after_a_return_it_is_replaced_and_the_first_one_is_kept(desk: Desk, now: datetime) -> None:
    ready(desk, now)
    send(desk, make_photo())
    desk.client.post(desk.url("/submit"), data=SIGNED)
    first = files(desk)[0]
    give_back(desk, now)
    assert desk.client.post(desk.url(f"/signed/{first.page.uid}/remove")).status_code == 302
    assert send(desk, make_photo((90, 48))).status_code == 302
    assert [one.file.id for one in files(desk)] != [first.file.id]
    assert desk.client.post(f"/evidence/{first.file.uid}/delete").status_code == 409


def test_a_scan_of_a_draft_may_be_deleted_and_leaves_the_form(desk: Desk) -> None:
    send(desk, make_photo())
    one = files(desk)[0]
    assert desk.client.post(f"/evidence/{one.file.uid}/delete").status_code == 302
    assert not files(desk)
    assert session.get_one(SignedPage, one.page.id).removed_at is not None


def test_a_file_of_the_form_is_not_foreign(desk: Desk, now: datetime) -> None:
    """A page of another form has no address under this one."""
    send(desk, make_photo())
    page = files(desk)[0].page.uid
    with unit_of_work():
        stranger = make_actor(Role.UNIT_HEAD, make_school())
    desk.sit(stranger)
    assert desk.client.post(desk.url(f"/signed/{page}/remove")).status_code == 404
    assert send(desk, make_photo()).status_code == 404
    assert len(files(desk)) == 1
