"""Improvement plans: what is suggested, what is kept, two people at once."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from survey_app.assessments.queries import Form, form_of
from survey_app.core.audit import AuditEvent
from survey_app.plans import queries, service
from survey_app.plans.items import ItemValues
from survey_app.rules.errors import NotAllowed, NotFound
from survey_app.rules.framework import Level, Words
from survey_app.rules.permissions import Role
from tests.factories.accounts import make_actor
from tests.factories.assessments import make_assessment
from tests.factories.frameworks import MANDATORY, plain_framework, plain_indicator
from tests.factories.organisations import make_school
from tests.factories.results import CHECKED, make_checked, publish_all
from tests.factories.rounds import make_framework_version, make_open_round

OWN = {"AT1.1": 1, "AT1.2": 0, "LM1.1": 2, "LM1.2": 0}
WORK = ItemValues("AT1.1", "Sửa hàng rào", "Trần Văn Mẫu", date(2027, 9, 30), 12_500, 1)


class Scene:
    """A school with a form whose four indicators are at different values, and its head."""

    def __init__(self) -> None:
        self.school = make_school()
        self.round, self.part = make_open_round(self.school)
        self.head = make_actor(Role.UNIT_HEAD, self.school)
        self.form: Form = form_of(make_assessment(self.part, OWN).id)

    def add(self, values: ItemValues = WORK) -> Any:
        return service.add_item(self.form, values, actor=self.head, now=CHECKED)


@pytest.fixture
def scene(session: Any) -> Scene:
    return Scene()


def test_what_is_not_met_is_suggested_mandatory_first_then_lowest(scene: Scene) -> None:
    found = service.suggest(scene.form)
    assert [(row.indicator.code, row.mandatory, row.value) for row in found] == [
        ("AT1.1", True, 1),
        ("AT1.2", False, 0),
        ("LM1.2", False, 0),
    ]


def test_what_is_unanswered_is_not_suggested(session: Any) -> None:
    _round, part = make_open_round(make_school())
    assert service.suggest(form_of(make_assessment(part, {}).id)) == []


def test_the_action_is_every_step_up_to_the_level_that_is_met() -> None:
    steps = ("Để đạt mức 1 cần: dựng rào: tạm.", "Để đạt mức 2 cần: sửa rào.", "Để đạt mức 3 cần: ghi sổ.")
    levels = tuple(Level(n, Words(f"Mức {n}"), Words(step)) for n, step in enumerate(steps))
    indicator = replace(plain_indicator("AT1.1"), levels=levels)
    assert service.steps_to_met(indicator, 0) == "Dựng rào: tạm.\nSửa rào."
    assert service.steps_to_met(indicator, 1) == "Sửa rào."
    assert service.steps_to_met(indicator, 2) == ""
    plain = replace(indicator, levels=(Level(1, Words(""), Words("sửa rào.")),))
    assert service.steps_to_met(plain, 0) == "Sửa rào."


def test_after_publication_the_confirmed_values_are_what_counts(session: Any) -> None:
    round_, part = make_open_round(make_school())
    form = make_checked(part, dict.fromkeys(OWN, 2) | {"LM1.2": 1}, {"LM1.1": 1})
    assert service.suggest(form_of(form.id)) == []
    publish_all(round_)
    assert [row.indicator.code for row in service.suggest(form_of(form.id))] == ["LM1.1"]


def test_an_indicator_that_does_not_apply_is_not_suggested(session: Any) -> None:
    kitchen = plain_indicator("LM1.1", applies_when=("bep_an",), mandatory_for=MANDATORY)
    areas = [("AT", 60, [plain_indicator("AT1.1")]), ("LM", 40, [kitchen])]
    version = make_framework_version(plain_framework(areas))
    _round, part = make_open_round(make_school(), versions=[version])
    form = make_assessment(part, {"AT1.1": 0, "LM1.1": 0}, profile={"bep_an": False})
    assert [row.indicator.code for row in service.suggest(form_of(form.id))] == ["AT1.1"]


def test_a_suggestion_is_taken_over_once(scene: Scene) -> None:
    item = service.add_suggestion(scene.form, "AT1.1", actor=scene.head, now=CHECKED)
    assert item is not None and (item.priority, item.status, item.version) == (1, "todo", 1)
    assert service.add_suggestion(scene.form, "AT1.1", actor=scene.head, now=CHECKED) is None
    assert [row.indicator.code for row in service.suggest(scene.form)] == ["AT1.2", "LM1.2"]
    with pytest.raises(service.BadItem):
        service.add_suggestion(scene.form, "LM1.1", actor=scene.head, now=CHECKED)


@pytest.mark.parametrize(
    "bad",
    [
        {"indicator": "XX1"},
        {"action": "   "},
        {"action": "x" * 2001},
        {"priority": 4},
        {"status": "later"},
        {"cost": -1},
        {"cost": 1_000_000_001},
    ],
)
def test_an_item_that_does_not_fit_is_refused(scene: Scene, bad: dict[str, Any]) -> None:
    with pytest.raises(service.BadItem):
        scene.add(replace(WORK, **bad))
    assert queries.list_items(scene.form.assessment.id) == []


def test_a_stale_save_changes_nothing(scene: Scene) -> None:
    item = scene.add()
    later = replace(WORK, action="Xây rào mới")
    service.change_item(scene.form, item, later, version=1, actor=scene.head, now=CHECKED)
    with pytest.raises(service.StaleItem):
        service.change_item(scene.form, item, WORK, version=1, actor=scene.head, now=CHECKED)
    assert (item.action, item.version) == ("Xây rào mới", 2)
    with pytest.raises(service.StaleItem):
        service.delete_item(scene.form, item, version=1, actor=scene.head, now=CHECKED)
    assert item.deleted_at is None


def test_what_was_changed_is_in_the_audit(scene: Scene, session: Any) -> None:
    item = scene.add()
    service.set_status(scene.form, item, "done", version=1, actor=scene.head, now=CHECKED)
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "plan.change")).one()
    assert (event.old, event.new) == ({"status": "todo"}, {"status": "done"})


def test_a_deleted_item_is_gone_for_everybody_but_stays_a_row(scene: Scene, session: Any) -> None:
    item = scene.add()
    service.delete_item(scene.form, item, version=1, actor=scene.head, now=CHECKED)
    assert queries.list_items(scene.form.assessment.id) == [] and item.deleted_at == CHECKED
    with pytest.raises(NotFound):
        queries.get_visible_item(scene.head, item.uid)
    with pytest.raises(service.StaleItem):
        service.change_item(scene.form, item, WORK, version=2, actor=scene.head, now=CHECKED)


def test_only_the_school_itself_writes_its_plan(scene: Scene) -> None:
    officer = make_actor(Role.COMMUNE_OFFICER, scene.school.parent)
    other = make_actor(Role.UNIT_HEAD, make_school())
    for actor in (officer, other):
        with pytest.raises(NotAllowed):
            service.add_item(scene.form, WORK, actor=actor, now=CHECKED)
    item = scene.add()
    assert queries.get_visible_item(officer, item.uid) is item
    with pytest.raises(NotFound):
        queries.get_visible_item(other, item.uid)


def test_items_are_in_the_order_of_what_to_do_next(scene: Scene) -> None:
    for values in (
        replace(WORK, priority=2, due_on=None),
        replace(WORK, priority=1, status="done"),
        replace(WORK, priority=2, due_on=date(2027, 6, 1)),
        replace(WORK, priority=1),
    ):
        scene.add(values)
    items = queries.list_items(scene.form.assessment.id)
    assert [(item.priority, item.status, item.due_on) for item in items] == [
        (1, "todo", date(2027, 9, 30)),
        (2, "todo", date(2027, 6, 1)),
        (2, "todo", None),
        (1, "done", date(2027, 9, 30)),
    ]
