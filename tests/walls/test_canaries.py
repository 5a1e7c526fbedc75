"""What one school wrote is read by nobody who has nothing to do with it, by link or by address."""

from pathlib import Path

import pytest

from survey_app.core.db import session
from survey_app.exports import service as exports
from survey_app.exports.kinds import Kind
from survey_app.exports.models import ExportFile
from tests.walls.actors import STRANGERS
from tests.walls.conftest import Walls
from tests.walls.crawler import follow_links, try_the_other_way
from tests.walls.doors import knock, thrown_away
from tests.walls.reading import heard, text_of
from tests.walls.table import ROWS
from tests.walls.world import CANARIES, NOW


def test_the_school_itself_reads_every_canary(walls: Walls, monkeypatch: pytest.MonkeyPatch) -> None:
    with thrown_away(walls.app, monkeypatch):
        pages = dict(follow_links(walls.app, walls.keys["head"]))
        unit = f"/organisations/{walls.world.things['unit.a']}"
        pages[unit] = text_of(knock(walls.app, walls.keys["head"], "GET", unit))
    assert set(CANARIES) - {"asker"} == set().union(*map(heard, pages.values()))
    assert len(pages) > 100


def test_the_commune_reads_who_asks_for_a_school(walls: Walls) -> None:
    page = f"/school-requests/{walls.world.things['request.near']}"
    assert heard(text_of(knock(walls.app, walls.keys["officer"], "GET", page))) == {"asker"}


@pytest.mark.parametrize("actor", STRANGERS)
def test_links_lead_strangers_to_no_canary(walls: Walls, actor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with thrown_away(walls.app, monkeypatch):
        pages = list(follow_links(walls.app, walls.keys[actor]))
    assert len(pages) > 10
    assert [path for path, text in pages if heard(text)] == []


@pytest.mark.parametrize("actor", ["head_near", "officer_far", "admin_far"])
def test_no_rule_gives_strangers_a_canary_in_the_other_form(
    walls: Walls, actor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The matrix hears every answer it asks for; here a refusal as a page and what succeeds as JSON."""
    with thrown_away(walls.app, monkeypatch):
        answers = try_the_other_way(walls.app, walls.world, walls.keys[actor], ROWS, actor)
        assert [what for what, text in answers if heard(text)] == []


def test_lists_are_not_searched_beyond_the_walls(walls: Walls, monkeypatch: pytest.MonkeyPatch) -> None:
    """The words themselves are asked for: the box repeats them, no row answers."""
    uid = walls.world.things["form.published"]
    with thrown_away(walls.app, monkeypatch):
        for actor in ("head_near", "officer_far", "admin_far"):
            for path in (
                "/organisations",
                "/accounts",
                "/accounts/units",
                "/certificates",
                "/evidence",
                "/reviews",
            ):
                answer = knock(walls.app, walls.keys[actor], "GET", path, query_string={"q": "canari lam"})
                assert not heard(text_of(answer)), (actor, path)
        compare = f"/results/{walls.world.things['round.foreign']}"
        asked = {"tab": "compare", "school": uid}
        assert (
            knock(walls.app, walls.keys["admin_far"], "GET", compare, query_string=asked).status_code == 404
        )


@pytest.mark.parametrize(
    ("name", "actor", "sings"), [("foreign", "admin_far", False), ("ward", "officer", True)]
)
def test_a_made_workbook_holds_ones_own_schools_only(
    walls: Walls, tmp_path: Path, name: str, actor: str, sings: bool
) -> None:
    with walls.app.app_context():
        file = session.get_one(ExportFile, int(walls.world.things[f"#export.{name}"]))
        file = ExportFile(
            **{c.name: getattr(file, c.name) for c in ExportFile.__table__.columns}, round=file.round
        )
        file.kind = Kind.FULL
        session.expunge_all()
        exports.write_export(file, tmp_path / "book.xlsx", actor=walls.world.people[actor], now=NOW)
        session.rollback()
    with walls.app.test_request_context():
        from flask import Response
        from werkzeug.test import TestResponse

        content = (tmp_path / "book.xlsx").read_bytes()
        book = TestResponse([content], "200 OK", Response(content).headers, None)  # type: ignore[arg-type]
        assert ("school" in heard(text_of(book))) is sings
