"""A published form with a certificate says "Đã công nhận (QĐ số …)", wherever its school reads its state."""

import html
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from survey_app.assessments.following import recognition_of
from survey_app.assessments.models import Assessment
from survey_app.assessments.ports import Recognition
from survey_app.assessments.queries import form_of
from survey_app.certificates import service
from survey_app.certificates.content import read_content
from survey_app.certificates.models import Certificate
from survey_app.certificates.service import Revocation
from survey_app.core import clock
from survey_app.core.db import session as db_session
from survey_app.core.db import unit_of_work
from survey_app.documents.qr import qr_picture
from survey_app.rules.permissions import Role
from tests.conftest import Seat
from tests.factories.assessments import make_assessment
from tests.factories.certificates import DECIDED, Town, issue_now, make_batch, make_town, thaw
from tests.factories.rounds import OPENS, make_open_round

WORDS = "Đã công nhận (QĐ số 345/QĐ-SGDĐT)"
STEP = "Đã công nhận (QĐ số 345/QĐ-SGDĐT, ngày 10/05/2027)"


@pytest.fixture(autouse=True)
def in_june() -> Iterator[None]:
    """After the Decision."""
    with time_machine.travel("2027-06-20T03:00:00+00:00", tick=False):
        yield


class School:
    """The first school of a town, at its own pages."""

    def __init__(self, client: FlaskClient, town: Town, uid: str) -> None:
        self.client, self.town, self.uid = client, town, uid

    def pages(self) -> dict[str, str]:
        found = {}
        for path in (
            "/",
            "/assessments",
            "/results/own",
            f"/results/forms/{self.uid}",
            f"/assessments/{self.uid}",
        ):
            answer = self.client.get(path)
            assert answer.status_code == 200, path
            found[path] = html.unescape(answer.get_data(as_text=True))
        return found


def seated(app: Flask, client: FlaskClient, seat: Seat, **values: bool) -> School:
    with app.app_context(), unit_of_work():
        town = make_town(1, **values)
        form = db_session.scalars(select(Assessment)).one()
        _, part = make_open_round(town.parts[0].unit, opens_at=OPENS - timedelta(days=365))
        make_assessment(part)  # a second form, so that there is a list of them
        seat.take(Role.UNIT_HEAD, town.parts[0].unit)
        return School(client, town, form.uid)


@pytest.fixture
def school(app: Flask, client: FlaskClient, seat: Seat) -> School:
    return seated(app, client, seat)


def issue(app: Flask, school: School, **values: bool) -> None:
    with app.app_context(), unit_of_work():
        issue_now(school.town, make_batch(school.town, **values))


def test_a_form_is_recognised_once_its_certificate_is_issued(app: Flask, school: School) -> None:
    for path, text_ in school.pages().items():
        assert "Đã công nhận" not in text_, path
    issue(app, school)
    pages = school.pages()
    for path, text_ in pages.items():
        assert WORDS in text_ and "Bản thử nghiệm" not in text_, path
        assert '<span class="tag ok">Đã công bố</span>' not in text_, path
    form = pages[f"/assessments/{school.uid}"]
    steps = form.partition('class="steps"')[2].partition("</ol>")[0]
    assert steps.count("<li") == 6 and STEP in steps
    with app.app_context():
        one = db_session.scalars(select(Certificate)).one()
        assert f'href="/certificates/{one.uid}"' in pages[f"/results/forms/{school.uid}"]
        assert recognition_of(form_of(one.assessment_id)) == Recognition(
            "345/QĐ-SGDĐT", DECIDED, trial=False, url=f"/certificates/{one.uid}"
        )


def test_a_revoked_certificate_recognises_nothing(app: Flask, school: School) -> None:
    issue(app, school)
    with app.app_context(), unit_of_work():
        one = db_session.scalars(select(Certificate)).one()
        act = Revocation("Cấp nhầm", "400/QĐ-SGDĐT", date(2027, 6, 1))
        service.revoke(one, act, actor=school.town.admin, now=clock.now())
    for path, text_ in school.pages().items():
        assert "Đã công nhận" not in text_, path


def test_what_somebody_changed_recognises_nothing(app: Flask, school: School) -> None:
    issue(app, school)
    with app.app_context(), unit_of_work():
        thaw()
        db_session.execute(text("UPDATE certificate SET content = replace(content, '345/', '999/')"))
    for path, text_ in school.pages().items():
        assert "Đã công nhận" not in text_, path


def test_an_expired_certificate_still_recognises_its_year(app: Flask, school: School) -> None:
    issue(app, school)
    with time_machine.travel("2031-01-05T03:00:00+00:00", tick=False):
        for path, text_ in school.pages().items():
            assert WORDS in text_, path


def test_a_trial_says_that_it_is_one(app: Flask, client: FlaskClient, seat: Seat) -> None:
    school = seated(app, client, seat, draft=True)
    issue(app, school, allow_draft=True)
    for path, text_ in school.pages().items():
        assert f'{WORDS}</span> <span class="tag warn">Bản thử nghiệm</span>' in text_, path


def test_a_school_passes_its_certificate_on_by_link_and_code(app: Flask, school: School) -> None:
    issue(app, school)
    with app.app_context():
        one = db_session.scalars(select(Certificate)).one()
        address, uid = str(read_content(one.content)["url"]), one.uid
        name, ward = school.town.parts[0].unit_name, "Phường Ô Môn"
    for path in ("/certificates/own", f"/certificates/{uid}"):
        page = html.unescape(school.client.get(path).get_data(as_text=True))
        box = page.partition("<summary>Chia sẻ</summary>")[2].partition("</details>")[0]
        assert f'data-copy="{address}"' in box and f'<a href="{address}">' in box, path
        assert f'src="{qr_picture(address)}"' in box and "không phải đăng nhập" in box, path
        assert f"{name} – {ward}" in page, path
    assert f"{name} – {ward}" in school.pages()["/results/own"]
