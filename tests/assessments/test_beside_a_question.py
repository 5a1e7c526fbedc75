"""What stands beside the questions: the legal basis, whom to call, and who entered what."""

from survey_app.accounts.models import User
from survey_app.core.db import session, unit_of_work
from survey_app.organisations.models import OrganisationUnit
from tests.assessments.desk import Desk, clock, desk, question, read

__all__ = ["clock", "desk"]


def name_the_officer(desk: Desk, phone: str) -> tuple[str, str]:
    """Give the officer who checks the school a telephone; (the authority, the officer) by name."""
    with unit_of_work():
        session.get_one(User, desk.stage.officer.user_id).phone = phone
    return desk.stage.officer.unit_name, desk.stage.officer.name


def name_a_person_of_the_office(desk: Desk, name: str, phone: str) -> None:
    """The authority itself says whom to call."""
    with unit_of_work():
        office = session.get_one(OrganisationUnit, desk.stage.officer.unit_id)
        office.contact_name, office.contact_phone = name, phone


def test_a_legal_basis_that_was_not_looked_up_carries_its_mark(desk: Desk) -> None:
    page = desk.get("/fill/AT1")
    said = read(question(page, "AT1.2"))
    assert (
        "Căn cứ. Thông tư 18/2023/TT-BGDĐT, Phụ lục, phần A; "
        "Luật Phòng cháy 2024, Điều 20 (chưa đối chiếu điều khoản)" in said
    )
    assert "Căn cứ." not in read(question(page, "AT1.1")), "an indicator without a basis names none"


def test_the_officer_who_checks_is_named_where_one_fills_in(desk: Desk) -> None:
    office, officer = name_the_officer(desk, "0909 111 222")
    for path in ("", "/fill/AT1"):
        page = desk.get(path)
        assert f"Cơ quan quản lý trực tiếp: {office} · liên hệ {officer}, 0909 111 222" in read(page), path
        assert 'href="tel:0909 111 222"' in page, path


def test_whom_the_authority_names_goes_before_its_officer(desk: Desk) -> None:
    office, officer = name_the_officer(desk, "0909 111 222")
    name_a_person_of_the_office(desk, "Lê Văn Trực", "0292 3000 111")
    for path in ("", "/fill/AT1"):
        said = read(desk.get(path))
        assert f"{office} · liên hệ Lê Văn Trực, điện thoại cơ quan 0292 3000 111" in said, path
        assert officer not in said and "0909 111 222" not in said, path


def test_every_question_leads_to_who_entered_what(desk: Desk) -> None:
    desk.save(comment="Đủ bình", key="a")
    page = desk.get("/fill/AT1")
    for code in ("AT1.1", "AT1.2"):
        link = f'href="{desk.url(f"/history/{code}")}">Lịch sử nhập</a>'
        assert link in question(page, code)
    history = read(desk.get("/history/AT1.2"))
    assert desk.stage.head.name in history and "Đủ bình" in history and "– → 2" in history
