"""One request of the fuzzer: a form as the page gave it, and what was changed in it."""

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from werkzeug.datastructures import MultiDict

from tests.fuzz.pages import PageForm
from tests.fuzz.values import CLASSES, FILES, IDS, Values

TOKEN = "csrf_token"
# Classes of what is done to a request as a whole; the classes of values are in `values.CLASSES`.
WHOLE = (
    *("no token", "foreign token", "foreign origin", "JSON body", "JSON of odd shapes", "broken JSON"),
    *("wrong content type", "broken multipart", "not UTF-8", "odd address", "odd query", "extra fields"),
    *("odd method", "other ids", "rubbish file", "as it is"),
)
SHAPES: tuple[Any, ...] = ([], {}, None, 1e308, [[]], {"a": {"b": []}}, True, ["x"] * 50, "\x00")
QUESTIONS = ("page", "q", "round", "ward", "stage", "next", "tab", "view", "read", "saved", "x")
EXTRA = ("id", "uid", "role", "state", "unit_id", "password", "active", "__class__", "a[b]", "\x00", "self")
METHODS = ("PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "GET", "TRACE", "POST")


@dataclass(frozen=True)
class Attack:
    """A form to send: changed fields by name, and how the whole request is bent. Shown by `repr`."""

    seat: str
    form: PageForm = field(repr=False)
    whole: str = "as it is"
    changed: dict[str, Values] = field(default_factory=dict)
    classes: tuple[str, ...] = ()
    address: str = ""
    method: str = ""
    button: tuple[str, str] = ("", "")
    raw: bytes = b""
    kind: str = ""
    file: tuple[str, bytes] | None = None
    json_answer: bool = False

    def fields(self) -> dict[str, list[str]]:
        """What goes over the wire, name by name."""
        fields = {name: list(values) for name, values in self.form.fields.items()}
        if self.button[0]:
            fields[self.button[0]] = [self.button[1]]
        fields.update({name: list(values) for name, values in self.changed.items()})
        if self.whole == "no token":
            fields.pop(TOKEN, None)
        return fields

    def options(self) -> dict[str, Any]:
        """Keyword arguments of the test client's `open`."""
        method = self.method or self.form.method
        headers = {"Accept": "application/json"} if self.json_answer else {}
        if self.whole == "foreign origin":
            headers["Origin"] = "https://evil.test"
        if self.kind:
            token = (self.form.fields.get(TOKEN) or [""])[0]
            headers |= {"X-CSRFToken": token} if token else {}
            return {"method": method, "headers": headers, "data": self.raw, "content_type": self.kind}
        data: MultiDict[str, Any] = MultiDict()
        for name, values in self.fields().items():
            data.setlist(name, values)
        if method == "GET":
            return {"method": method, "headers": headers, "query_string": data}
        for name in self.form.files:
            file_name, content = self.file or ("", b"")
            data.add(name, (io.BytesIO(content), file_name))
        return {"method": method, "headers": headers, "data": data}

    def simpler(self) -> Iterator["Attack"]:
        """The same with one thing less, for whoever looks for the smallest request that does it."""
        for name in self.changed:
            yield replace(self, changed={k: v for k, v in self.changed.items() if k != name})
        if self.json_answer:
            yield replace(self, json_answer=False)
        for name, values in self.changed.items():
            if len(values) > 1:
                yield replace(self, changed={**self.changed, name: values[: len(values) // 2]})
            if values and len(values[0]) > 1:
                yield replace(
                    self, changed={**self.changed, name: (values[0][: len(values[0]) // 2], *values[1:])}
                )

    def told(self) -> str:
        """The request in one line."""
        changed = {name: tuple(_short(value) for value in values) for name, values in self.changed.items()}
        more = f" body {self.raw[:120]!r} as {self.kind}" if self.kind else ""
        more += f" file {self.file[0]!r} {self.file[1][:30]!r}" if self.file else ""
        more += f" button {self.button}" if self.button[0] else ""
        address = self.address or self.form.action
        return f"{self.seat}: {self.method or self.form.method} {address} {changed}{more} ({self.whole})"


def _short(value: str) -> str:
    return value if len(value) <= 60 else f"{value[:20]}… {len(value)} characters"


def bend(form: PageForm, seat: str, ids: Sequence[str], random: Random) -> Attack:
    """A random attack on this form: mostly odd values in one to three fields, sometimes an odd request."""
    start = Attack(seat, form, address=form.action, json_answer=random.random() < 0.2)
    if form.buttons:
        name, value, elsewhere = random.choice(form.buttons)
        start = replace(start, button=(name, value), address=_join(form.action, elsewhere))
    if random.random() < 0.25:
        whole = random.choice(WHOLE)
        return _bent(replace(start, whole=whole, classes=(whole,)), ids, random)
    names = [name for name in form.fields if name != TOKEN] + [
        button[0] for button in form.buttons if button[0]
    ]
    if form.files and (not names or random.random() < 0.3):
        return replace(start, file=random.choice(FILES), classes=("rubbish file",))
    if not names:
        return _bent(replace(start, whole="odd address", classes=("odd address",)), ids, random)
    changed, classes = {}, []
    for name in random.sample(names, min(len(names), random.choice((1, 1, 1, 2, 3, len(names))))):
        label = random.choice(list(CLASSES))
        changed[name] = CLASSES[label](random, (form.fields.get(name) or [""])[0])
        classes.append(label)
    kept = {
        name: (random.choice(some),) for name, some in form.choices.items() if name not in changed and some
    }
    return replace(
        start, changed={**(kept if random.random() < 0.5 else {}), **changed}, classes=tuple(classes)
    )


def _join(action: str, elsewhere: str) -> str:
    return elsewhere if elsewhere.startswith("/") else action


def _bent(attack: Attack, ids: Sequence[str], random: Random) -> Attack:
    plain = {name: values[0] for name, values in attack.fields().items() if values}
    as_json = json.dumps(plain).encode()
    match attack.whole:
        case "foreign token":
            return replace(attack, changed={TOKEN: (random.choice(("", "x", "a.b.c", "ImE=.x.y", "é")),)})
        case "JSON body":
            return replace(attack, raw=as_json, kind="application/json")
        case "JSON of odd shapes":
            odd = random.choice((random.choice(SHAPES), {name: random.choice(SHAPES) for name in plain}))
            return replace(attack, raw=json.dumps(odd).encode(), kind="application/json")
        case "broken JSON":
            raw = random.choice((as_json[: len(as_json) // 2], b"{", b"[" * 5000, b"NaN", b"\xff", b""))
            return replace(attack, raw=raw, kind="application/json")
        case "wrong content type":
            kinds = ("text/plain", "application/xml", "", "multipart/form-data", "x/y; charset=zz", "a" * 300)
            return replace(attack, raw=as_json, kind=random.choice(kinds) or "x")
        case "broken multipart":
            raw = random.choice(
                (b"--b\r\n", b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx', b"--b--")
            )
            return replace(attack, raw=raw, kind="multipart/form-data; boundary=b")
        case "not UTF-8":
            raw = b"&".join(quote(name).encode() + b"=%ff%fe%ed%a0%80\xff" for name in plain)
            return replace(attack, raw=raw, kind="application/x-www-form-urlencoded")
        case "odd method":
            return replace(attack, method=random.choice(METHODS))
        case "rubbish file" if attack.form.files:
            return replace(attack, file=random.choice(FILES))
    return _odd_names(attack, ids, random)


def _odd_names(attack: Attack, ids: Sequence[str], random: Random) -> Attack:
    match attack.whole:
        case "odd address":
            return replace(attack, address=_other_part(attack.address, random.choice(IDS), random))
        case "odd query":
            name, odd = random.choice(QUESTIONS), quote(_any(random)[:2000])
            return replace(attack, address=f"{attack.address.partition('?')[0]}?{name}={odd}")
        case "extra fields":
            return replace(attack, changed={name: (_any(random),) for name in random.sample(EXTRA, 4)})
        case "other ids" if ids:
            names = [name for name in attack.form.fields if name != TOKEN]
            if names and random.random() < 0.5:
                return replace(attack, changed={random.choice(names): (random.choice(ids),)})
            return replace(attack, address=_other_part(attack.address, random.choice(ids), random))
    return attack


def _any(random: Random) -> str:
    values = CLASSES[random.choice(list(CLASSES))](random, "1")
    return values[0] if values else ""


def _other_part(address: str, other: str, random: Random) -> str:
    """The address with one of its later parts exchanged."""
    split = urlsplit(address)
    parts = split.path.split("/")
    parts[random.randrange(min(2, len(parts) - 1), len(parts))] = quote(other, safe="%")
    return urlunsplit(split._replace(path="/".join(parts) or "/"))
