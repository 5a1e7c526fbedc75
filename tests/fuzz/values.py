"""What is typed into a field: one maker per class of rubbish, each drawing from the given `Random`."""

import unicodedata
from collections.abc import Callable, Sequence
from random import Random

MARK = "fuzzmark"
# Each value of a field; () leaves the field out, two values send it twice.
Values = tuple[str, ...]
Maker = Callable[[Random, str], Values]

MARKUP = (
    f"<{MARK}>",
    f'"><{MARK} onfuzz=1>',
    "'\"` onfuzz=1 x='",
    f"</textarea></title></script><{MARK}>",
    f"<script>{MARK}</script>",
    f"<img src=x onfuzz={MARK}>",
    f"javascript:{MARK}",
    f"https://example.test/\"onfuzz='1'<{MARK}>",
    f"{{{{ '<{MARK}>' | safe }}}}",
    f"&lt;{MARK}&gt;<{MARK}/>",
)
FORMULAS = (
    f"={MARK}()",
    f"+{MARK}",
    f"-1+{MARK}",
    f"@{MARK}",
    f"\t={MARK}()",
    f'=HYPERLINK("{MARK}")',
    f"＝{MARK}()",
)
NUMBERS = (
    *("-1", "0", "1", "2", "3", "2147483647", "2147483648", "-2147483649", "9223372036854775807"),
    *("9223372036854775808", "1e400", "NaN", "inf", "-0", "1.5", "1,5", "١٢", "１２", "²", "0x10", "1_000"),
    "9" * 400,
    "9" * 5000,
)
DATES = (
    *(
        "31/02/2027",
        "00/00/0000",
        "29/02/2027",
        "1/1/1",
        "31/12/9999",
        "01/01/1900",
        "2027-05-20",
        "20/05/2027",
    ),
    *("20/05/27", "99:99", "25g00", "23:60", "17:00", "0001-01-01T00:00", "9999-12-31T23:59", "١/٢/٢٠٢٧"),
)
IDS = (
    "0" * 32,
    "f" * 32,
    "g" * 32,
    "A" * 26,
    "../0",
    "1",
    "-1",
    "%00",
    "null",
    "undefined",
    "0" * 64,
    "🏫" * 32,
)
CONTROLS = (
    "\x00",
    "a\x00b",
    "\x1b[31m",
    "a\x7f",
    "\x01\x02",
    "a\u0085b",
    "a\x0bb",
    "\ufffe",
    "\ue000",
    "\ufeff",
)
HIDDEN = ("\u202etxt", "\u200b", "a\u200db", "\u2066a\u2069", "\u00ad", "مرحبا", "\u3164", "\u2028a")
SQL = (
    "' OR 1=1 --",
    "%",
    "_",
    "%%%",
    '"; DROP TABLE user; --',
    "\\",
    "'; SELECT pg_sleep(0)--",
    "a'b\"c",
    ":x %(y)s ?",
)
PATHS = (
    "../../etc/passwd",
    "..\\..\\x",
    "/etc/passwd",
    "file:///etc/passwd",
    "C:\\x",
    "a/../../b",
    "%2e%2e%2f",
)
LINES = ("a\r\nSet-Cookie: x=1", "\r\n\r\n<b>", "a\nb\nc", "\r", "a\r\nBcc: x@example.test")
EMOJI = ("🏫", "👩‍👩‍👧‍👦", "🏳️‍🌈", "🇻🇳", "é" * 3 + "🏫", "🏫" * 300)
WORDS = (
    "Trường Mầm non Hoa Sen",
    "https://example.test/a",
    "a@example.test",
    "0939000111",
    "xác nhận",
    "yes",
    "on",
)


def _one_of(choices: Sequence[str]) -> Maker:
    return lambda random, _before: (random.choice(choices),)


def _long(size: int) -> Maker:
    return lambda random, _before: (random.choice(("a", "ệ", "a ", "9", "<", "🏫", "a\n", "/"))[:2] * size,)


def _decomposed(_random: Random, before: str) -> Values:
    return (unicodedata.normalize("NFD", before or "Trường Thuỷ Lợi ệ"),)


def _twice(random: Random, before: str) -> Values:
    return (before, random.choice((before, "", "1", "khác")))


CLASSES: dict[str, Maker] = {
    "empty": lambda _random, _before: ("",),
    "blank": _one_of((" ", "\t", "\n\n", "\u00a0", "\u3000")),
    "missing": lambda _random, _before: (),
    "twice": _twice,
    "long 10,000": _long(10_000),
    "long 100,000": _long(100_000),
    "control": _one_of(CONTROLS),
    "NFD": _decomposed,
    "hidden and right-to-left": _one_of(HIDDEN),
    "emoji": _one_of(EMOJI),
    "markup": _one_of(MARKUP),
    "SQL": _one_of(SQL),
    "path": _one_of(PATHS),
    "line ends": _one_of(LINES),
    "formula": _one_of(FORMULAS),
    "number": _one_of(NUMBERS),
    "date": _one_of(DATES),
    "id": _one_of(IDS),
    "plausible": _one_of(WORDS),
    "many": lambda random, before: (before or "1",) * random.choice((3, 50, 600)),
}
# Drawn as often as all others together where text is stored, so that what is stored is worth a look.
FILES: tuple[tuple[str, bytes], ...] = (
    ("trong.pdf", b""),
    ("a.jpg", b"\xff\xd8\xff\xe0" + b"\x00" * 50),
    ("a.pdf", b"%PDF-1.7\n" + b"x" * 200),
    ("a.xlsx", b"PK\x03\x04" + b"\x00" * 40),
    ("a.csv", "mã,tên\n=cmd(),<b>\n\x00,\n".encode()),
    ("a.csv", b"\xff\xfe\x00\xd8" * 20),
    ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='x'/>"),
    ("a.exe", b"MZ" + b"\x00" * 60),
    ("../../a.png", b"\x89PNG\r\n\x1a\n" + b"\x00" * 30),
    ("a\x00b.png", b"GIF89a"),
    ("🏫" * 200 + ".docx", b"PK\x05\x06" + b"\x00" * 18),
    ("", b"x"),
)
