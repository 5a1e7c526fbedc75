"""The checker sees what it is there for: planted holes are found, each in the cells where they are."""

from collections.abc import Iterator

import pytest
from sqlalchemy import true, update

from survey_app.app import create_app
from survey_app.certificates.queries import scope as certificate_scope
from survey_app.core import web
from survey_app.core.access import Policy, public, requires
from survey_app.core.db import session, survive
from survey_app.evidence import queries as evidence
from survey_app.notices.models import Notice
from survey_app.rules.permissions import ALLOWED, EVERYONE
from tests.conftest import make_settings
from tests.walls.checker import gaps_between, wrong_cells
from tests.walls.conftest import Walls
from tests.walls.rows import R, Row
from tests.walls.table import ROWS


def row(method: str, rule: str) -> Row:
    """The one row of the table for this rule."""
    (found,) = [one for one in ROWS if one.key == (method, rule)]
    return found


def wrong(walls: Walls, rows: list[Row], actor: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    return wrong_cells(walls.app, walls.world, walls.keys, rows, actor, monkeypatch)


def test_a_rule_without_a_row_is_found(walls: Walls) -> None:
    planted = create_app(make_settings(walls.app.config["DATA_DIR"]))
    planted.add_url_rule(
        "/planted/<uid>", view_func=public(lambda uid: uid), endpoint="planted", methods=["PUT"]
    )
    assert gaps_between(planted, ROWS) == ["no row: PUT /planted/<uid>"]


def test_a_row_without_a_rule_and_a_second_row_are_found(walls: Walls) -> None:
    more = [R("POST /audit", "ADMIN"), R("GET /audit", "ADMIN")]
    assert gaps_between(walls.app, [*ROWS, *more]) == ["no such rule: POST /audit", "two rows: GET /audit"]


def test_an_object_nobody_described_is_refused() -> None:
    with pytest.raises(AssertionError, match="no object"):
        R("GET /planted/<uid>", "EVERYONE", "form.unheard_of")


def test_a_widened_permission_is_found(walls: Walls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ALLOWED, "audit.read", EVERYONE)
    found = list(wrong(walls, [row("GET", "/audit")], "member", monkeypatch))
    assert found == ["member: GET /audit with -: 200, declared 403"]


def test_a_view_that_asks_for_less_is_found(walls: Walls, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [row("POST", "/rounds/<uid>/end")]
    view = walls.app.view_functions["rounds.end"]
    monkeypatch.setattr(view, "__policy__", Policy("rounds.read"))
    assert any("declared 403" in one for one in wrong(walls, rows, "director", monkeypatch))


def test_a_view_that_was_made_public_is_found(walls: Walls, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [row("GET", "/tra-cuu"), row("GET", "/notices")]
    monkeypatch.setattr(walls.app.view_functions["notices.index"], "__policy__", Policy(None))
    (found,) = wrong(walls, rows, "locked", monkeypatch)
    assert "/notices" in found and "declared in" in found


def test_a_query_without_its_scope_is_found(walls: Walls, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [row("GET", "/evidence/<uid>"), row("GET", "/certificates/<uid>")]
    assert list(wrong(walls, rows, "head_far", monkeypatch)) == []
    monkeypatch.setattr(evidence, "visible_files", lambda actor: true())
    monkeypatch.setattr(certificate_scope, "visible_certificates", lambda actor: true())
    found = list(wrong(walls, rows, "head_far", monkeypatch))
    assert {"200, declared 404"} == {one.rpartition(": ")[2] for one in found if "declared" in one}
    assert any("file.free" in one for one in found) and any("cert.foreign" in one for one in found)


def test_a_canary_behind_a_broken_wall_is_heard(walls: Walls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "visible_files", lambda actor: true())
    found = list(wrong(walls, [row("GET", "/evidence/<uid>")], "head_far", monkeypatch))
    assert "head_far: GET /evidence/<uid> with file.free: says file, school" in found


def test_an_answer_without_its_headers_is_found(walls: Walls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "CSP", f"{web.CSP}; script-src *")
    found = set(wrong(walls, [row("GET", "/audit"), row("POST", "/accounts/codes")], "viewer", monkeypatch))
    assert found == {
        f"viewer: {what} with -: lacks Content-Security-Policy"
        for what in ("GET /audit", "POST /accounts/codes")
    }


def test_a_get_that_writes_is_found(walls: Walls, monkeypatch: pytest.MonkeyPatch) -> None:
    def nosy() -> str:
        survive(lambda: session.execute(update(Notice).values(title="đã đọc")))
        return "ok"

    view = requires("notices.read")(nosy)
    monkeypatch.setitem(walls.app.view_functions, "notices.index", view)
    found = list(wrong(walls, [row("GET", "/notices")], "head", monkeypatch))
    assert found == ["head: a GET changed notice.title"]


def test_a_forgotten_state_check_is_found(walls: Walls, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [row("POST", "/assessments/<uid>/veto")]
    monkeypatch.setattr("survey_app.assessments.service.check_editable", lambda form, code, *, now: None)
    found = list(wrong(walls, rows, "head", monkeypatch))
    assert "head: POST /assessments/<uid>/veto with form.submitted: 302, declared 409" in found


def test_cells_do_not_disturb_each_other(walls: Walls, monkeypatch: pytest.MonkeyPatch) -> None:
    """Discarding the same batch twice works twice: the first time was thrown away."""
    rows = [row("POST", "/certificates/batches/<uid>/discard")] * 2
    assert list(wrong(walls, rows, "admin", monkeypatch)) == []
