"""Names of files as people gave them: made safe to show, to store and to offer again."""

import re
import unicodedata

MOST_LETTERS = 120
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)\Z", re.IGNORECASE)
_NOT_IN_NAMES = re.compile(r'[<>:"/\\|?*]+')


def ending_of(name: str) -> str:
    """The lower-case ending of a file name without its dot; "" when there is none."""
    stem, dot, ending = name.strip().rpartition(".")
    return ending.lower() if dot and stem else ""


def clean_stem(name: str) -> str:
    """The name without folder and ending, safe on every system, at most 120 letters; "" when nothing is left.

    Control, direction and unassigned characters go; so do signs that Windows refuses and names it reserves.
    """
    name = unicodedata.normalize("NFC", name.replace("\\", "/").rpartition("/")[2])
    stem = name.rpartition(".")[0] or name
    stem = "".join(c for c in stem if c.isspace() or unicodedata.category(c)[0] != "C")
    stem = " ".join(_NOT_IN_NAMES.sub(" ", stem).split())[:MOST_LETTERS].strip(" .")
    return f"tệp {stem}" if _RESERVED.match(stem.partition(".")[0].strip()) else stem
