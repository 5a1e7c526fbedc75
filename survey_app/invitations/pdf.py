"""Letters to cut out, four on an A4 page, by ward, each ward under a sheet on which the schools sign.

A letter holds unit, login, code, and a QR code that opens the page to use it; the sheet holds no code.
"""

import io
from collections.abc import Sequence
from pathlib import Path

from survey_app.documents.paper import fill
from survey_app.documents.pdf import render_pdf
from survey_app.documents.qr import qr_svg
from survey_app.invitations.handouts import Occasion, WardLetters

CSS = (Path(__file__).parent / "letters.css").read_text("utf-8")
TITLE = "Phiếu cấp tài khoản"


def letters_pdf(wards: Sequence[WardLetters], occasion: Occasion) -> bytes:
    """For each ward its sheet, then one letter for each handout.

    The QR code holds the code behind "#": browsers do not send that part, so no server keeps it. Some 30 ms
    and 0.3 MB a letter. Raises `documents.pdf.PdfMissing` where PDF cannot be made.
    """
    assets = {
        f"qr-{number}-{place}.svg": qr_svg(f"{occasion.address}#{one.code}", quiet=1)
        for number, ward in enumerate(wards)
        for place, one in enumerate(ward.handouts)
    }
    html = fill("invitations/letters.html", {"wards": wards, "occasion": occasion})
    return render_pdf(html, stylesheets=[CSS], assets=assets, title=TITLE)


def joined(papers: Sequence[bytes]) -> bytes:
    """Several of these PDFs as one, in order."""
    import pikepdf

    whole, target = pikepdf.Pdf.new(), io.BytesIO()
    for paper in papers:
        with pikepdf.Pdf.open(io.BytesIO(paper)) as part:
            whole.pages.extend(part.pages)
    with whole.open_metadata(set_pikepdf_as_editor=False) as metadata:
        metadata["dc:title"] = TITLE
        metadata["dc:language"] = {"vi"}
    whole.save(target, deterministic_id=True)
    return target.getvalue()
