"""Where a form is: five steps with dates and units, a notice at each, taking back and answering a return."""

import re
from datetime import datetime, timedelta
from typing import Any

import time_machine
from sqlalchemy import select

from survey_app.assessments import queries, service
from survey_app.assessments.following import steps_of
from survey_app.core.db import session, unit_of_work
from survey_app.notices.models import Notice
from survey_app.reviews.service import start_review
from survey_app.rules.workflow import Action, State
from tests.assessments.desk import Desk, clock, desk
from tests.assessments.test_service import fill_in
from tests.journeys.browser import read_page

__all__ = ["clock", "desk"]


def hand_in(desk: Desk, now: datetime) -> None:
    with unit_of_work():
        fill_in(desk.stage, now)
        service.submit_assessment(desk.stage.form(), signatory="A", actor=desk.stage.head, now=now)


def begin(desk: Desk, now: datetime) -> None:
    with unit_of_work():
        start_review(desk.stage.form(desk.stage.officer), actor=desk.stage.officer, now=now)


def give_back(desk: Desk, now: datetime, *codes: str) -> None:
    with unit_of_work():
        service.return_assessment(
            desk.stage.form(desk.stage.officer),
            {code: f"Lý do của {code}" for code in codes},
            deadline=now.replace(day=19),
            message="",
            actor=desk.stage.officer,
            now=now,
        )


def walked(desk: Desk) -> list[tuple[str, str, str]]:
    """The line of steps as the page gets it."""
    session.rollback()
    form = queries.form_of(desk.stage.assessment.id)
    key = form.assessment.id
    steps = steps_of(form, queries.events_of(key), queries.open_return(key))
    said = ["; ".join(filter(None, (step.at, step.words % step.params))) for step in steps]
    return [(step.name, words, step.state) for step, words in zip(steps, said, strict=True)]


def test_the_line_of_steps_has_dates_and_the_unit_that_has_the_form(desk: Desk, now: datetime) -> None:
    unit = queries.form_of(desk.stage.assessment.id).participation.reviewing_unit.name
    names = ["Nộp", "Kiểm tra", "Yêu cầu bổ sung", "Xác nhận", "Công bố"]
    assert [name for name, _, _ in walked(desk)] == names
    assert walked(desk)[0] == ("Nộp", "hạn nộp 17g00, ngày 20/05/2027", "now")
    hand_in(desk, now)
    assert walked(desk)[:2] == [
        ("Nộp", "14:05, 12/05/2027", "done"),
        ("Kiểm tra", f"chờ {unit} kiểm tra, hạn 17g00, ngày 09/06/2027", "now"),
    ]
    begin(desk, now + timedelta(days=1))
    assert walked(desk)[1] == ("Kiểm tra", f"14:05, 13/05/2027, {unit}", "now")
    give_back(desk, now + timedelta(days=2), "AT1.2")
    returned = f"14:05, 14/05/2027, {unit}; hạn bổ sung 14g05, ngày 19/05/2027"
    assert walked(desk)[1:3] == [
        ("Kiểm tra", f"14:05, 13/05/2027, {unit}", "done"),
        ("Yêu cầu bổ sung", returned, "now"),
    ]
    page = desk.get()
    assert all(name in page for name in names) and "hạn bổ sung 14g05, ngày 19/05/2027" in page


def test_the_steps_after_a_form_was_handed_in_again(desk: Desk, now: datetime) -> None:
    hand_in(desk, now)
    begin(desk, now)
    give_back(desk, now, "AT1.2")
    later = now + timedelta(days=1)
    with unit_of_work():
        service.settle_returned(desk.stage.form(), "AT1.2", "Đã đủ", actor=desk.stage.head, now=later)
        service.submit_assessment(desk.stage.form(), signatory="A", actor=desk.stage.head, now=later)
    line = walked(desk)
    assert line[0][1:] == ("14:05, 12/05/2027", "done") and line[1][2] == "now"
    assert "trường nộp lại 14:05, 13/05/2027" in line[2][1] and line[2][2] == "done"
    with unit_of_work():
        officer = desk.stage.officer
        for action in (Action.START_REVIEW, Action.PROPOSE):
            service.change_state(desk.stage.form(officer), action, actor=officer, now=later)
    assert [state for _, _, state in walked(desk)] == ["done", "now", "done", "todo", "todo"]


def test_a_form_taken_back_starts_its_line_anew(desk: Desk, now: datetime) -> None:
    hand_in(desk, now)
    with unit_of_work():
        service.withdraw_assessment(desk.stage.form(), actor=desk.stage.head, now=now)
    assert [state for _, _, state in walked(desk)] == ["now", "todo", "todo", "todo", "todo"]


def test_the_school_gets_a_notice_at_each_step(desk: Desk, now: datetime) -> None:
    hand_in(desk, now)
    begin(desk, now)
    session.rollback()
    found = session.scalars(
        select(Notice).where(Notice.unit_id == desk.stage.school.id).order_by(Notice.id)
    ).all()
    assert [notice.kind for notice in found] == ["assessment.submitted", "review.started"]
    number = queries.form_of(desk.stage.assessment.id).assessment.receipt_number
    assert number and number in found[0].title and "14:05:32, 12/05/2027" in found[0].body
    assert "bắt đầu kiểm tra" in found[1].body
    assert {notice.url for notice in found} == {desk.url()}


# ---- taking back ----


def test_until_checking_starts_the_form_is_taken_back_and_afterwards_the_reason_stands_there(
    desk: Desk, now: datetime
) -> None:
    hand_in(desk, now)
    for path in ("", "/receipt"):
        assert desk.url("/withdraw") in desk.get(path)
    begin(desk, now)
    for path in ("", "/receipt"):
        page = desk.get(path)
        assert desk.url("/withdraw") not in page
        button = re.search(r"<button[^>]*disabled[^>]*>Rút phiếu</button>", page)
        assert button and 'aria-describedby="why-not-withdrawn"' in button[0]
        assert "Cơ quan kiểm tra đã bắt đầu xem nên không rút phiếu được nữa." in page
    assert desk.client.post(desk.url("/withdraw")).status_code == 409
    assert desk.state() == State.IN_REVIEW


def test_a_member_is_told_who_takes_it_back_and_an_officer_nothing(desk: Desk, now: datetime) -> None:
    hand_in(desk, now)
    desk.sit(desk.stage.member)
    assert "Thủ trưởng đơn vị là người rút phiếu." in desk.get()
    desk.sit(desk.stage.officer)
    assert "Rút phiếu" not in desk.get() + desk.get("/receipt")


# ---- what was given back ----


def test_what_was_given_back_comes_first_with_its_reason_and_the_rest_is_locked(
    desk: Desk, now: datetime
) -> None:
    hand_in(desk, now)
    begin(desk, now)
    give_back(desk, now, "AT1.1", "AT1.2", "LM1.2")
    page = desk.get()
    assert "Còn 3/3 mục cần bổ sung" in page
    assert page.index("Lý do của AT1.1") < page.index("Tiến độ tự đánh giá")
    assert "Lý do của AT1.2" in desk.get("/fill/AT1") and "Lý do của LM1.2" in desk.get("/fill/LM1")
    assert "không bị yêu cầu bổ sung nên đã khóa" in desk.get("/fill/LM1")
    kept = {"because": "Đã đủ hồ sơ"}
    assert desk.client.post(desk.url("/settle/AT1.1"), data=kept).status_code == 302
    page = desk.get()
    assert "Còn 2/3 mục cần bổ sung" in page and "Còn 2/3 mục cần bổ sung" in desk.get("/fill/AT1")
    assert page.index("Lý do của AT1.2") < page.index("Lý do của AT1.1")  # what is left comes first
    refused = desk.client.post(desk.url("/submit"), data={"signatory": "A", "agreed": "y"})
    assert refused.status_code == 422 and "Còn 2 việc cần xử lý trước khi nộp" in refused.get_data(
        as_text=True
    )
    for code in ("AT1.2", "LM1.2"):
        desk.client.post(desk.url(f"/settle/{code}"), data=kept)
    assert "đã bổ sung đủ các tiêu chí, hãy nộp lại" in desk.get()
    desk.client.post(desk.url("/submit"), data={"signatory": "A", "agreed": "y"})
    assert desk.state() == State.RESUBMITTED


def test_the_pages_need_few_queries_after_a_return(desk: Desk, now: datetime, count_queries: Any) -> None:
    hand_in(desk, now)
    begin(desk, now)
    give_back(desk, now, "AT1.1", "AT1.2")
    with time_machine.travel(now, tick=False):
        for path in (
            "",
            "/check",
            "/fill/AT1?back=AT1.1",
            "/receipt",
            "/profile?back=viec",
            "/veto?back=viec",
        ):
            address = desk.url(path)
            desk.client.get(address)
            with count_queries() as seen:
                assert desk.client.get(address).status_code == 200
            assert len(seen) <= 12, (path, len(seen), seen.statements)


# ---- the check page and the way back to it ----


def test_change_leads_back_to_the_same_spot_of_the_check_page(desk: Desk, now: datetime) -> None:
    with unit_of_work():
        fill_in(desk.stage, now)
    change = desk.url("/fill/AT1") + "?back=AT1.2#AT1.2"
    assert change in desk.get("/check")
    back = desk.url("/check") + "?at=AT1.2#row-AT1.2"
    page = desk.get("/fill/AT1?back=AT1.2")
    assert page.count(back) == 2
    form = next(form for form in read_page("/", 200, page).forms if form.fields.get("indicator") == ["AT1.2"])
    fields = {name: values[0] for name, values in form.fields.items() if values} | {"value": "3"}
    saved = desk.client.post(form.action, data=fields)  # without a script
    assert "back=AT1.2" in saved.location and back in desk.client.get(saved.location).get_data(as_text=True)
    check = desk.get("/check?at=AT1.2")
    assert 'id="row-AT1.2"' in check
    opened = re.findall(r'<details class="card"( open)?><summary>', check)
    assert opened == [" open", ""]


def test_the_way_back_leads_nowhere_else(desk: Desk) -> None:
    for asked in ("https://example.vn", "//example.vn", "/account/login", "ZZ9.9", "<b>", ""):
        page = desk.client.get(desk.url("/fill/AT1"), query_string={"back": asked}).get_data(as_text=True)
        assert "Quay lại trang Kiểm tra và nộp" not in page and '"//example' not in page
        assert '"https://example' not in page
        assert desk.client.get(desk.url("/check"), query_string={"at": asked}).status_code == 200
        saved = desk.client.post(
            desk.url("/answers"),
            query_string={"back": asked},
            data={"indicator": "LM1.2", "site": "0", "value": "0", "base_version": "9", "key": ""},
        )
        assert "example.vn" not in saved.get_data(as_text=True)


def test_what_is_missing_is_said_in_the_same_words_in_both_places(desk: Desk) -> None:
    page = desk.get("/check")
    links = re.findall(r'<li>\s*<a href="([^"]+)">[^<]*</a>[^<:]*: ([^<]+)</li>', page)
    assert len(links) == 5
    for address, words in links:
        path, _, anchor = address.partition("#")
        target = desk.client.get(path).get_data(as_text=True)
        assert f'id="{anchor}"' in target, address
        said = words.strip()
        assert (said[0].upper() + said[1:]) in target, (address, said)


def test_the_words_are_not_said_to_somebody_who_only_fills_in(desk: Desk) -> None:
    assert "Chưa chọn mức" not in desk.get("/fill/AT1")
    assert "Chưa chọn mức" in desk.get("/fill/AT1?back=viec")


def test_facts_and_the_excluding_sentence_lead_back_to_the_list(desk: Desk) -> None:
    answer = desk.client.post(desk.url("/veto?back=viec"), data={"answer": "xac_nhan"})
    assert answer.location == desk.url("/check") + "#left-title"
    facts = {"bep_an": "yes", "base_version": "1"}
    with unit_of_work():
        facts |= {question.code: "yes" for question in desk.stage.form().framework.profile}
    answer = desk.client.post(desk.url("/profile?back=viec"), data=facts)
    assert answer.location == desk.url("/check") + "#left-title"
