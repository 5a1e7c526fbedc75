"""Letters to cut out, four on an A4 page: unit, login, code, and a QR code that opens the page to use it."""

from collections.abc import Sequence
from pathlib import Path

from survey_app.accounts.handouts import Handout, Occasion
from survey_app.documents.paper import fill
from survey_app.documents.pdf import render_pdf
from survey_app.documents.qr import qr_svg

CSS = (Path(__file__).parent / "letters.css").read_text("utf-8")


def letters_pdf(handouts: Sequence[Handout], occasion: Occasion) -> bytes:
    """One letter for each handout. Raises `documents.pdf.PdfMissing` where PDF cannot be made.

    The QR code holds the code behind "#": browsers do not send that part, so no server keeps it.
    """
    assets = {
        f"qr-{place}.svg": qr_svg(f"{occasion.address}#{one.code}", quiet=1)
        for place, one in enumerate(handouts)
    }
    html = fill("accounts/letters.html", {"handouts": handouts, "occasion": occasion})
    return render_pdf(html, stylesheets=[CSS], assets=assets, title="Phiếu cấp tài khoản")
