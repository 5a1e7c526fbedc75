"""What a person does in a browser; and a browser without scripts, which fills in the forms a page has."""

import io
from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urljoin, urlsplit

import html5lib
from flask import Flask
from werkzeug.test import TestResponse

HTML = "{http://www.w3.org/1999/xhtml}"
Element = Any


class NoSuchThing(AssertionError):
    """The page has no such form, field or link; the message shows what it has."""


@dataclass
class Form:
    """One form of a page: where it goes, how, and what its fields hold now."""

    action: str
    method: str
    fields: dict[str, list[str]]
    buttons: dict[str, str]
    names: frozenset[str]
    place: int = 0  # among the forms of its page
    button: str = ""  # what the pressed button says

    def pressed(self, words: str) -> "Form":
        """The form as the button that says `words` sends it: some buttons lead elsewhere."""
        action = next((address for text, address in self.buttons.items() if words in text), "")
        return replace(self, action=action or self.action, button=words)


@dataclass
class Page:
    """One fetched page, parsed strictly."""

    address: str
    status: int
    text: str
    forms: list[Form] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)

    def form(self, action: str = "", button: str = "") -> Form:
        """The first form whose address holds `action` and one of whose buttons says `button`."""
        for one in self.forms:
            if action in one.action and (not button or any(button in words for words in one.buttons)):
                return one
        there = [(one.action, list(one.buttons)) for one in self.forms]
        raise NoSuchThing(f"{action!r} {button!r}: {there}")

    def link(self, words: str) -> str:
        """The address of the first link that says `words`."""
        for text, address in self.links:
            if words in text:
                return address
        raise NoSuchThing(f"{words!r}: {[text for text, _ in self.links]}")


class Browser(ABC):
    """What a person does with a browser of whatever kind; `page` is what it shows now."""

    page = Page("/", 200, "")

    @abstractmethod
    def get(self, address: str, status: int = 200) -> Page:
        """Open an address and follow where it leads."""

    @abstractmethod
    def send(self, form: Form, /, status: int = 200, **values: Any) -> Page:
        """Send a form with what it holds and `values` over it; only fields that it has are taken."""

    @abstractmethod
    def download(self, address: str) -> bytes:
        """The bytes of a file."""

    @abstractmethod
    def file_from(self, form: Form, /, **values: Any) -> bytes:
        """The file that sending a form hands out."""

    def follow(self, words: str) -> Page:
        """Click on the link that says `words`."""
        return self.get(self.page.link(words))

    def fill(self, action: str = "", button: str = "", status: int = 200, **values: Any) -> Page:
        """Fill in and send a form of the present page."""
        return self.send(self.page.form(action, button).pressed(button), status, **values)

    def sign_in(self, login: str, password: str) -> Page:
        """Through the real form."""
        self.get("/account/login")
        return self.fill("/account/login", login=login, password=password)


class PlainBrowser(Browser):
    """A browser without scripts, straight on the app."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()

    def get(self, address: str, status: int = 200) -> Page:
        """Open an address and follow where it leads."""
        return self._arrive(self.client.get(address, follow_redirects=True), status)

    def send(self, form: Form, /, status: int = 200, **values: Any) -> Page:
        """Send a form with what it holds and `values` over it; only fields that it has are taken."""
        unknown = set(values) - form.names
        if unknown:
            raise NoSuchThing(f"{sorted(unknown)} not in {sorted(form.names)}")
        data = {**form.fields, **{name: _as_list(value) for name, value in values.items()}}
        if form.method == "get":
            answer = self.client.get(form.action, query_string=data, follow_redirects=True)
        else:
            answer = self.client.post(form.action, data=data, follow_redirects=True)
        return self._arrive(answer, status)

    def download(self, address: str) -> bytes:
        """The bytes of a file."""
        answer = self.client.get(address, follow_redirects=True)
        assert answer.status_code == 200 and answer.mimetype != "text/html", answer.status
        return bytes(answer.data)

    def file_from(self, form: Form, /, **values: Any) -> bytes:
        """The file that sending a form hands out."""
        answer = self.client.post(form.action, data={**form.fields, **values})
        assert answer.status_code == 200 and answer.mimetype != "text/html", answer.status
        return bytes(answer.data)

    def _arrive(self, answer: TestResponse, status: int) -> Page:
        text = answer.get_data(as_text=True)
        assert answer.status_code == status, f"{answer.request.path}: {answer.status}\n{_words(text)[:1500]}"
        self.page = read_page(answer.request.path, answer.status_code, text)
        return self.page


def _as_list(value: Any) -> list[Any]:
    if isinstance(value, bytes):
        raise TypeError("a file is (bytes, name)")
    if isinstance(value, tuple):
        content, name = value
        return [(io.BytesIO(content), name)]
    return list(value) if isinstance(value, list) else [str(value)]


def read_page(address: str, status: int, text: str, *, strict: bool = True) -> Page:
    """Parse a page strictly: a page that is not well made fails the test that met it."""
    tree = html5lib.HTMLParser(strict=strict).parse(text)
    page = Page(address, status, text)
    page.forms = [_form(address, node, place) for place, node in enumerate(tree.iter(HTML + "form"))]
    page.links = [
        (_text(node), urljoin(address, node.get("href")))
        for node in tree.iter(HTML + "a")
        if node.get("href") and not urlsplit(node.get("href")).scheme
    ]
    ids = [node.get("id") for node in tree.iter() if node.get("id")]
    assert len(ids) == len(set(ids)), f"{address}: {sorted({i for i in ids if ids.count(i) > 1})} twice"
    return page


def _form(address: str, node: Element, place: int) -> Form:
    fields: dict[str, list[str]] = {}
    names = set()
    buttons = {}
    for part in node.iter():
        kind, name = part.tag.removeprefix(HTML), part.get("name")
        if kind == "button":
            buttons[_text(part)] = urljoin(address, part.get("formaction")) if part.get("formaction") else ""
        if name:
            names.add(name)
            value = _value(kind, part)
            if value is not None:
                fields.setdefault(name, []).append(value)
    action = urljoin(address, node.get("action") or address)
    return Form(action, (node.get("method") or "get").lower(), fields, buttons, frozenset(names), place)


def _value(kind: str, part: Element) -> str | None:
    if part.get("disabled") is not None:
        return None
    if kind == "textarea":
        return (part.text or "").removeprefix("\n")
    if kind == "select":
        options = list(part.iter(HTML + "option"))
        chosen = [option for option in options if option.get("selected") is not None] or options[:1]
        return next((str(option.get("value") or "") for option in chosen), None)
    if kind != "input" or part.get("type") in ("submit", "file"):
        return None
    if part.get("type") in ("radio", "checkbox"):
        return str(part.get("value") or "on") if part.get("checked") is not None else None
    return str(part.get("value") or "")


def _text(node: Element) -> str:
    return " ".join("".join(node.itertext()).split())


def _words(text: str) -> str:
    tree = html5lib.parse(text)
    main = next((node for node in tree.iter(HTML + "main")), tree)
    return _text(main)
