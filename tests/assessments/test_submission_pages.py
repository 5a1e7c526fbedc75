"""Handing in over HTTP, what follows a return, evidence of an indicator."""

import io
import re
from typing import Any

import pytest
import time_machine
from werkzeug.test import TestResponse

from survey_app.assessments import queries, service
from survey_app.assessments.models import Assessment
from survey_app.core.db import session, unit_of_work
from survey_app.reviews.examination import examine
from survey_app.rules.workflow import Action, State
from tests.assessments.desk import JSON, Desk, clock, desk
from tests.assessments.test_service import fill_in
from tests.factories.evidence import make_photo

__all__ = ["clock", "desk"]


# ---- handing in ----


def ready(desk: Desk, now) -> None:
    with unit_of_work():
        fill_in(desk.stage, now)


def test_the_check_page_names_what_is_missing_with_links(desk: Desk) -> None:
    page = desk.get("/check")
    assert "Còn 5 việc cần xử lý trước khi nộp" in page
    assert desk.url("/fill/AT1") + "?back=viec#AT1.2" in page and "chưa chọn mức" in page


def test_the_task_list_says_that_a_form_can_be_handed_in_only_when_it_can(desk: Desk, now) -> None:
    assert "Còn 5 việc" in desk.get() and "Có thể nộp" not in desk.get()
    ready(desk, now)
    assert "Có thể nộp" in desk.get()
    with unit_of_work():
        desk.stage.form().assessment.veto_confirmed_at = None
    assert "Còn 1 việc" in desk.get() and "Có thể nộp" not in desk.get()


def test_only_the_head_confirms_for_the_school(desk: Desk) -> None:
    desk.sit(desk.stage.member)
    page = desk.get("/veto")
    assert "Thủ trưởng đơn vị là người xác nhận" in page and ">Xác nhận</button>" not in page
    assert desk.client.post(desk.url("/veto"), data={"answer": "xac_nhan"}).status_code == 403
    desk.sit(desk.stage.head)
    assert ">Xác nhận</button>" in desk.get("/veto")
    assert desk.client.post(desk.url("/veto"), data={"answer": "xac_nhan"}).status_code == 302


def test_what_sites_say_stands_beside_their_names_and_the_value_that_counts(desk: Desk) -> None:
    site_ids = [site["id"] for site in desk.stage.form().participation.sites]
    for site, value, words in zip(site_ids, ("3", "1"), ("Mái mới", "Chưa có mái"), strict=True):
        desk.save(indicator="AT1.1", site=str(site), value=value, comment=words, key=f"s{site}")
    page = desk.get("/check")
    assert "<b>Điểm chính</b>: Mái mới" in page and "<b>Điểm lẻ 1</b>: Chưa có mái" in page
    assert re.search(r'Tính: <span class="lv">1<', page)


def test_a_submission_leads_to_the_receipt(desk: Desk, now) -> None:
    ready(desk, now)
    form = {"signatory": "Nguyễn Thị Mẫu", "agreed": "y"}
    answer = desk.client.post(desk.url("/submit"), data=form)
    assert answer.location == desk.url("/receipt")
    page = desk.get("/receipt")
    assert "2627-" in page and "14:05:32, 12/05/2027" in page and "Nguyễn Thị Mẫu" in page


def test_a_second_press_of_submit_leads_to_the_same_receipt(desk: Desk, now) -> None:
    ready(desk, now)
    form = {"signatory": "Nguyễn Thị Mẫu", "agreed": "y"}
    answers = [desk.client.post(desk.url("/submit"), data=form) for _ in range(2)]
    assert [answer.location for answer in answers] == [desk.url("/receipt")] * 2
    assert len(queries.events_of(desk.stage.assessment.id)) == 1


def test_submitting_without_the_tick_says_so(desk: Desk, now) -> None:
    ready(desk, now)
    answer = desk.client.post(desk.url("/submit"), data={"signatory": "Nguyễn Thị Mẫu"})
    assert answer.status_code == 422 and "Hãy đánh dấu xác nhận" in answer.get_data(as_text=True)
    assert desk.state() == State.DRAFT


def test_an_incomplete_form_is_refused_with_a_sentence(desk: Desk) -> None:
    answer = desk.client.post(desk.url("/submit"), data={"signatory": "Trần Thị Mẫu", "agreed": "y"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "Còn 5 việc cần xử lý trước khi nộp. Hãy xem" in page
    assert 'value="Trần Thị Mẫu"' in page and desk.state() == State.DRAFT


def test_a_late_submission_is_refused_with_what_to_do(desk: Desk, now) -> None:
    ready(desk, now)
    with time_machine.travel(now.replace(day=21), tick=False):
        answer = desk.client.post(desk.url("/submit"), data={"signatory": "Trần Thị Mẫu", "agreed": "y"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409 and "gia hạn" in page and 'value="Trần Thị Mẫu"' in page
    assert desk.state() == State.DRAFT


def test_what_was_written_about_the_veto_facts_stays_when_it_comes_late(desk: Desk, now) -> None:
    typed = {"answer": "co_y_kien", "comment": "Văn bản số 12 chưa đúng <b>ngày</b>."}
    with time_machine.travel(now.replace(day=21), tick=False):
        answer = desk.client.post(desk.url("/veto"), data=typed)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409 and "gia hạn" in page and 'value="co_y_kien" checked' in page
    assert "Văn bản số 12 chưa đúng &lt;b&gt;ngày&lt;/b&gt;.</textarea>" in page
    answer = desk.client.post(desk.url("/veto"), data=typed | {"answer": ""})
    assert answer.status_code == 422 and "Văn bản số 12" in answer.get_data(as_text=True)
    assert desk.client.post(desk.url("/veto"), data=typed).status_code == 302
    assert "Văn bản số 12" in desk.get("/veto")  # a second visit does not begin with an empty box


def test_a_submission_after_somebody_took_the_form_says_so_on_its_page(desk: Desk, now) -> None:
    ready(desk, now)
    with unit_of_work() as db:
        db.get_one(Assessment, desk.stage.assessment.id).state = State.IN_REVIEW
    answer = desk.client.post(desk.url("/submit"), data={"signatory": "Trần Thị Mẫu", "agreed": "y"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409 and "Đang kiểm tra" in page and "Phiếu đã nộp" in page


def test_a_member_is_told_who_hands_in(desk: Desk) -> None:
    desk.sit(desk.stage.member)
    assert "Thủ trưởng đơn vị là người nộp phiếu" in desk.get("/check")
    assert desk.client.post(desk.url("/submit")).status_code == 403


def test_withdrawing_opens_the_form_again(desk: Desk, now) -> None:
    ready(desk, now)
    desk.client.post(desk.url("/submit"), data={"signatory": "A", "agreed": "y"})
    assert "Rút phiếu" in desk.get()
    assert desk.client.post(desk.url("/withdraw")).status_code == 302
    assert desk.state() == State.DRAFT


def test_a_form_taken_back_has_no_receipt(desk: Desk, now) -> None:
    ready(desk, now)
    desk.client.post(desk.url("/submit"), data={"signatory": "A", "agreed": "y"})
    desk.client.post(desk.url("/withdraw"))
    assert desk.client.get(desk.url("/receipt")).location == desk.url()


def test_after_the_deadline_a_form_is_not_taken_back(desk: Desk, now) -> None:
    ready(desk, now)
    desk.client.post(desk.url("/submit"), data={"signatory": "A", "agreed": "y"})
    with time_machine.travel(now.replace(day=21), tick=False):
        for page in (desk.get(), desk.get("/receipt")):
            assert desk.url("/withdraw") not in page and "Đã hết hạn nên không rút phiếu" in page
        answer = desk.client.post(desk.url("/withdraw"))
    assert answer.status_code == 409 and "không rút phiếu được nữa" in answer.get_data(as_text=True)
    assert desk.state() == State.SUBMITTED


def test_after_a_return_the_reason_stands_in_its_place_and_the_rest_is_locked(desk: Desk, now) -> None:
    ready(desk, now)
    stage = desk.stage
    with unit_of_work():
        service.submit_assessment(stage.form(), signatory="A", actor=stage.head, now=now)
        service.change_state(stage.form(stage.officer), Action.START_REVIEW, actor=stage.officer, now=now)
        form = stage.form(stage.officer)
        until = now.replace(day=19)
        service.return_assessment(
            form, {"AT1.2": "Thiếu ảnh tầng 2"}, deadline=until, message="", actor=stage.officer, now=now
        )
    assert "Còn 1/1 mục cần bổ sung" in desk.get() and "Thiếu ảnh tầng 2" in desk.get()
    page = desk.get("/fill/AT1")
    assert "Thiếu ảnh tầng 2" in page and page.count("data-autosave") == 1
    first, second = page.partition('id="AT1.1"')[2].split('id="AT1.2"')[:2]
    steps = {"AT1.1": first, "AT1.2": second.partition("</article>")[0]}
    assert set(re.findall(r'data-next-for="(\d)"', steps["AT1.1"])) == {"1"}  # locked at 1
    assert set(re.findall(r'data-next-for="(\d)"', steps["AT1.2"])) > {"1"}
    assert f'href="{desk.url("/fill/AT1")}#AT1.2">Mục tiếp theo: AT1.2<' in page
    assert desk.save(indicator="LM1.1", base_version="1").status_code == 409
    bare = desk.client.post(desk.url("/settle/AT1.2"), data={"because": " "})
    words = bare.get_data(as_text=True)
    assert bare.status_code == 422 and "vì sao trường giữ nguyên" in words
    assert 'href="#because-AT1.2"' in words and "data-focus" in words  # said on top, with a way to the box
    assert desk.client.post(desk.url("/settle/AT1.2"), data={"because": "a\x00b"}).status_code == 422
    assert desk.client.post(desk.url("/settle/ZZ9.9"), data={"because": "x"}).status_code in (404, 409)
    kept = {"because": "Ảnh tầng 2 đã có ở MC-AT1.1-01"}
    assert desk.client.post(desk.url("/settle/AT1.2"), data=kept).status_code == 302
    assert "đã bổ sung đủ các tiêu chí" in desk.get()
    page = desk.get("/fill/AT1")
    assert "Ảnh tầng 2 đã có" in page and "Kiểm tra và nộp lại" in page and "Mục tiếp theo" not in page
    line = examine(stage.form(stage.officer)).line("AT1.2")
    assert line.asked == "Thiếu ảnh tầng 2" and line.kept_because == kept["because"]


# ---- evidence ----


def send(desk: Desk, content: bytes, name: str = "anh.jpg", **fields: str) -> TestResponse:
    data: dict[str, Any] = {
        "title": "Bình chữa cháy",
        "no_personal": "y",
        "file": (io.BytesIO(content), name),
    } | fields
    return desk.client.post(desk.url("/evidence/AT1.2"), data=data, headers=JSON)


def test_a_photograph_is_taken_in_and_used_at_once(desk: Desk) -> None:
    answer = send(desk, make_photo())
    assert answer.status_code == 201 and answer.json["code"] == "MC-AT1.2-01"  # type: ignore[index]
    assert "MC-AT1.2-01" in desk.get("/fill/AT1")


def test_a_page_named_png_is_refused_with_a_sentence(desk: Desk) -> None:
    answer = send(desk, b"<html><script>1</script></html>", "anh.png")
    assert answer.status_code == 422 and answer.json["error"]  # type: ignore[index]
    assert not queries.evidence_of(desk.stage.assessment.id)


def test_a_file_of_the_store_is_used_for_a_second_indicator(desk: Desk) -> None:
    uid = send(desk, make_photo()).json["uid"]  # type: ignore[index]
    answer = desk.client.post(desk.url("/evidence/LM1.1/choose"), data={"file": uid, "papers_only": "y"})
    assert answer.location.endswith("/fill/LM1?added=MC-LM1.1-01#files-LM1.1")
    assert "MC-LM1.1-01" in desk.get("/fill/LM1")


def test_a_use_is_taken_off_and_the_file_stays(desk: Desk) -> None:
    send(desk, make_photo())
    use = queries.evidence_of(desk.stage.assessment.id)["AT1.2"][0].use.uid
    session.rollback()
    assert desk.client.post(desk.url(f"/uses/{use}/detach")).status_code == 302
    assert not queries.evidence_of(desk.stage.assessment.id)
    assert desk.client.post(desk.url(f"/uses/{use}/detach")).status_code == 404


@pytest.mark.parametrize("script", [True, False])
def test_a_file_that_is_too_large_is_refused_before_it_is_read(desk: Desk, script: bool) -> None:
    """40 MB on the indicator's own address: more than a whole upload may have, refused with its limit."""
    data = {"file": (io.BytesIO(b"\xff\xd8\xff" + b"x" * 40 * 1024 * 1024), "anh.jpg"), "no_personal": "y"}
    address = desk.url("/evidence/AT1.2")
    answer = desk.client.post(address, data=data, headers=JSON if script else {})
    said = answer.json["error"] if script else answer.get_data(as_text=True)  # type: ignore[index]
    assert answer.status_code == 413 and "quá lớn" in said and "MB" in said
    session.rollback()
    assert queries.evidence_of(desk.stage.assessment.id) == {}
