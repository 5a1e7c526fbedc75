"""Stopping a slip of habit: a pupil's name or number typed where only a place or a document belongs."""

import re
from itertools import pairwise

_CALLED = {"em", "cháu", "bé", "hs"}
_CALLED_BY_TWO = {("học", "sinh"), ("học", "viên")}
_NOT_A_NAME = {"trường", "thcs", "thpt", "th", "mầm", "mẫu", "tiểu", "trung", "lớp", "khối"}
_NUMBER_OR_BIRTH = re.compile(r"\d{9,}|\bsinh (?:ngày|năm)\b", re.IGNORECASE)


def names_person(text: str) -> bool:
    """True for the obvious: "em Nguyễn Văn A", "học sinh Trần Mẫu", a citizen or phone number, a birth date.

    It does not look for names as such; the form says in words that none belong there.
    """
    if _NUMBER_OR_BIRTH.search(text):
        return True
    words = re.findall(r"\w+", text)
    for before, (first, second) in enumerate(pairwise(words[1:])):
        called = words[before].lower() in _CALLED or (
            before > 0 and (words[before - 1].lower(), words[before].lower()) in _CALLED_BY_TWO
        )
        if called and first[0].isupper() and second[0].isupper() and first.lower() not in _NOT_A_NAME:
            return True
    return False
