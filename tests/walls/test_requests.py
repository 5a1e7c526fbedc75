"""What requests may do beside answering: a field nobody asked for does nothing, nobody is led away."""

from typing import Any
from urllib.parse import unquote

import pytest
from flask import request

from survey_app.accounts import service as accounts
from survey_app.reviews.views import listing
from tests.walls import snapshots
from tests.walls.actors import HALFWAY, INSIDE
from tests.walls.checker import look_up, path_of, seen
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
HERE = "/notices?page=2"
AWAY = ("https://evil.test/", "//evil.test", "/\\evil.test", "///evil.test", "\\\\evil.test", "/\t/evil.test")
POSTS = [row for row in ROWS if row.method != "GET"]


def test_a_snapshot_sees_a_changed_letter(walls: Walls, monkeypatch: pytest.MonkeyPatch) -> None:
    before = snapshots.taken(walls.app)
    (row,) = [row for row in ROWS if row.key == ("POST", "/account/own")]
    with thrown_away(walls.app, monkeypatch):
        assert _send(walls, row, "", "head", row.body)[0] == "302"
        changed = snapshots.differences(before, snapshots.taken(walls.app))
        assert ("user_account", "name") in changed
    assert snapshots.taken(walls.app) == before


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

        def after(body: Any) -> tuple[tuple[str, str], snapshots.Snapshot]:
            answer, state = _send(walls, row, thing, actor, body), snapshots.taken(walls.app)
            sand.smooth()
            return answer, state

        (plain, first), (wishing, third) = after(row.body), after({**row.body, **more})
        assert wishing == plain
        if changed := snapshots.differences(first, third):  # drawn ids and codes differ by chance
            assert changed <= snapshots.differences(first, after(row.body)[1])


def test_a_field_that_is_taken_over_is_seen(walls: Walls, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = accounts.change_details

    def greedy(user: Any, **known: Any) -> Any:
        user.must_change_password = bool(request.form.get("must_change_password"))
        return honest(user, **known)

    monkeypatch.setattr(accounts, "change_details", greedy)
    (row,) = [row for row in POSTS if row.rule == "/account/own"]
    with pytest.raises(AssertionError, match="must_change_password"):
        test_fields_nobody_asked_for_change_nothing(walls, row, monkeypatch)


def _send(walls: Walls, row: Row, thing: str, actor: str, body: Any) -> tuple[str, str]:
    typed = {name: look_up(value, walls.world, actor) for name, value in body.items()}
    path = path_of(row, walls.world, thing, actor)
    answer = knock(walls.app, walls.keys[actor], row.method, path, typed, headers=dict(row.headers))
    return seen(answer), answer.mimetype or ""


def test_no_answer_sends_a_person_to_another_site(walls: Walls, monkeypatch: pytest.MonkeyPatch) -> None:
    """`next` and Referer on every rule that redirects; every spelling where `next` is obeyed."""
    obeys = []
    with thrown_away(walls.app, monkeypatch) as sand:
        for row in ROWS:
            for thing, actor in _redirects(row):
                led = _led_to(walls, row, thing, actor, HERE)
                sand.smooth()
                others = AWAY[:1]
                if HERE in (led, unquote(led)) or f"next={HERE}" in unquote(led):
                    obeys.append(row.rule)
                    others = AWAY
                for away in others:
                    target = _led_to(walls, row, thing, actor, away)
                    assert target.startswith("/") and target[1:2] not in ("/", "\\"), (row.rule, target)
                    sand.smooth()
    assert {"/account/login", "/language/<lang>", "/account/workplaces"} <= set(obeys)


def _led_to(walls: Walls, row: Row, thing: str, actor: str, to: str) -> str:
    path = path_of(row, walls.world, thing, actor)
    body = {name: look_up(value, walls.world, actor) for name, value in row.body.items()}
    body |= {"next": to} if row.method != "GET" else {}
    said = {"Referer": f"{to}?from=there"} if to.isprintable() else {}
    answer = knock(
        walls.app, walls.keys[actor], row.method, path, body, query_string={"next": to}, headers=said
    )
    return answer.location or "/"


def test_an_open_redirect_is_seen(walls: Walls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "back_to", lambda fallback: request.values.get("next", fallback))
    with pytest.raises(AssertionError, match=r"/reviews/assign.*evil\.test"):
        test_no_answer_sends_a_person_to_another_site(walls, monkeypatch)


def _redirects(row: Row) -> list[tuple[str, str]]:
    """One case in which this row answers 302, for one person inside and for nobody."""
    found = [
        (thing, actor) for thing, actor, expected in row.cells() if expected == "302" and thing not in STRANGE
    ]
    return [next((one for one in found if one[1] != "newcomer"), found[0])] if found else []
