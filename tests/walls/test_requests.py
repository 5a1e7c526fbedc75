"""What requests may do beside answering: a GET changes nothing, a field nobody asked for does nothing."""

from typing import Any

import pytest
from flask import request

from survey_app.accounts import service as accounts
from survey_app.reviews.views import listing
from tests.walls import snapshots
from tests.walls.actors import HALFWAY, INSIDE
from tests.walls.checker import look_up, path_of, seen, try_cell
from tests.walls.conftest import Walls
from tests.walls.doors import knock, thrown_away
from tests.walls.rows import STRANGE, Row
from tests.walls.table import ROWS

# What somebody would like to set who sends more than the form asks for.
WISHES = {
    "id": "1",
    "uid": "0" * 32,
    "role": "department_admin",
    "user_id": "1",
    "unit_id": "1",
    "department_id": "1",
    "membership_id": "1",
    "managing_authority_id": "1",
    "reviewing_unit_id": "1",
    "officer_id": "1",
    "state": "published",
    "verified": "3",
    "verified_score": "3",
    "points": "99",
    "met": "99",
    "level": "tot",
    "active": "",
    "password_hash": "x",
    "must_change_password": "y",
    "created_at": "2000-01-01",
    "approved_by_id": "1",
    "submitted_at": "2000-01-01",
    "extended_until": "2099-01-01",
    "hidden_at": "2000-01-01",
    "checking_levels": "1",
    "is_main": "1",
    "code": "X1",
}
AWAY = ("https://evil.test/", "//evil.test", "/\\evil.test", "///evil.test", "\\\\evil.test", "/\t/evil.test")
POSTS = [row for row in ROWS if row.method != "GET"]


@pytest.mark.parametrize("actor", ["head", "officer", "admin"])
def test_no_get_changes_the_database(walls: Walls, actor: str) -> None:
    """No transaction is thrown away here: what a GET committed would stay and be seen."""
    before = _digest(walls)
    for row in ROWS:
        if row.method == "GET":
            for thing in row.cases:
                got = try_cell(walls.app, walls.world, walls.keys, row, thing, actor, refused=False)
                assert not got.startswith("500"), (row.rule, thing, got)
    assert _digest(walls) == before


def _digest(walls: Walls) -> str:
    with walls.app.app_context():
        return snapshots.digest(snapshots.take())


def test_the_digest_sees_a_changed_letter(walls: Walls, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _digest(walls)
    (row,) = [row for row in ROWS if row.key == ("POST", "/account/own")]
    with thrown_away(walls.app, monkeypatch):
        assert _send(walls, row, "", "head", row.body)[0] == "302"
        assert _digest(walls) != before
    assert _digest(walls) == before


def successes(row: Row) -> tuple[str, str] | None:
    """An object and an actor with whom this row succeeds; who is halfway in counts, for signing in."""
    done = [
        (thing, actor)
        for thing, actor, expected in row.cells()
        if actor in INSIDE
        and expected in ("200", "302", "in")
        or actor == HALFWAY
        and expected in ("200", "302")
    ]
    return done[0] if done else None


def test_every_act_succeeds_for_somebody() -> None:
    """A row whose body is refused everywhere would try no field at all below."""
    assert [row.rule for row in POSTS if successes(row) is None] == []


@pytest.mark.parametrize("row", POSTS, ids=lambda row: row.rule)
def test_fields_nobody_asked_for_change_nothing(
    walls: Walls, row: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = successes(row)
    assert found is not None
    thing, actor = found
    more = {name: value for name, value in WISHES.items() if name not in row.body}
    with thrown_away(walls.app, monkeypatch) as sand:
        states = []
        for body in (row.body, row.body, {**row.body, **more}):
            states.append((_send(walls, row, thing, actor, body), _take(walls)))
            sand.smooth()
    (plain, first), (_, second), (wishing, third) = states
    assert wishing == plain
    by_chance = snapshots.differences(first, second)  # drawn ids and codes
    assert snapshots.differences(first, third) <= by_chance


def test_a_field_that_is_taken_over_is_seen(walls: Walls, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = accounts.change_details

    def greedy(user: Any, **known: Any) -> Any:
        user.must_change_password = bool(request.form.get("must_change_password"))
        return honest(user, **known)

    monkeypatch.setattr(accounts, "change_details", greedy)
    (row,) = [row for row in POSTS if row.rule == "/account/own"]
    with pytest.raises(AssertionError, match="must_change_password"):
        test_fields_nobody_asked_for_change_nothing(walls, row, monkeypatch)


def _take(walls: Walls) -> snapshots.Snapshot:
    with walls.app.app_context():
        return snapshots.take()


def _send(walls: Walls, row: Row, thing: str, actor: str, body: Any) -> tuple[str, str]:
    typed = {name: look_up(value, walls.world, actor) for name, value in body.items()}
    path = path_of(row, walls.world, thing, actor)
    answer = knock(walls.app, walls.keys[actor], row.method, path, typed, headers=dict(row.headers))
    return seen(answer), answer.mimetype or ""


@pytest.mark.parametrize("away", AWAY)
def test_no_answer_sends_a_person_to_another_site(
    walls: Walls, away: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`next` in the address and in the body of every rule that answers with a redirect."""
    with thrown_away(walls.app, monkeypatch) as sand:
        for row in ROWS:
            for thing, actor in _redirects(row):
                path = path_of(row, walls.world, thing, actor)
                body = {name: look_up(value, walls.world, actor) for name, value in row.body.items()}
                more = {"next": away} if row.method != "GET" else {}
                answer = knock(
                    walls.app, walls.keys[actor], row.method, path, body | more, query_string={"next": away}
                )
                target = answer.location or "/"
                assert target.startswith("/") and target[1:2] not in ("/", "\\"), (row.rule, target)
                sand.smooth()


def test_an_open_redirect_is_seen(walls: Walls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "back_to", lambda fallback: request.values.get("next", fallback))
    with pytest.raises(AssertionError, match=r"/reviews/assign.*evil\.test"):
        test_no_answer_sends_a_person_to_another_site(walls, AWAY[0], monkeypatch)


def _redirects(row: Row) -> list[tuple[str, str]]:
    """One case in which this row answers 302, for one person inside and for nobody."""
    found = [
        (thing, actor) for thing, actor, expected in row.cells() if expected == "302" and thing not in STRANGE
    ]
    return [next((one for one in found if one[1] != "newcomer"), found[0])] if found else []
