"""What a finished PDF holds, read with another library than the one that made it."""

import unicodedata
from collections.abc import Iterator

import pypdfium2
import pypdfium2.raw as pdfium

_VOWELS = "aăâeêioôơuưy"
_TONES = ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")
_LOWER = {unicodedata.normalize("NFC", vowel + tone) for vowel in _VOWELS for tone in _TONES} | set(
    "bcdđghklmnpqrstvx"
)
VIETNAMESE = "".join(sorted(_LOWER | {letter.upper() for letter in _LOWER}))


def pages_of(pdf: bytes) -> list[str]:
    """The text of each page, line ends as one blank."""
    document = pypdfium2.PdfDocument(pdf)
    return [" ".join(page.get_textpage().get_text_range().split()) for page in document]


def text_of(pdf: bytes) -> str:
    """The text of the whole document."""
    return " ".join(pages_of(pdf))


def fonts_of(pdf: bytes) -> set[tuple[str, bool]]:
    """(family, embedded) of every font a letter is drawn with."""
    return {(font.get_family_name(), bool(font.is_embedded)) for font in _fonts(pdf)}


def _fonts(pdf: bytes) -> Iterator[pypdfium2.PdfFont]:
    for page in pypdfium2.PdfDocument(pdf):
        for letter in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT]):
            yield letter.get_font()


def places_of(pdf: bytes, words: str, page: int = 0) -> list[tuple[float, float, float, float]]:
    """(left, bottom, right, top) in millimetres of each time `words` stand on a page, line by line."""
    text = pypdfium2.PdfDocument(pdf)[page].get_textpage()
    found, search = [], text.search(words, match_case=True)
    while (hit := search.get_next()) is not None:
        boxes = [text.get_charbox(at) for at in range(hit[0], hit[0] + hit[1])]
        left, bottom, right, top = zip(*boxes, strict=True)
        found.append(
            tuple(round(side / 72 * 25.4, 1) for side in (min(left), min(bottom), max(right), max(top)))
        )
    return found
