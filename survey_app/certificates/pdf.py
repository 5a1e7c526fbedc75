"""Frozen content → the bytes of a certificate, by one of the designs that lie here as files.

A design is a folder `designs/<name>` with certificate.html (Jinja), certificate.css and corner.svg. It is
given the frozen content and the few words derived from it below, nothing else: no row, no clock, no setting.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from textwrap import wrap
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from survey_app.certificates.numbering import spaced_code
from survey_app.core.filters import write_date, write_school_year
from survey_app.documents.letterhead import write_long_date, write_place_and_date
from survey_app.documents.pdf import render_pdf
from survey_app.documents.qr import qr_svg
from survey_app.rules.canonical import canonical_json, sha256_of

DESIGNS = Path(__file__).parent / "designs"
NO_BREAK = "\u00a0"
TRIAL, PREVIEW = "BẢN THỬ NGHIỆM", "BẢN XEM TRƯỚC"
_one_at_a_time = Lock()  # PDFium is not made for two threads

# Up to how many letters of a name a size is taken, its class in the style sheet, how many fit one line of it.
NAME_SIZES = ((42, "name", 42), (56, "name long", 56), (132, "name longer", 68), (170, "name longest", 86))
TINY = ("name tiny", 98)
TOGETHER = ("Trung học cơ sở", "Trung học phổ thông", "Giáo dục thường xuyên", "Tiểu học", "Mầm non")


def draw_certificate(content: Mapping[str, Any], *, mark: str = "") -> bytes:
    """The PDF of a frozen content (see `content.freeze`): one A4 page, landscape; equal content, equal bytes.

    `mark` stands pale behind the text; a trial says so by itself. Signature and seal are never drawn. The
    digest of the content is in the file's keywords. Raises `documents.pdf.PdfMissing`, KeyError for content
    without a fact the design needs. Takes about 70 ms of one core.
    """
    template, stylesheet, corner = _design(str(content["design"]))
    html = template.render(**_words(content, mark))
    assets = {"corner.svg": corner, "qr.svg": qr_svg(content["url"], quiet=0)}
    title = f"Giấy chứng nhận {content['number']}"
    return render_pdf(html, stylesheets=[stylesheet], assets=assets, title=title)


def _words(content: Mapping[str, Any], mark: str) -> dict[str, Any]:
    decision = content["decision"]
    day, until = date.fromisoformat(content["issued_on"]), date.fromisoformat(content["valid_until"])
    return {
        "content": content,
        "mark": mark or (TRIAL if content["trial"] else ""),
        "name_class": name_lines(content["unit"]["name"])[0],
        "name_lines": name_lines(content["unit"]["name"])[1],
        "place": ", ".join(filter(None, (content["unit"]["ward"], content["unit"]["province"]))),
        "grade": grade_words(content["level"]["vi"]),
        "school_year": write_school_year(content["school_year"]),
        "decision_date": write_long_date(date.fromisoformat(decision["date"])) if decision["date"] else "",
        "dated": write_place_and_date(content["issuer"]["place"], day),
        "valid_until": write_date(until),
        "signer_lines": [line.strip().upper() for line in content["signer"]["title"].split("/")],
        "domain": urlsplit(content["url"]).netloc,
        "spaced_code": spaced_code(content["code"]),
        "digest": sha256_of(canonical_json(content)),
    }


def name_lines(name: str) -> tuple[str, list[str]]:
    """The class and the lines of a school's name: long names are set smaller, on lines about equally long."""
    for phrase in TOGETHER:  # a stage is not torn apart
        name = name.replace(phrase, phrase.replace(" ", NO_BREAK))
    css, fits = next(((css, fits) for most, css, fits in NAME_SIZES if len(name) <= most), TINY)
    lines = wrap(name, fits)
    width = next(
        width for width in range(len(name) // len(lines), fits + 1) if len(wrap(name, width)) <= len(lines)
    )
    return css, wrap(name, width)


def grade_words(level: str) -> str:
    """What follows the title on a certificate: "Đạt, xếp loại Tốt" → "xếp loại Tốt"; "Đạt" adds nothing."""
    return level.removeprefix("Đạt").lstrip(", ")


@lru_cache(maxsize=8)
def _design(name: str) -> tuple[Template, str, bytes]:
    folder = DESIGNS / name
    if folder.parent != DESIGNS or not folder.is_dir():
        raise LookupError(f"no certificate design {name!r}")
    environment = Environment(
        loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return (
        environment.get_template("certificate.html"),
        (folder / "certificate.css").read_text("utf-8"),
        (folder / "corner.svg").read_bytes(),
    )


def merge_papers(papers: Iterable[bytes]) -> bytes:
    """One PDF with the pages of several, in order, for the printer. Memory: about twice the result."""
    import pypdfium2

    buffer = BytesIO()
    with _one_at_a_time:
        whole = pypdfium2.PdfDocument.new()
        for paper in papers:
            part = pypdfium2.PdfDocument(paper)
            whole.import_pages(part)
            part.close()
        whole.save(buffer)
        whole.close()
    return buffer.getvalue()
