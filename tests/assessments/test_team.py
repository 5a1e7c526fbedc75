"""Tổ tự đánh giá: who has which part, each sees their own first, who did what, the team's papers."""

import io
import re
from collections.abc import Callable
from typing import Any

import docx
import pytest

from survey_app.assessments import queries, team
from survey_app.assessments.models import TeamMember
from survey_app.assessments.team_papers import team_paper
from survey_app.core.db import unit_of_work
from survey_app.rules.workflow import State, WrongState
from tests.assessments.conftest import Stage, set_stage
from tests.assessments.desk import Desk, clock, desk, read

__all__ = ["clock", "desk"]


def _person(name: str = "Trần Văn Mẫu", duty: str = "member", **more: Any) -> team.Person:
    return team.Person(
        **({"name": name, "position": "", "duty": duty, "user_id": None, "criteria": ()} | more)
    )


def _save(stage: Stage, person: team.Person, now: Any, *, base: int, row: Any = None) -> TeamMember:
    accounts = [stage.head.user_id, stage.member.user_id]
    return team.save_member(
        stage.form(), row, person, accounts=accounts, base_version=base, actor=stage.head, now=now
    )


def test_people_stand_chair_first_then_secretary(stage: Stage, now: Any) -> None:
    for base, (name, duty) in enumerate((("A", "member"), ("B", "secretary"), ("C", "chair"))):
        _save(stage, _person(name, duty), now, base=base)
    assert [member.name for member in queries.members_of(stage.assessment.id)] == ["C", "B", "A"]


def test_a_team_has_one_chair(stage: Stage, now: Any) -> None:
    chair = _save(stage, _person("A", "chair"), now, base=0)
    with pytest.raises(team.DutyTaken):
        _save(stage, _person("B", "chair"), now, base=1)
    _save(stage, _person("A", "chair", position="Phó Hiệu trưởng"), now, base=2, row=chair)


@pytest.mark.parametrize("more", [{"criteria": ("XX9",)}, {"duty": "boss"}, {"user_id": 999_999}])
def test_what_does_not_exist_is_not_given(stage: Stage, now: Any, more: dict[str, Any]) -> None:
    with pytest.raises(team.UnknownPart):
        _save(stage, _person(**more), now, base=0)


def test_of_two_who_change_the_team_the_second_is_told(stage: Stage, now: Any) -> None:
    _save(stage, _person(), now, base=0)
    with pytest.raises(team.StaleTeam):
        _save(stage, _person("B"), now, base=0)
    assert len(queries.members_of(stage.assessment.id)) == 1


def test_a_deputy_who_signed_the_form_signs_the_report(stage: Stage, now: Any) -> None:
    row = stage.assessment
    row.signatory, row.signed_by_deputy = "Lê Văn Mẫu", True
    text = _words(team_paper("report", stage.form(), queries.team_of(row.id), _card(stage), now=now))
    assert "KT. HIỆU TRƯỞNG" in text and "PHÓ HIỆU TRƯỞNG" in text and "Lê Văn Mẫu" in text


@pytest.mark.parametrize("kind", ["minutes", "report"])
def test_papers_with_numbers_say_what_they_are_made_from(stage: Stage, now: Any, kind: str) -> None:
    stage.form().round.purpose = "practice"
    paper = team_paper(kind, stage.form(), queries.team_of(stage.assessment.id), _card(stage), now=now)
    assert "THỬ NGHIỆM" in _header(paper)


def _card(stage: Stage) -> Any:
    return queries.own_scorecard(stage.form())


def _words(paper: bytes) -> str:
    document = docx.Document(io.BytesIO(paper))
    cells = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    return " ".join(" ".join([*(part.text for part in document.paragraphs), *cells]).split())


def _header(paper: bytes) -> str:
    section = docx.Document(io.BytesIO(paper)).sections[0]
    return " ".join(part.text for part in (*section.first_page_header.paragraphs, *section.header.paragraphs))


def test_who_did_what_names_more_than_answers(desk: Desk) -> None:
    desk.sit(desk.stage.member)
    link = {"title": "Video", "url": "https://truong.example/bai"}
    desk.client.post(desk.url("/evidence/AT1.2/link"), data=link)
    desk.sit(desk.stage.head)
    desk.client.post(desk.url("/veto"), data={"answer": "xac_nhan"})
    desk.client.post(desk.url("/profile"), data={"base_version": "1", "pupils": "300"})
    text = " ".join(re.sub("<[^>]+>", " ", desk.get("/deeds?tab=acts")).split())
    head, member = desk.stage.head.name, desk.stage.member.name
    said = [f"{head} Lưu thông tin nhà trường", f"{head} Trường xác nhận đã đọc ghi nhận"]
    said.append(f"{member} Dùng minh chứng cho tiêu chí: AT1.2")
    assert sorted(said, key=text.index) == said  # the newest first
    assert "Dùng minh chứng" not in desk.get("/deeds")


def test_a_team_is_fixed_once_the_form_is_handed_in(session: Any, now: Any) -> None:
    stage = set_stage(state=State.SUBMITTED)
    with pytest.raises(WrongState):
        _save(stage, _person(), now, base=0)


def _give(desk: Desk, criteria: tuple[str, ...]) -> None:
    with unit_of_work():
        person = _person("Y tế Mẫu", user_id=desk.stage.member.user_id, criteria=criteria)
        _save(desk.stage, person, desk.stage.form().assessment.state_since, base=0)


def test_each_sees_their_own_part_first_and_all_by_one_press(desk: Desk) -> None:
    _give(desk, ("LM1",))
    desk.sit(desk.stage.member)
    mine = desk.get()
    assert "/fill/LM1" in mine and "/fill/AT1" not in mine and "Xem tất cả nội dung" in mine
    everything = desk.get("?part=all")
    assert "/fill/AT1" in everything and "Y tế Mẫu" in everything
    assert desk.client.get(desk.url("/continue")).location.endswith("/fill/LM1#LM1.1")
    desk.sit(desk.stage.head)
    assert "/fill/AT1" in desk.get() and "Xem tất cả nội dung" not in desk.get()


def test_who_did_what_is_listed_and_narrowed_to_a_person(desk: Desk) -> None:
    desk.save(indicator="AT1.2", key="a")
    desk.sit(desk.stage.member)
    desk.save(indicator="LM1.2", value="1", key="b")
    both = desk.get("/deeds")
    assert both.index("LM1.2") < both.index("AT1.2")
    one = desk.get(f"/deeds?person={desk.stage.member.user_id}")
    assert "/history/LM1.2" in one and "/history/AT1.2" not in one
    assert "/history/AT1.2" in desk.get("/deeds?person=rubbish")


def test_a_member_is_added_changed_and_removed_over_the_pages(desk: Desk) -> None:
    form = {"name": "Trần Thị Mẫu", "position": "Y tế", "duty": "secretary", "base_version": "0"}
    added = desk.client.post(desk.url("/team/members/new"), data=form | {"criteria": ["AT1", "LM1"]})
    assert added.status_code == 302
    page = desk.get("/team")
    assert "Trần Thị Mẫu" in page and "AT1, LM1" in page and "Thư ký" in page
    uid = page.partition("/team/members/")[2].partition('"')[0]
    stale = desk.client.post(desk.url(f"/team/members/{uid}"), data=form)
    assert stale.status_code == 409 and "Có người vừa sửa" in stale.get_data(as_text=True)
    removed = desk.client.post(desk.url(f"/team/members/{uid}/remove"), data={"base_version": "1"})
    assert removed.status_code == 302 and "Chưa có ai trong tổ" in desk.get("/team")


def test_what_is_given_to_nobody_is_named(desk: Desk) -> None:
    _give(desk, ("LM1",))
    assert "Chưa giao cho ai: AT1" in read(desk.get("/team"))
    rest = {"name": "Trần Thị Mẫu", "duty": "member", "criteria": ["AT1"], "base_version": "1"}
    assert desk.client.post(desk.url("/team/members/new"), data=rest).status_code == 302
    assert "Chưa giao cho ai" not in desk.get("/team")


def test_bad_input_is_said_on_the_form(desk: Desk) -> None:
    answer = desk.client.post(
        desk.url("/team/members/new"), data={"name": " ", "duty": "x", "base_version": "0"}
    )
    assert answer.status_code == 422 and "Hãy ghi họ và tên." in answer.get_data(as_text=True)
    day = {"decision_number": "12/QĐ-TH", "decision_date": "31/02/2026", "base_version": "0"}
    answer = desk.client.post(desk.url("/team"), data=day)
    assert answer.status_code == 422 and "31/02/2026" in answer.get_data(as_text=True)


def _text(content: bytes) -> str:
    paper = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    return "\n".join([line.text for line in paper.paragraphs] + cells)


def test_the_papers_carry_the_schools_header_its_people_and_the_numbers_of_the_page(desk: Desk) -> None:
    _give(desk, ("LM1",))
    day = {"decision_number": "12/QĐ-TH", "decision_date": "5/9/26", "base_version": "1"}
    assert desk.client.post(desk.url("/team"), data=day).status_code == 302
    desk.save(indicator="AT1.2", value="1", key="a")
    papers = {}
    for kind in ("decision", "minutes", "report"):
        answer = desk.client.get(desk.url(f"/team/{kind}.docx"))
        assert answer.status_code == 200
        papers[kind] = _text(answer.get_data())
        assert desk.stage.school.name.upper() in papers[kind] and "Y tế Mẫu" in papers[kind]
    assert "12/QĐ-TH" in papers["decision"] and "ngày 05/09/2026" in papers["report"]
    tally = queries.own_scorecard(desk.stage.form()).tally
    assert f"Đạt {tally.met}/{tally.applicable} tiêu chí áp dụng" in papers["report"]
    assert "AT1.2" in papers["report"], "what is not met is listed"
    assert desk.client.get(desk.url("/team/rubbish.docx")).status_code == 404


def test_the_pages_of_the_team_take_few_statements(desk: Desk, count_queries: Callable[[], Any]) -> None:
    _give(desk, ("LM1",))
    desk.save(indicator="AT1.2", key="a")
    for path in ("", "/team", "/team/members/new", "/deeds"):
        desk.get(path)
        with count_queries() as seen:
            desk.get(path)
        assert len(seen) <= 12, (path, seen.statements)
