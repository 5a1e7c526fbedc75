"""Cookie and token of every request that changes something: flags, and no form from anywhere else."""

from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from survey_app.app import create_app
from survey_app.config import load_settings
from survey_app.core.access import policy_of
from survey_app.core.edge import UNSAFE
from survey_app.rules.permissions import ALLOWED, Role
from tests.accounts.conftest import Browser, Tree
from tests.accounts.test_asked_of_role import PLACES
from tests.databases import address_of


def rules_that_change(app: Flask) -> Iterator[tuple[str, str, str]]:
    """(method, address, permission or "") of every rule that takes a form or a body."""
    urls = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        policy = policy_of(app, rule.endpoint)
        values = {name: "xlsx" if name == "ending" else 1 for name in rule.arguments}
        for method in sorted((rule.methods or set()) & UNSAFE):
            permission = policy.permission if policy and policy.permission else ""
            yield method, urls.build(rule.endpoint, values, method=method), permission


@pytest.fixture
def at_work(new_browser: Any, person: Any, tree: Tree) -> dict[Role, Browser]:
    """Somebody of every role, signed in."""
    found = {}
    for role in Role:
        person(f"ai-{role.value.replace('_', '-')}", role, getattr(tree, PLACES[role]))
        found[role] = new_browser()
        found[role].sign_in(f"ai-{role.value.replace('_', '-')}")
    return found


def test_nothing_changes_without_the_token_of_this_session(
    app: Flask, at_work: dict[Role, Browser], new_browser: Any
) -> None:
    """trust.md row 44: no token, the token of another session, a page of another site: 400 on every rule."""
    stranger = new_browser()
    stranger.get("/account/login")
    tried = 0
    for method, address, permission in rules_that_change(app):
        who = next(role for role in Role if role in ALLOWED[permission]) if permission else None
        browser = at_work[who] if who else stranger
        other = at_work[Role.VIEWER if who is not Role.VIEWER else Role.UNIT_HEAD]
        for token, headers in (
            ("", {}),
            (other.token, {}),
            ("x" + browser.token, {}),
            (browser.token, {"Origin": "https://evil.test"}),
            (browser.token, {"Origin": "http://localhost.evil.test"}),
            (browser.token, {"Origin": "null"}),
        ):
            tried += 1
            sent = browser.client.open(
                address, method=method, data={"csrf_token": token} if token else {}, headers=headers
            )
            assert sent.status_code == 400, (method, address, token, headers)
            script = browser.client.open(
                address, method=method, json={}, headers={"X-CSRFToken": token, **headers}
            )
            assert script.status_code == 400, (method, address, token, headers, "json")
    assert tried > 300


@pytest.mark.parametrize("origin", ["http://localhost", "https://truonghoc.example.vn"])
def test_a_form_of_our_own_page_passes(app: Flask, browser: Browser, person: Any, origin: str) -> None:
    app.config["BASE_URL"] = "https://truonghoc.example.vn"
    person("biet")
    browser.sign_in("biet")
    answer = browser.post("/account/logout", headers={"Origin": origin})
    assert answer.location == "/account/login"


def installed(folder: Path, new_database: Any, **env: str) -> Flask:
    """The app with the settings of an environment."""
    new_database(folder)
    place = {"DATA_DIR": str(folder), "DATABASE_URL": address_of(folder)}
    return create_app(load_settings(place | env))


def cookies_of(app: Flask, base_url: str) -> dict[str, Any]:
    """The cookies that the sign-in page sets, by name."""
    answer = app.test_client().get("/account/login", base_url=base_url)
    assert answer.status_code == 200
    return {
        name: flags
        for line in answer.headers.getlist("Set-Cookie")
        for name, flags in SimpleCookie(line).items()
    }


def test_the_cookie_of_an_installation_is_bound_to_its_host_and_hidden_from_scripts(
    tmp_path: Path, new_database: Any
) -> None:
    """trust.md row 46: `__Host-` needs Secure, Path=/ and no Domain."""
    url = "https://truonghoc.example.vn"
    app = installed(tmp_path, new_database, ENV="production", SECRET_KEY="x" * 40, BASE_URL=url, PROXIES="1")
    cookies = cookies_of(app, url)
    assert list(cookies) == ["__Host-session"]
    flags = cookies["__Host-session"]
    assert (flags["secure"], flags["httponly"], flags["samesite"]) == (True, True, "Lax")
    assert (flags["path"], flags["domain"], flags["expires"], flags["max-age"]) == ("/", "", "", "")


def test_over_plain_http_on_one_machine_the_cookie_is_hidden_too(tmp_path: Path, new_database: Any) -> None:
    cookies = cookies_of(installed(tmp_path, new_database), "http://127.0.0.1:8000")
    assert list(cookies) == ["session"]
    flags = cookies["session"]
    assert (flags["secure"], flags["httponly"], flags["samesite"]) == ("", True, "Lax")
