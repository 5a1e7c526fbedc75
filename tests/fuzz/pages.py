"""Reading a page: its links, its forms with what a browser would send, and markup that came to life."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from tests.fuzz.values import MARK

Attributes = dict[str, str]
_IGNORED = re.compile(r"^/static/|^/language/")


@dataclass
class PageForm:
    """A form as a browser sees it; `buttons` are (name, value, other action) and one of them is pressed."""

    page: str
    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)
    choices: dict[str, list[str]] = field(default_factory=dict)

    def is_like(self) -> tuple[str, str, str]:
        """Forms with the same answer are of one kind."""
        return kind_of(self.action), self.method, " ".join(sorted(self.fields))


def kind_of(address: str) -> str:
    """The address with every identifier made equal."""
    parts = urlsplit(address)
    path = re.sub(r"/[0-9a-f]{20,}|/[0-9A-Z]{20,}|/\d+(?=/|$)", "/x", parts.path)
    path = re.sub(r"/[A-Z]{2}\d+(\.\d+)?(?=/|$)", "/code", path)
    names = sorted({pair.partition("=")[0] for pair in parts.query.split("&")})
    return f"{path}?{'&'.join(names)}"


class PageReader(HTMLParser):
    """Collects links and forms; fields that name their form by id are given to it at the end."""

    def __init__(self, page: str, text: str) -> None:
        super().__init__()
        self.page, self.links, self.forms = page, [], []
        self._open: PageForm | None = None
        self._by_id: dict[str, PageForm] = {}
        self._loose: list[tuple[str, str, Attributes]] = []
        self._select: tuple[PageForm | None, str, str] = (None, "", "")
        self._area: list[str] | None = None
        self.feed(text)
        for owner, tag, attributes in self._loose:
            if owner in self._by_id:
                self._add(self._by_id[owner], tag, attributes)

    links: list[str]
    forms: list[PageForm]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Part after part of the page."""
        found = {name: value or "" for name, value in attrs}
        if tag == "a" and found.get("href"):
            self._link(found["href"])
        elif tag == "form":
            method = found.get("method", "get").upper()
            self._open = PageForm(self.page, urljoin(self.page, found.get("action") or self.page), method)
            if method in ("GET", "POST"):  # "dialog" sends nothing
                self.forms.append(self._open)
            self._by_id[found.get("id", "")] = self._open
        elif tag == "option":
            self._option(found)
        elif tag in ("input", "button", "select", "textarea"):
            if "form" in found:
                self._loose.append((found["form"], tag, found))
            elif self._open is not None:
                self._add(self._open, tag, found)

    def handle_endtag(self, tag: str) -> None:
        """The end of a form or of a long text."""
        if tag == "form":
            self._open = None
        elif tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        """What stands in a long text."""
        if self._area is not None:
            self._area[-1] += data

    def _link(self, href: str) -> None:
        here = urljoin(self.page, href).partition("#")[0]
        if here.startswith("/") and not _IGNORED.match(here):
            self.links.append(here)

    def _option(self, found: Attributes) -> None:
        form, name, _ = self._select
        if form is not None and "value" in found:
            form.choices.setdefault(name, []).append(found["value"])
            if "selected" in found or not form.fields.get(name):
                form.fields[name] = [found["value"]]

    def _add(self, form: PageForm, tag: str, found: Attributes) -> None:
        name, kind, value = found.get("name", ""), found.get("type", "text"), found.get("value", "")
        if tag == "button" or kind == "submit":
            form.buttons.append((name, value, found.get("formaction", "")))
        elif not name:
            return
        elif tag == "select":
            self._select = (form, name, "")
            form.fields.setdefault(name, [])
        elif tag == "textarea":
            self._area = form.fields.setdefault(name, [])
            self._area.append("")
        elif kind == "file":
            form.files.add(name)
        else:
            form.fields.setdefault(name, [])
            if kind in ("checkbox", "radio"):
                form.choices.setdefault(name, []).append(value or "on")
            if kind not in ("checkbox", "radio") or "checked" in found:
                form.fields[name].append(value)


class _LiveReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.live: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found: dict[str, Any] = dict(attrs)
        address = str(found.get("href") or found.get("action") or "").strip().lower()
        if MARK in tag or "onfuzz" in found or address.startswith("javascript:"):
            self.live.append(self.get_starttag_text() or tag)

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "script" and MARK in data:
            self.live.append(f"<script>{data[:80]}")


def live_markup(text: str) -> list[str]:
    """The tags of a page that a value of ours brought to life; cheap for pages without the mark."""
    if MARK not in text and "onfuzz" not in text:
        return []
    reader = _LiveReader()
    reader.feed(text)
    return reader.live
