"""The one file somebody gets: a workbook, a PDF, or both with a PDF for each ward."""

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import asdict

from survey_app.core.vietnamese import fold
from survey_app.invitations.handouts import Handout, Occasion, WardLetters, by_ward
from survey_app.invitations.pdf import joined, letters_pdf
from survey_app.invitations.workbook import codes_book

XLSX, PDF, BOTH = "xlsx", "pdf", "zip"
MIMES = {
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    PDF: "application/pdf",
    BOTH: "application/zip",
}
BOOK = "danh-sach-ma-kich-hoat.xlsx"


def pack(form: str, handouts: Sequence[Handout], occasion: Occasion) -> bytes:
    """The file of these handouts, in the order given, which is by ward."""
    wards = by_ward(handouts)
    if form == XLSX:
        return codes_book(handouts, occasion)
    if form == PDF:
        return letters_pdf(wards, occasion)
    papers = {ward.ward: letters_pdf([ward], occasion) for ward in wards}
    return _zip(papers, codes_book(handouts, occasion))


def put_part(form: str, ward: WardLetters, occasion: Occasion) -> bytes:
    """One ward of a long batch: its handouts and, unless only the workbook is wanted, its letters."""
    paper = b"" if form == XLSX else letters_pdf([ward], occasion)
    head = json.dumps([asdict(one) for one in ward.handouts], ensure_ascii=False).encode()
    return len(head).to_bytes(4) + head + paper


def join_parts(form: str, parts: Sequence[bytes], occasion: Occasion) -> bytes:
    """The whole file of what `put_part` made."""
    handouts: list[Handout] = []
    papers: dict[str, bytes] = {}
    for part in parts:
        end = 4 + int.from_bytes(part[:4])
        found = [Handout(**one) for one in json.loads(part[4:end])]
        handouts += found
        papers[found[0].ward] = part[end:]
    if form == XLSX:
        return codes_book(handouts, occasion)
    if form == PDF:
        return joined(list(papers.values()))
    return _zip(papers, codes_book(handouts, occasion))


def _zip(papers: dict[str, bytes], book: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(BOOK, book)
        for number, (ward, paper) in enumerate(papers.items(), 1):
            archive.writestr(f"{number:03d}-{fold(ward).replace(' ', '-') or 'khac'}.pdf", paper)
    return packed.getvalue()
