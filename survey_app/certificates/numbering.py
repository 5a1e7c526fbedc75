"""Numbers and codes of certificates: how they are written, made and read back."""

import re
import secrets

from survey_app.core.vietnamese import fold
from survey_app.rules.errors import N_, BadInput

# 32 signs without I, O, 0 and 1, which people take for one another: 26 of them are 130 random bits.
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 26
_PLACE = re.compile(r"\{number(?::0(\d))?\}")
_ADDRESS = re.compile(r"/tra-cuu/+([^/?#]+)", re.IGNORECASE)
_WITH_YEAR = re.compile(r"(.*\d.*?)[\s,;/(]+(?:năm\s+)?(20\d\d)\)?", re.IGNORECASE | re.ASCII)
_TYPED = re.compile(r"\[\s*số\s*(?::\s*([1-9]))?\s*\]", re.IGNORECASE)
_LEADING = re.compile(r"^(?:so )?0*")


class BadPattern(BadInput):
    """A number pattern without exactly one place for the number."""

    message = N_("Mẫu số phải có đúng một chỗ ghi [số], ví dụ [số]/GCN-SGDĐT.")


def read_pattern(typed: str) -> str:
    """As typed ("[số]/GCN-SGDĐT", "[số:5]" for five digits) as it is stored: "{number:04}/GCN-SGDĐT"."""
    return _TYPED.sub(lambda place: f"{{number:0{place[1] or 4}}}", typed)


def show_pattern(pattern: str) -> str:
    """The stored pattern as a person types it."""
    return _PLACE.sub(lambda place: "[số]" if place[1] == "4" else f"[số:{place[1] or 1}]", pattern)


def check_pattern(pattern: str) -> None:
    """Raise `BadPattern` unless the pattern has one place for the number and no other brace."""
    rest, places = _PLACE.subn("", pattern)
    if places != 1 or "{" in rest or "}" in rest:
        raise BadPattern()


def write_number(pattern: str, number: int | None) -> str:
    """ "{number:04}/GCN-SGDĐT" and 12 → "0012/GCN-SGDĐT"; dots for None (a preview takes no number).

    Not `str.format`: a pattern is typed by a person and must reach nothing but the number.
    """
    check_pattern(pattern)
    return _PLACE.sub(lambda place: "……" if number is None else f"{number:0{place[1] or 1}d}", pattern)


def number_key(text: str) -> str:
    """What a printed number is found by: "Số: 0012/GCN-SGDĐT" and "12/gcn-sgddt" are one."""
    return _LEADING.sub("", fold(text))[:64]


def new_code() -> str:
    """A new public look-up code."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def split_year(text: str) -> tuple[str, int | None]:
    """(number, year of issue or None) of what was typed: "39/GCN-SGDĐT năm 2026", "39 2026"."""
    found = _WITH_YEAR.fullmatch(text.strip())
    return (found[1], int(found[2])) if found else (text, None)


def read_code(text: str) -> str | None:
    """The code in what a person typed or pasted, or None.

    Blanks, hyphens and small letters do not matter, nor does the address of the look-up page before it.
    """
    address = _ADDRESS.search(text)
    code = re.sub(r"[\s-]", "", address[1] if address else text).upper()
    return code if len(code) == CODE_LENGTH and set(code) <= set(ALPHABET) else None


def spaced_code(code: str) -> str:
    """The code in groups that can be read aloud: "ABCD EFGH …"."""
    return " ".join(code[place : place + 4] for place in range(0, len(code), 4))


def series_name(department_id: int, pattern: str) -> str:
    """The series a pattern counts in: the words around the number, so that another width goes on counting."""
    return f"{department_id}:{_PLACE.sub('#', pattern)}"
