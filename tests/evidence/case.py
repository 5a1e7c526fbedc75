"""One odd or hostile file, and what must be said of it."""

from collections.abc import Callable
from typing import NamedTuple

BROKEN_PICTURE = "Không đọc được ảnh"
BROKEN_PDF = "Không đọc được tệp PDF"
BROKEN_OFFICE = "Không đọc được tệp. Hãy mở bằng Word"
MISMATCH = "không đúng với đuôi"
KINDS = "Tệp phải là JPG, PNG, WebP, HEIC, PDF, DOCX hoặc XLSX"
PIXELS = "quá nhiều điểm ảnh"
HEAVY = "quá nặng"
MACROS = "có macro"
HTML = b"<!doctype html><script>alert(1)</script>"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"
EXE = b"MZ\x90\x00" + b"\0" * 200
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


class Case(NamedTuple):
    """One file and what must be said of it."""

    label: str
    name: str
    make: Callable[[], bytes]
    sentence: str | None = None


def same(content: bytes) -> Callable[[], bytes]:
    """What makes these bytes."""
    return lambda: content
