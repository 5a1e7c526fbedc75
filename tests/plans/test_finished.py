"""The files of finished actions: chosen for an item, offered in the next round for the same indicator."""

import html
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey_app.assessments.attaching import EvidenceElsewhere
from survey_app.assessments.ports import actions
from survey_app.assessments.queries import Form, evidence_of, form_of
from survey_app.core import clock
from survey_app.core.db import unit_of_work
from survey_app.plans import queries, service
from survey_app.plans.items import ItemValues
from survey_app.plans.models import DONE
from survey_app.rules.errors import NotAllowed
from survey_app.rules.permissions import Role
from tests.conftest import Seat
from tests.factories.accounts import make_actor
from tests.factories.assessments import make_assessment
from tests.factories.evidence import make_file
from tests.factories.organisations import make_school
from tests.factories.results import CHECKED
from tests.factories.rounds import make_framework_version, make_participation, make_round


class Scene:
    """A school in two rounds of the same set; in the first it has done something and has a file of it."""

    def __init__(self) -> None:
        self.school = make_school()
        commune = self.school.parent
        assert commune is not None and commune.parent is not None
        self.version = make_framework_version()
        self.head = make_actor(Role.UNIT_HEAD, self.school)
        self.forms: list[Form] = []
        today = clock.now()
        for days in (300, 30):
            dates = {
                "opens_at": today - timedelta(days=days),
                "closes_at": today + timedelta(days=300 - days),
            }
            round_ = make_round(commune.parent, [self.version], **dates)
            part = make_participation(round_, self.school)
            self.forms.append(form_of(make_assessment(part, {"AT1.1": 1}).id))
        self.before, self.after = self.forms
        self.file = make_file(self.head, "Hàng rào mới")
        self.item = service.add_item(
            self.before, ItemValues("AT1.1", "Sửa hàng rào"), actor=self.head, now=CHECKED
        )
        service.set_evidence(self.before, self.item, [self.file], actor=self.head, now=CHECKED)

    def finish(self) -> None:
        service.set_status(
            self.before, self.item, DONE, version=self.item.version, actor=self.head, now=CHECKED
        )

    def offered(self, form: Form | None = None) -> dict[str, list[str]]:
        asked = (form or self.after).assessment.id
        found = actions.get().evidence_for(asked, ["AT1.1", "AT1.2"])
        return {code: [one.file.title for one in files] for code, files in found.items()}


@pytest.fixture
def scene(session: Any) -> Scene:
    return Scene()


def test_a_finished_actions_file_is_offered_for_its_indicator_alone(scene: Scene) -> None:
    assert scene.offered() == {}
    scene.finish()
    assert scene.offered() == {"AT1.1": ["Hàng rào mới"]}
    assert scene.offered(scene.before) == {}  # not in the round it was planned in


def test_what_was_deleted_hidden_or_belongs_to_others_is_not_offered(scene: Scene, session: Any) -> None:
    scene.finish()
    scene.file.hidden_at = CHECKED
    session.flush()
    assert scene.offered() == {}
    scene.file.hidden_at, scene.file.deleted_at = None, CHECKED
    session.flush()
    assert scene.offered() == {}
    scene.file.deleted_at = None
    service.delete_item(scene.before, scene.item, version=scene.item.version, actor=scene.head, now=CHECKED)
    assert scene.offered() == {}
    assert Scene().offered() == {}


def test_files_are_chosen_and_taken_off_by_the_school_alone(scene: Scene) -> None:
    other = make_file(scene.head, "Ảnh khác")
    service.set_evidence(scene.before, scene.item, [other], actor=scene.head, now=CHECKED)
    assert [file.title for file in queries.files_of_items([scene.item.id])[scene.item.id]] == ["Ảnh khác"]
    service.set_evidence(scene.before, scene.item, [], actor=scene.head, now=CHECKED)
    assert queries.files_of_items([scene.item.id]) == {}
    stranger = make_actor(Role.UNIT_HEAD, make_school())
    with pytest.raises(EvidenceElsewhere):
        service.set_evidence(scene.before, scene.item, [make_file(stranger)], actor=scene.head, now=CHECKED)
    with pytest.raises(NotAllowed):
        service.set_evidence(scene.before, scene.item, [], actor=stranger, now=CHECKED)


def test_the_next_form_offers_the_file_and_takes_it_with_one_press(
    app: Flask, client: FlaskClient, seat: Seat, count_queries: Any
) -> None:
    with app.app_context(), unit_of_work():
        scene = Scene()
        scene.finish()
        seat.take(Role.UNIT_HEAD, scene.school)
        uid, file_uid, form_id = scene.after.assessment.uid, scene.file.uid, scene.after.assessment.id
        item_uid, item_id = scene.item.uid, scene.item.id
    page = f"/assessments/{uid}/fill/AT1"
    with count_queries() as seen:
        text = html.unescape(client.get(page).get_data(as_text=True))
    assert "Từ kế hoạch cải thiện đã làm xong" in text and "Hàng rào mới" in text and len(seen) <= 12
    answer = client.post(f"/assessments/{uid}/evidence/AT1.1/choose", data={"file": file_uid})
    assert answer.status_code == 302
    with app.app_context():
        assert [one.file.uid for one in evidence_of(form_id)["AT1.1"]] == [file_uid]
    assert "Từ kế hoạch cải thiện đã làm xong" not in client.get(page).get_data(as_text=True)
    edit = f"/plans/items/{item_uid}"
    assert "Hàng rào mới" in client.get(edit).get_data(as_text=True)
    assert client.post(edit + "/evidence", data={"file": "0" * 32}).status_code == 404
    assert client.post(edit + "/evidence", data={}).status_code == 302
    with app.app_context():
        assert queries.files_of_items([item_id]) == {}
