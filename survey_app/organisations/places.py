"""Comparing names of communes as people write them: tone-mark placement and apostrophes do not count.

"Thuỷ" and "Thủy" are different strings even after NFC, and lists mix ' with ’. The tone itself does count:
"Tân Hòa" is not "Tân Hóa".
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from survey_app.rules.errors import N_

_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ′`´", "'"))
_PROVINCE = re.compile(r"\b(?:thành phố|tỉnh)\s+\S.*$", re.IGNORECASE)
_KIND = re.compile(r"^(phường|xã|thị trấn|đặc khu)\s+", re.IGNORECASE)
_ANY_KIND = re.compile(r"^(thành phố|tỉnh|phường|xã|thị trấn|đặc khu)\s+", re.IGNORECASE)

NO_SUCH_CODE = N_("Danh mục không có xã, phường mang mã %(code)s.")
CODE_OF_NAME = N_("Danh mục không có mã %(code)s; %(name)s mang mã %(right)s.")
OTHER_WARD = N_("Mã %(code)s là %(right)s, không phải %(name)s. Hãy sửa mã hoặc tên cho khớp.")
OTHER_WARD_CODE = N_(
    "Mã %(code)s là %(right)s, không phải %(name)s (mã đúng: %(right_code)s). "
    "Có hai danh mục mã xã đang lưu hành, hãy dùng danh mục 2026."
)
KIND_CHANGED = N_("Danh mục ghi %(right)s; tệp ghi %(name)s. Đã nhận theo danh mục.")


def place_key(name: str) -> str:
    """Key under which two spellings of one place are equal: each word's tone mark is moved to its end."""
    words = unicodedata.normalize("NFD", name.translate(_APOSTROPHES).casefold()).split()
    return " ".join(_tone_last(word) for word in words)


def _tone_last(word: str) -> str:
    tones = "".join(char for char in word if char in _TONES)
    return unicodedata.normalize("NFC", "".join(char for char in word if char not in _TONES)) + tones


def bare_key(name: str) -> str:
    """`place_key` without the word xã, phường … before the name."""
    return place_key(_KIND.sub("", unicodedata.normalize("NFC", name).strip()))


def bare_name(name: str) -> str:
    """The name as a date line has it: "Phường Ô Môn" → "Ô Môn", "thành phố Cần Thơ" → "Cần Thơ"."""
    return _ANY_KIND.sub("", unicodedata.normalize("NFC", name).strip())


def area_type_of(name: str) -> str:
    """ "phuong" for a ward, else "xa" (QĐ 19/2025/QĐ-TTg names each unit with its type)."""
    return "phuong" if place_key(name).startswith(place_key("phường") + " ") else "xa"


def province_in(name: str) -> str:
    """The province that ends a department's name ("thành phố Cần Thơ" of "Sở … thành phố Cần Thơ"), or ""."""
    found = _PROVINCE.search(unicodedata.normalize("NFC", name).strip())
    return found.group() if found else ""


@dataclass(frozen=True)
class Ward:
    """One commune or ward a school may lie in."""

    unit_id: int
    code: str
    name: str
    other_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Match:
    """The ward found, or the reason why none was; `note` is worth a warning."""

    ward: Ward | None
    reason: str = ""
    note: str = ""


@dataclass
class WardBook:
    """The communes of a department, found by code and name together."""

    by_code: dict[str, Ward] = field(default_factory=dict)
    by_name: dict[str, list[Ward]] = field(default_factory=dict)

    @classmethod
    def of(cls, wards: Iterable[Ward]) -> "WardBook":
        """The book of these wards."""
        book = cls()
        for ward in wards:
            book.by_code[ward.code] = ward
            book.by_name.setdefault(place_key(ward.name), []).append(ward)
        return book

    def find(self, code: str, name: str) -> Match:
        """The ward with this code whose name (now or earlier) is this one; else a Vietnamese reason."""
        ward = self.by_code.get(code)
        namesakes = self.by_name.get(place_key(name), [])
        if ward is None:
            if namesakes:
                right = ", ".join(other.code for other in namesakes)
                return Match(None, CODE_OF_NAME % {"code": code, "name": name, "right": right})
            return Match(None, NO_SUCH_CODE % {"code": code})
        known = (ward.name, *ward.other_names)
        if place_key(name) in map(place_key, known):
            return Match(ward)
        if bare_key(name) in map(bare_key, known):
            return Match(ward, note=KIND_CHANGED % {"right": ward.name, "name": name})
        words = {"code": code, "right": ward.name, "name": name}
        if namesakes:
            right_code = ", ".join(other.code for other in namesakes)
            return Match(None, OTHER_WARD_CODE % (words | {"right_code": right_code}))
        return Match(None, OTHER_WARD % words)
