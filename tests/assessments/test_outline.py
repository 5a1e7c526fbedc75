"""Pages that may be kept for filling in without a network, and the token asked for before a send."""

from collections.abc import Callable
from typing import Any

from flask import Flask
from flask_babel import refresh

from survey_app.core.db import unit_of_work
from survey_app.rules.permissions import Role
from tests.assessments.conftest import Stage
from tests.assessments.desk import Desk, clock, desk
from tests.factories.accounts import make_actor
from tests.factories.assessments import make_assessment
from tests.factories.organisations import make_commune, make_school
from tests.factories.rounds import make_participation

__all__ = ["clock", "desk"]


def neighbour(stage: Stage) -> tuple[str, Any]:
    """Another school of the same round: the address of its form and its head."""
    with unit_of_work() as db:
        school = make_school(make_commune(), sites=3)
        form = make_assessment(make_participation(stage.form().round, school), {"AT1.2": 3})
        db.flush()
        return f"/assessments/{form.uid}", make_actor(Role.UNIT_HEAD, school)


def test_the_outline_is_the_same_for_every_school_and_person(desk: Desk) -> None:
    desk.save(comment="điều chỉ trường này biết")
    own = desk.get("/outline/AT1")
    desk.sit(desk.stage.member)
    assert desk.get("/outline/AT1") == own
    address, head = neighbour(desk.stage)
    desk.sit(head)
    assert desk.client.get(f"{address}/outline/AT1").get_data(as_text=True) == own


def test_the_outline_holds_the_sentences_and_nobodys_words(desk: Desk) -> None:
    desk.save(comment="điều chỉ trường này biết")
    with desk.client.session_transaction() as cookie:
        cookie["_flashes"] = [("message", "lời nhắn cho riêng một người")]
    page = desk.get("/outline/AT1")
    assert all(f"AT1.1 ở mức {value}" in page for value in range(4)) and "csrf_token" not in page
    for words in ("điều chỉ trường", "lời nhắn", desk.stage.head.name, desk.stage.head.unit_name):
        assert words and words not in page
    assert (
        page.count("data-blank") == 3
    )  # one for each indicator, and one more place of the one judged by site
    assert "lời nhắn cho riêng một người" in desk.get("/fill/AT1")


def test_the_page_names_its_outline_and_the_outline_answers_to_the_name(desk: Desk) -> None:
    page, answer = desk.get("/fill/AT1"), desk.client.get(desk.url("/outline/AT1"))
    tag, _ = answer.get_etag()
    assert f'data-outline="{desk.url("/outline/AT1")}"' in page and tag
    assert f'data-outline-tag="{tag}"' in page
    desk.client.get("/language/en")
    refresh()  # the test's own app context has remembered the language
    assert desk.client.get(desk.url("/outline/AT1")).get_etag()[0] != tag


def test_an_unknown_nội_dung_has_no_outline(desk: Desk) -> None:
    desk.get("/outline/XX9", status=404)


def test_the_token_of_the_session_saves(desk: Desk, app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    given = desk.client.get("/assessments/token").json
    assert given is not None and given["owner"] == str(desk.stage.head.user_id)
    assert desk.save(key="a").status_code == 400
    assert desk.save(key="b", csrf_token=given["token"]).status_code == 200


def test_the_token_is_kept_by_nobody_and_needs_a_session(desk: Desk) -> None:
    assert desk.client.get("/assessments/token").headers["Cache-Control"] == "no-store"
    desk.sit(None)
    answer = desk.client.get("/assessments/token", headers={"Accept": "application/json"})
    assert answer.status_code == 401 and answer.json is not None and answer.json["sign_in"]


def test_the_outline_and_the_token_take_few_statements(desk: Desk, count_queries: Callable[[], Any]) -> None:
    for path, most in ((desk.url("/outline/AT1"), 3), ("/assessments/token", 0)):
        desk.client.get(path)
        with count_queries() as seen:
            desk.client.get(path)
        assert len(seen) <= most, (path, seen.statements)
