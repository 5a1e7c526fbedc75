"""Adding evidence over HTTP: one file for several indicators, what each takes, what is said before."""

import io
import re
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from survey_app.assessments import attaching, queries
from survey_app.assessments.models import Assessment, Return, ReturnedIndicator
from survey_app.core.audit import AuditEvent
from survey_app.core.db import session, unit_of_work
from survey_app.evidence.models import EvidenceFile
from survey_app.rules.workflow import State
from tests.assessments.conftest import Stage
from tests.assessments.desk import JSON, Desk, clock, desk
from tests.factories.evidence import make_file
from tests.walls.uploads import photo

__all__ = ["clock", "desk"]

PAPERS = "Tệp chỉ là quy trình, biểu mẫu trống hoặc số liệu tổng hợp"


def send(desk: Desk, code: str, *also: str, script: bool = False, **fields: Any) -> Any:
    """A photograph for an indicator and others."""
    data = {
        "file": (io.BytesIO(photo()[0]), "anh.jpg"),
        "title": "Biên bản",
        "no_personal": "y",
        "also": list(also),
    } | fields
    return desk.client.post(desk.url(f"/evidence/{code}"), data=data, headers=JSON if script else {})


def codes(desk: Desk) -> dict[str, list[str]]:
    """The codes of a form's evidence by indicator, as they are stored."""
    session.rollback()
    found = queries.evidence_of(desk.stage.assessment.id)
    return {indicator: [item.code for item in items] for indicator, items in found.items()}


def stored_file(desk: Desk) -> str:
    """A file in the school's store; its public id."""
    with unit_of_work():
        return str(make_file(desk.stage.head, "Quy trình đón trả trẻ").uid)


def test_one_file_serves_several_indicators_at_once(desk: Desk) -> None:
    page = desk.get("/evidence/AT1.2")
    assert 'data-filter="#also-new"' in page and 'id="also-new"' in page
    assert 'name="also" value="LM1.2"' in page and 'name="also" value="AT1.2"' not in page
    answer = send(desk, "AT1.2", "AT1.1", "LM1.2", "LM1.2", script=True)
    assert answer.status_code == 201
    assert answer.get_json()["codes"] == ["MC-AT1.2-01", "MC-AT1.1-01", "MC-LM1.2-01"]
    assert codes(desk) == {c: [f"MC-{c}-01"] for c in ("AT1.2", "AT1.1", "LM1.2")}
    assert len(session.scalars(select(EvidenceFile)).all()) == 1


def test_files_of_the_store_serve_several_indicators_at_once(desk: Desk) -> None:
    uid = stored_file(desk)
    answer = desk.client.post(
        desk.url("/evidence/AT1.2/choose"), data={"file": uid, "also": ["AT1.1", "LM1.2"]}
    )
    assert answer.status_code == 302
    assert sorted(codes(desk)) == ["AT1.1", "AT1.2", "LM1.2"]


def test_a_file_is_used_for_several_indicators_from_its_own_page(desk: Desk) -> None:
    uid = stored_file(desk)
    address, shown = desk.url(f"/files/{uid}"), desk.client.get(f"/evidence/{uid}").get_data(as_text=True)
    assert f'href="/assessments/files/{uid}"' in shown
    assert desk.client.get(f"/assessments/files/{uid}").location == address
    page = desk.client.get(address).get_data(as_text=True)
    assert all(f'name="also" value="{code}"' in page for code in ("AT1.1", "AT1.2", "LM1.2"))
    answer = desk.client.post(address, data={"also": ["AT1.2", "LM1.2"]})
    assert answer.location == f"/evidence/{uid}"
    assert codes(desk) == {"AT1.2": ["MC-AT1.2-01"], "LM1.2": ["MC-LM1.2-01"]}
    page = desk.client.get(address).get_data(as_text=True)
    assert "đang dùng cho AT1.2, LM1.2" in page and 'name="also" value="AT1.2"' not in page


@pytest.mark.parametrize("wrong", [{}, {"also": "ZZ9.9"}, {"also": ["AT1.2", "<b>"]}])
def test_a_files_own_page_takes_only_indicators_of_the_form(desk: Desk, wrong: dict[str, Any]) -> None:
    answer = desk.client.post(desk.url(f"/files/{stored_file(desk)}"), data=wrong)
    assert answer.status_code == 422 and 'class="note' in answer.get_data(as_text=True)
    assert codes(desk) == {}


def test_a_files_own_page_asks_for_papers_where_an_indicator_takes_nothing_else(desk: Desk) -> None:
    uid = stored_file(desk)
    refused = desk.client.post(desk.url(f"/files/{uid}"), data={"also": ["AT1.2", "LM1.1"]})
    words = refused.get_data(as_text=True)
    assert refused.status_code == 422 and "Tiêu chí LM1.1 chỉ nhận" in words
    assert 'value="AT1.2" checked' in words and codes(desk) == {}
    sure = {"also": ["AT1.2", "LM1.1"], "papers_only": "y"}
    assert desk.client.post(desk.url(f"/files/{uid}"), data=sure).status_code == 302
    assert sorted(codes(desk)) == ["AT1.2", "LM1.1"]


def test_a_file_is_led_back_while_the_school_fills_in_no_form(desk: Desk) -> None:
    with unit_of_work():
        session.get_one(Assessment, desk.stage.assessment.id).state = State.SUBMITTED
    uid = stored_file(desk)
    assert desk.client.get(f"/assessments/files/{uid}").location == f"/evidence/{uid}"
    assert desk.client.post(desk.url(f"/files/{uid}"), data={"also": "AT1.2"}).status_code == 409


def test_a_link_is_pasted_at_the_indicator_and_marked_there(desk: Desk) -> None:
    typed = {"title": "Video diễn tập", "url": "https://truong.example/dien-tap"}
    answer = desk.client.post(desk.url("/evidence/AT1.2/link"), data=typed)
    assert answer.location == desk.url("/fill/AT1") + "?added=MC-AT1.2-01#files-AT1.2"
    page = desk.client.get(answer.location).get_data(as_text=True)
    assert page.count("Vừa thêm") == 1 and "Video diễn tập" in page
    wrong = desk.client.post(desk.url("/evidence/AT1.2/link"), data=typed | {"url": "javascript:alert(1)"})
    words = wrong.get_data(as_text=True)
    assert wrong.status_code == 422 and "Đường dẫn phải bắt đầu bằng" in words and "Video diễn tập" in words
    assert codes(desk) == {"AT1.2": ["MC-AT1.2-01"]}


def test_a_link_that_is_refused_is_nowhere(desk: Desk) -> None:
    typed = {"title": "Phim ngắn", "url": "https://truong.example/dien-tap"}
    answer = desk.client.post(desk.url("/evidence/LM1.1/link"), data=typed)  # takes papers only
    words = answer.get_data(as_text=True)
    assert answer.status_code == 422 and 'href="#link-papers_only"' in words and codes(desk) == {}
    assert words.count("Phim ngắn") == 1  # in its box alone
    assert session.scalars(select(EvidenceFile)).all() == []
    answer = desk.client.post(desk.url("/evidence/LM1.1/link"), data=typed | {"papers_only": "y"})
    assert answer.status_code == 302
    assert [file.school_year for file in session.scalars(select(EvidenceFile))] == ["2026-2027"]


def test_files_chosen_on_a_tab_or_found_by_a_search_stay_chosen_when_a_tick_is_missing(desk: Desk) -> None:
    uid = stored_file(desk)
    page = desk.get("/evidence/LM1.1?q=quy+trinh")
    action = re.findall(r'action="([^"]*/choose[^"]*)"', page)[0].replace("&amp;", "&")
    refused = desk.client.post(action, data={"file": uid}).get_data(as_text=True)
    assert f'value="{uid}" checked' in refused and 'value="quy trinh"' in refused
    assert f'action="{desk.url("/evidence/LM1.1")}"' in refused  # a search from here is no POST's address


def test_a_photograph_has_a_name_before_anybody_types_one(desk: Desk) -> None:
    assert 'value="Minh chứng AT1.2, 12/05/2027"' in desk.get("/evidence/AT1.2")


def test_the_store_is_searched_where_a_file_is_chosen(desk: Desk) -> None:
    stored_file(desk)
    assert "Quy trình đón trả trẻ" in desk.get("/evidence/AT1.2?q=quy+trinh")
    page = desk.get("/evidence/AT1.2?q=binh+chua+chay")
    assert "Quy trình đón trả trẻ" not in page and "Không có tệp nào khớp." in page


@pytest.mark.parametrize("code", ["ZZ9.9", "", "<script>", "AT1.2 "])
def test_an_indicator_that_is_not_offered_is_refused_and_nothing_is_kept(desk: Desk, code: str) -> None:
    uid = stored_file(desk)
    assert send(desk, "AT1.2", code).status_code == 422
    chosen = desk.client.post(desk.url("/evidence/AT1.2/choose"), data={"file": uid, "also": code})
    assert chosen.status_code == 422
    assert codes(desk) == {}


def test_after_a_return_only_what_was_given_back_is_offered(desk: Desk, now: datetime) -> None:
    with unit_of_work() as write:
        write.get_one(Assessment, desk.stage.assessment.id).state = State.RETURNED
        row = Return(
            assessment_id=desk.stage.assessment.id,
            deadline=now.replace(day=19),
            message="",
            returned_at=now,
            returned_by_id=desk.stage.officer.user_id,
        )
        write.add(row)
        write.flush()
        for code in ("AT1.2", "LM1.2"):
            write.add(ReturnedIndicator(return_id=row.id, indicator=code, reason="Thiếu"))
    page = desk.get("/evidence/AT1.2")
    assert 'name="also" value="LM1.2"' in page and 'value="AT1.1"' not in page
    assert send(desk, "AT1.2", "AT1.1").status_code == 422
    assert send(desk, "AT1.2", "LM1.2").status_code == 302


def test_an_indicator_about_persons_takes_papers_only_and_says_so(desk: Desk) -> None:
    page = desk.get("/evidence/LM1.1")
    assert page.count(PAPERS) >= 1 and "Tôi đã che mặt" not in page
    refused = send(desk, "LM1.1", no_personal="")
    assert refused.status_code == 422 and "không có dữ liệu của cá nhân" in refused.get_data(as_text=True)
    assert codes(desk) == {}
    assert send(desk, "LM1.1", "AT1.2").status_code == 302
    assert sorted(codes(desk)) == ["AT1.2", "LM1.1"]
    told = session.scalars(select(AuditEvent).where(AuditEvent.action == "evidence.attach")).all()
    assert {event.new["indicator"]: event.new.get("papers_only") for event in told} == {
        "LM1.1": True,
        "AT1.2": None,
    }


def test_a_file_of_the_store_needs_the_same_word(desk: Desk) -> None:
    uid, address = stored_file(desk), desk.url("/evidence/LM1.1/choose")
    refused = desk.client.post(address, data={"file": uid})
    text = refused.get_data(as_text=True)
    assert refused.status_code == 422 and "đánh dấu xác nhận" in text
    assert f'value="{uid}" checked' in text and codes(desk) == {}
    assert desk.client.post(address, data={"file": uid, "papers_only": "y"}).status_code == 302
    assert codes(desk) == {"LM1.1": ["MC-LM1.1-01"]}


def test_a_photograph_cannot_slip_in_from_another_indicator(desk: Desk) -> None:
    assert 'value="LM1.1"' not in desk.get("/evidence/AT1.2")
    assert send(desk, "AT1.2", "LM1.1").status_code == 422 and codes(desk) == {}


def test_the_service_asks_for_the_word_as_well(stage: Stage, now: datetime) -> None:
    file = make_file(stage.head)
    with pytest.raises(attaching.PapersOnly) as refusal:
        attaching.attach_evidence(stage.form(), "LM1.1", file, actor=stage.head, now=now)
    assert "LM1.1" in str(refusal.value)


def test_limits_and_room_are_said_before_a_file_is_chosen(desk: Desk) -> None:
    for page in (desk.get("/evidence/AT1.2"), desk.client.get("/evidence/new").get_data(as_text=True)):
        assert "JPG, PNG, WebP, HEIC, PDF, DOCX hoặc XLSX, tối đa 20 MB" in page
        assert "Đã dùng 0 MB trong 500 MB" in page
        assert 'capture="environment"' in page and "Không để lộ mặt, tên học sinh" in page
        assert page.index("Đã dùng") < page.index('type="file"')
