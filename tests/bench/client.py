"""A browser for measuring: signs in through the real form, keeps its cookie and token."""

import re

from flask import Flask
from flask.testing import FlaskClient

from tests.bench.site import PASSWORD

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def token_in(page: str) -> str:
    """The token of a page's first form."""
    found = TOKEN.search(page)
    assert found is not None, page[:500]
    return found.group(1)


def signed_in(app: Flask, login: str, password: str = PASSWORD) -> tuple[FlaskClient, str]:
    """A client that has signed in, and a token of its session."""
    client = app.test_client()
    page = client.get("/account/login").get_data(as_text=True)
    fields = {"csrf_token": token_in(page), "password": password, "login": login}
    answer = client.post("/account/login", data=fields)
    assert answer.status_code == 302, answer.get_data(as_text=True)[:800]
    return client, token_in(client.get("/account/own").get_data(as_text=True))


def cookie_of(client: FlaskClient) -> str:
    """The Cookie header of a signed-in client."""
    cookie = client.get_cookie("session")
    assert cookie is not None
    return f"{cookie.key}={cookie.value}"
