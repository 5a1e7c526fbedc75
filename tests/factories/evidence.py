"""Files for tests, made on the spot: photographs, PDFs, Word and Excel files, and rows of a store."""

import io
import itertools
import zipfile
from datetime import UTC, datetime
from typing import Any

from PIL import Image

from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.core.vietnamese import fold
from survey_app.evidence import service
from survey_app.evidence.details import Details
from survey_app.evidence.intake import Intake
from survey_app.evidence.kinds import IMAGE, JPEG_TYPE, PDF
from survey_app.evidence.models import EvidenceFile

_numbers = itertools.count(1)
ADDED = datetime(2027, 5, 10, 3, tzinfo=UTC)
ORIENTATION, MAKE, EXIF_IFD, TAKEN, GPS_IFD = 0x0112, 0x010F, 0x8769, 36867, 0x8825


def draw_picture(size: tuple[int, int] = (64, 48), mode: str = "RGB") -> Image.Image:
    """A small picture: its left half dark, its right half light."""
    picture = Image.new("L", size, 230)
    picture.paste(30, (0, 0, size[0] // 2, size[1]))
    return picture.convert(mode)


def make_picture(
    format: str = "JPEG", size: tuple[int, int] = (64, 48), mode: str = "RGB", **options: Any
) -> bytes:
    """The bytes of a picture; `format` as Pillow names it, HEIF among them."""
    if format == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener()
    target = io.BytesIO()
    draw_picture(size, mode).save(target, format, **options)
    return target.getvalue()


def make_photo(
    size: tuple[int, int] = (64, 48), taken: str = "2027:05:03 09:15:00", orientation: int = 1
) -> bytes:
    """A photograph as a telephone writes it: with maker, place and time."""
    exif = Image.Exif()
    exif[MAKE], exif[ORIENTATION] = "MayAnhBiMat", orientation
    exif.get_ifd(EXIF_IFD)[TAKEN] = taken
    exif.get_ifd(GPS_IFD).update({1: "N", 2: (10.0, 2.0, 3.5), 3: "E", 29: "2027:05:03"})
    return make_picture("JPEG", size, exif=exif, comment=b"MayAnhBiMat")


def make_pdf(
    pages: int = 1,
    *,
    catalog: bytes = b"",
    page: bytes = b"",
    info: bytes = b"",
    more: tuple[bytes, ...] = (),
) -> bytes:
    """A PDF whose pages say "Trang"; the pieces go into its dictionaries, `more` are objects 5 + pages …"""
    content = b"BT /F1 24 Tf 50 700 Td (Trang) Tj ET"
    kids = b" ".join(b"%d 0 R" % (5 + n) for n in range(pages))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R" + catalog + b">>",
        b"<</Type/Pages/Kids[" + kids + b"]/Count %d>>" % pages,
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    objects += [
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 3 0 R/Resources<</Font<</F1 4 0 R>>>>"
        + page
        + b">>"
    ] * pages
    objects += more
    if info:
        objects.append(b"<<" + info + b">>")
    return _write_pdf(objects, with_info=bool(info))


def _write_pdf(objects: list[bytes], with_info: bool) -> bytes:
    out, offsets = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    info = b"/Info %d 0 R" % len(objects) if with_info else b""
    size = len(objects) + 1
    return (
        out
        + b"xref\n0 %d\n0000000000 65535 f \n" % size
        + table
        + (b"trailer<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (size, info, len(out)))
    )


DOCX_PARTS = {
    "[Content_Types].xml": '<Types><Override PartName="/word/document.xml" ContentType="…main+xml"/></Types>',
    "_rels/.rels": "<Relationships/>",
    "word/document.xml": "<w:document><w:t>Kế hoạch năm học</w:t></w:document>",
}
XLSX_PARTS = {
    "[Content_Types].xml": "<Types/>",
    "xl/workbook.xml": "<workbook/>",
    "xl/worksheets/sheet1.xml": "<worksheet/>",
}


def make_office(parts: dict[str, str | bytes] | None = None, **more: str | bytes) -> bytes:
    """A .docx (or what `parts` make of it); `more` are added under their names."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**(parts or DOCX_PARTS), **more}.items():
            archive.writestr(name, content)
    return target.getvalue()


def make_intake(**values: Any) -> Intake:
    """A photograph taken in already, without opening anything; no two have the same bytes."""
    number = next(_numbers)
    start: dict[str, Any] = {
        "kind": IMAGE,
        "file_name": f"Anh {number}.jpg",
        "media_type": JPEG_TYPE,
        "content": b"\xff\xd8 picture %d" % number,
        "source_sha256": f"{number:064x}",
        "thumb": b"\xff\xd8 thumb %d" % number,
    }
    return Intake(**(start | values))


def make_file(actor: Actor, title: str = "", *, now: datetime = ADDED, **values: Any) -> EvidenceFile:
    """A photograph in the store of the actor's school, its bytes on disk. `values` overwrite columns."""
    title = title or f"Ảnh bình chữa cháy {next(_numbers)}"
    kept = service.keep(make_intake())
    file = service.add_file(actor.unit_id, kept, Details(title), actor=actor, now=now)
    for name, value in values.items():
        setattr(file, name, value)
    file.search_text = fold(title)
    session.flush()
    return file


def make_pdf_file(actor: Actor, pages: int = 2, **values: Any) -> EvidenceFile:
    """A PDF in the store of the actor's school."""
    intake = make_intake(
        kind=PDF,
        file_name="Kế hoạch.pdf",
        media_type="application/pdf",
        pages=tuple(b"\xff\xd8 page %d" % number for number in range(pages)),
        **values,
    )
    return service.add_file(
        actor.unit_id, service.keep(intake), Details("Kế hoạch năm học"), actor=actor, now=ADDED
    )
