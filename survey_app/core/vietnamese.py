"""Vietnamese text: one stored form, one search key and one alphabetical order."""

import re
import unicodedata

from survey_app.rules.errors import N_, RuleError


class BadText(RuleError):
    """Text that holds characters no keyboard types: NUL, controls, private or unpaired code points."""

    status = 422
    message = N_("Nội dung có ký tự không hợp lệ (ký tự điều khiển). Hãy xóa ký tự đó rồi gửi lại.")


_ALLOWED_CONTROLS = {"\n", "\t"}
_BAD_CATEGORIES = {"Cc", "Cs", "Cn", "Co"}
_BIDI = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_LETTER_RANK = {letter: f"{rank:02d}" for rank, letter in enumerate(_ALPHABET, start=36)}
_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}


def clean(text: str) -> str:
    """NFC text with Unix line ends and no outer blanks; raises `BadText` for characters to refuse."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    for char in text:
        if char in _BIDI or (char not in _ALLOWED_CONTROLS and unicodedata.category(char) in _BAD_CATEGORIES):
            raise BadText()
    return text.strip()


def fold(text: str) -> str:
    """Search key: lower case, no marks, đ as d, other signs as one blank ("Châu Văn Liêm" → "chau van liem").

    Where the tone mark sits ("Thuỷ", "Thủy") and which apostrophe is used make no difference.
    """
    marks_off = "".join(
        c for c in unicodedata.normalize("NFD", text.lower()) if unicodedata.category(c) != "Mn"
    )
    return re.sub(r"[^0-9a-z]+", " ", marks_off.replace("đ", "d")).strip()


def sort_key(text: str) -> str:
    """Key whose plain byte order is Vietnamese order: a ă â b … d đ …, then ngang huyền hỏi ngã sắc nặng.

    Letters weigh first over the whole text, tones second, so both databases sort it without a collation.
    Digits come before letters and runs of digits compare as numbers.
    """
    letters: list[str] = []
    tones: list[str] = []
    lowered = re.sub(r"\d+", lambda run: run.group().zfill(8), unicodedata.normalize("NFC", text.lower()))
    for char in lowered:
        base, tone = _split_tone(char)
        if base in _LETTER_RANK:
            letters.append(_LETTER_RANK[base])
            tones.append(tone)
        elif base.isdigit() and base.isascii():
            letters.append(f"1{base}")
            tones.append("0")
        elif letters and letters[-1] != "00":
            letters.append("00")
            tones.append("0")
    return "".join(letters) + "." + "".join(tones)


def _split_tone(char: str) -> tuple[str, str]:
    parts = unicodedata.normalize("NFD", char)
    tone = next((_TONES[mark] for mark in parts if mark in _TONES), "0")
    base = unicodedata.normalize("NFC", "".join(mark for mark in parts if mark not in _TONES))
    return base, tone
