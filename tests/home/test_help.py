"""The guide of each role, on screen and on one sheet; whom a school may call stands on every page of it."""

from typing import Any

import pypdfium2
import pytest

from survey_app.core import db as core_db
from survey_app.home.guides import guide_for
from survey_app.rules.permissions import Role
from tests.conftest import Seat
from tests.factories.accounts import make_actor
from tests.factories.organisations import make_commune, make_school


@pytest.fixture
def places(app: Any) -> Any:
    with app.app_context(), core_db.unit_of_work() as session:
        commune = make_commune(contact_name="Nguyễn Thị Mẫu", contact_phone="02923000000")
        school = make_school(commune)
        session.flush()
        yield commune, school


def _seat_of(role: Role, places: Any) -> Any:
    commune, school = places
    kind = {"unit": school, "comm": commune}.get(str(role)[:4], commune.parent)
    return make_actor(role, kind)


@pytest.mark.parametrize("role", Role)
def test_each_role_reads_its_own_guide(client: Any, seat: Seat, places: Any, role: Role) -> None:
    seat.actor = _seat_of(role, places)
    core_db.session.commit()
    page = client.get("/help")
    assert page.status_code == 200
    guide = guide_for(role)
    assert all(step.heading in page.get_data(as_text=True) for step in guide.steps)


@pytest.mark.parametrize("role", [Role.UNIT_HEAD, Role.UNIT_MEMBER, Role.DEPARTMENT_ADMIN])
def test_the_guide_fits_on_one_sheet(client: Any, seat: Seat, places: Any, role: Role) -> None:
    seat.actor = _seat_of(role, places)
    core_db.session.commit()
    paper = pypdfium2.PdfDocument(client.get("/help/guide.pdf").get_data())
    assert len(paper) == 1
    assert guide_for(role).title.upper() in paper[0].get_textpage().get_text_bounded().upper()


def test_the_guide_of_a_school_names_everything_its_work_needs() -> None:
    words = " ".join(" ".join(step.sentences) for step in guide_for(Role.UNIT_HEAD).steps)
    needed = ("Thêm người", "In phiếu, ký", "cách ngắn nhất", "THỬ NGHIỆM", "Word, Excel", "Rút phiếu")
    assert [one for one in needed if one not in words] == []
    assert guide_for(Role.UNIT_MEMBER) is not guide_for(Role.UNIT_HEAD)


def test_a_school_sees_whom_to_call_on_every_page(client: Any, seat: Seat, places: Any) -> None:
    seat.actor = _seat_of(Role.UNIT_HEAD, places)
    core_db.session.commit()
    for path in ("/help", "/notices", "/evidence", "/account/own"):
        page = client.get(path).get_data(as_text=True)
        assert "Nguyễn Thị Mẫu" in page and 'href="tel:02923000000"' in page, path


def test_an_authority_is_not_told_to_call_itself(client: Any, seat: Seat, places: Any) -> None:
    seat.actor = _seat_of(Role.COMMUNE_OFFICER, places)
    core_db.session.commit()
    assert "tel:02923000000" not in client.get("/help").get_data(as_text=True)
