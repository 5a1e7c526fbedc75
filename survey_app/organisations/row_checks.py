"""Checking one row of a school list: texts in, a school or the reasons why not out."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from survey_app.core.vietnamese import BadText, clean, fold
from survey_app.organisations import stages as words
from survey_app.organisations.columns import BY_FIELD, COLUMNS
from survey_app.organisations.places import Ward, WardBook
from survey_app.rules.authority import Authority, managing_authority
from survey_app.rules.errors import N_

Row = TypeVar("Row")
Key = Callable[[Row], str]

EMPTY = N_("Để trống. Cột này phải có.")
TOO_LONG = N_("Dài %(length)s ký tự, nhiều nhất là %(limit)s.")
CONTROL = N_("Có ký tự điều khiển (không nhìn thấy được). Hãy gõ lại ô này.")
BAD_CODE = N_("Mã “%(code)s” chỉ được gồm chữ cái không dấu, chữ số, dấu chấm và gạch nối.")
SHORT_CODE = N_(
    "Mã “%(code)s” chỉ có %(length)s chữ số: Excel có thể đã bỏ số 0 ở đầu. "
    "Hãy đổi cột sang kiểu Văn bản và gõ lại mã."
)
NOT_UNDERSTOOD = N_("Không hiểu “%(text)s”. %(hint)s")
NO_STAGE = N_("Không nhận ra cấp học nào trong “%(text)s”. Hãy ghi Mầm non, TH, THCS, THPT hoặc GDTX.")
BAD_EMAIL = N_("“%(text)s” không phải địa chỉ thư.")
BAD_PHONE = N_("“%(text)s” không phải số điện thoại.")
SITE_TWICE = N_("Hai điểm lẻ cùng tên “%(text)s”.")

_CODE = re.compile(r"[0-9A-Z][0-9A-Z.-]*\Z")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+\Z")
PHONE = re.compile(r"[0-9+(). -]{6,}\Z")
SHORTEST_NUMERIC_CODE = 8  # codes of the ministry's list have 8 to 10 places
AUTHORITY_WORDS = {Authority.DEPARTMENT: N_("Sở"), Authority.COMMUNE: N_("Xã, phường")}


@dataclass(frozen=True)
class Note:
    """A sentence about one column, as the file names it."""

    column: str
    text: str


@dataclass(frozen=True)
class School:
    """A school as a list describes it. `given` names the optional fields the list had a value for."""

    code: str
    name: str
    stages: tuple[str, ...]
    ward: Ward
    address: str = ""
    unit_type: str = "truong"
    ownership: str = ""
    specialised: bool = False
    sites: tuple[tuple[str, str], ...] = ()
    authority: Authority = Authority.COMMUNE
    by_hand: bool = False
    contact_name: str = ""
    contact_phone: str = ""
    contact_email: str = ""
    given: frozenset[str] = frozenset()

    def over(self, before: "School") -> "School":
        """This school where the list said something, the stored one where it was silent."""
        silent = {name: getattr(before, name) for name in OPTIONAL if name not in self.given}
        if "authority" not in self.given and before.by_hand:
            silent |= {"authority": before.authority, "by_hand": True}
        merged = replace(self, **silent)
        if not merged.by_hand:
            rule = managing_authority(merged.stages, specialised=merged.specialised)
            merged = replace(merged, authority=rule)
        return merged

    def shown(self) -> dict[str, str]:
        """Each field as words, for comparing and for the page."""
        return {
            "name": self.name,
            "stages": words.stage_words(self.stages),
            "address": self.address,
            "ward_name": f"{self.ward.name} ({self.ward.code})",
            "unit_type": words.UNIT_TYPE_NAMES.get(self.unit_type, ""),
            "ownership": words.OWNERSHIP_NAMES.get(self.ownership, ""),
            "specialised": "1" if self.specialised else "",
            "sites": "; ".join(f"{name} | {where}" if where else name for name, where in self.sites),
            "authority": AUTHORITY_WORDS[self.authority],
            "contact_name": self.contact_name,
            "contact_phone": self.contact_phone,
            "contact_email": self.contact_email,
        }


OPTIONAL = (
    "address",
    "unit_type",
    "ownership",
    "specialised",
    "sites",
    "contact_name",
    "contact_phone",
    "contact_email",
)


@dataclass
class Checked:
    """The outcome of one row."""

    code: str = ""
    name: str = ""
    ward: str = ""
    school: School | None = None
    faults: list[Note] = field(default_factory=list)
    warnings: list[Note] = field(default_factory=list)


class _Reader:
    """Takes the cells of one row in turn and collects every fault rather than the first."""

    def __init__(self, texts: Mapping[str, str], titles: Mapping[str, str]) -> None:
        self.titles, self.faults, self.warnings = titles, list[Note](), list[Note]()
        self.texts = {
            column.field: self._clean(column.field, texts.get(column.field, "")) for column in COLUMNS
        }

    def title(self, name: str) -> str:
        return self.titles.get(name, BY_FIELD[name].heading)

    def fault(self, name: str, text: str) -> None:
        self.faults.append(Note(self.title(name), text))

    def warn(self, name: str, text: str) -> None:
        if text:
            self.warnings.append(Note(self.title(name), text))

    def _clean(self, name: str, text: str) -> str:
        column = BY_FIELD[name]
        try:
            cleaned = clean(text)
        except BadText:
            self.fault(name, CONTROL)
            return ""
        if name != "sites":
            cleaned = " ".join(cleaned.split())
        if len(cleaned) > column.longest:
            self.fault(name, TOO_LONG % {"length": len(cleaned), "limit": column.longest})
            return ""
        if column.required and not cleaned:
            self.fault(name, EMPTY)
        return cleaned


def check(texts: Mapping[str, str], titles: Mapping[str, str], wards: WardBook) -> Checked:
    """Check one row: `texts` by field, `titles` the headings of the file, `wards` where a school may lie."""
    reader = _Reader(texts, titles)
    cells = reader.texts
    code = _code(reader)
    ward = _ward(reader, wards)
    stages = _stages(reader)
    values: dict[str, Any] = {
        "address": cells["address"],
        "contact_name": cells["contact_name"],
        "unit_type": _understood(
            reader, "unit_type", words.read_unit_type(cells["unit_type"], cells["name"])
        ),
        "ownership": _understood(reader, "ownership", words.read_ownership(cells["ownership"])),
        "specialised": _understood(reader, "specialised", words.read_yes(cells["specialised"])),
        "sites": _sites(reader),
        "contact_phone": _shaped(reader, "contact_phone", PHONE, BAD_PHONE),
        "contact_email": _shaped(reader, "contact_email", EMAIL, BAD_EMAIL),
    }
    by_hand = _authority(reader)
    checked = Checked(code, cells["name"], cells["ward_name"], None, reader.faults, reader.warnings)
    if ward is None or reader.faults:
        return checked
    checked.ward = ward.name
    authority = by_hand or managing_authority(stages, specialised=bool(values["specialised"]))
    given = frozenset(name for name in (*OPTIONAL, "authority") if cells[name])
    checked.school = School(
        code,
        cells["name"],
        stages,
        ward,
        authority=authority,
        by_hand=by_hand is not None,
        given=given,
        **values,
    )
    return checked


def _code(reader: _Reader) -> str:
    code = reader.texts["code"].upper()
    if code and not _CODE.match(code):
        reader.fault("code", BAD_CODE % {"code": code})
    elif code.isdigit() and len(code) < SHORTEST_NUMERIC_CODE:
        reader.fault("code", SHORT_CODE % {"code": code, "length": len(code)})
    return code


def _ward(reader: _Reader, wards: WardBook) -> Ward | None:
    code, name = reader.texts["ward_code"], reader.texts["ward_name"]
    if not code or not name:
        return None
    found = wards.find(code, name)
    if found.ward is None:
        reader.fault("ward_code", found.reason)
    reader.warn("ward_name", found.note)
    return found.ward


def _stages(reader: _Reader) -> tuple[str, ...]:
    text = reader.texts["stages"]
    reading = words.read_stages(text, reader.texts["name"])
    if text and not reading.stages:
        reader.fault("stages", NO_STAGE % {"text": text})
    reader.warn("stages", reading.note)
    return reading.stages


def _understood(reader: _Reader, name: str, value: object) -> object:
    if value is None:
        reader.fault(name, NOT_UNDERSTOOD % {"text": reader.texts[name], "hint": BY_FIELD[name].note})
    return value


def _shaped(reader: _Reader, name: str, shape: re.Pattern[str], message: str) -> str:
    text = reader.texts[name]
    if text and not shape.match(text):
        reader.fault(name, message % {"text": text})
    return text


def _authority(reader: _Reader) -> Authority | None:
    text = fold(reader.texts["authority"])
    if not text:
        return None
    if text.startswith("so"):
        return Authority.DEPARTMENT
    if {"xa", "phuong", "ubnd"} & set(text.split()):
        return Authority.COMMUNE
    hint = BY_FIELD["authority"].note
    reader.fault("authority", NOT_UNDERSTOOD % {"text": reader.texts["authority"], "hint": hint})
    return None


def _sites(reader: _Reader) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for part in re.split(r"[;\n]", reader.texts["sites"]):
        name, _, where = (" ".join(piece.split()) for piece in part.partition("|"))
        if name in found:
            reader.fault("sites", SITE_TWICE % {"text": name})
        elif name:
            found[name] = where
    return tuple(found.items())
