"""The papers of a form as PDF, in the official form of `documents/paper.css`."""

from pathlib import Path

from survey_app.assessments.papers import FormPaper, ReceiptPaper
from survey_app.documents.paper import render_paper

CSS = (Path(__file__).parent / "papers.css").read_text("utf-8")


def form_pdf(paper: FormPaper) -> bytes:
    """The form to sign or to hand round; some 25 ms a page. Raises `documents.pdf.PdfMissing`."""
    return render_paper("assessments/paper_form.html", {"form": paper}, title=paper.title, stylesheets=[CSS])


def receipt_pdf(paper: ReceiptPaper) -> bytes:
    """The receipt, one page. Raises `documents.pdf.PdfMissing`."""
    values = {"receipt": paper}
    return render_paper("assessments/paper_receipt.html", values, title="Biên nhận", stylesheets=[CSS])
