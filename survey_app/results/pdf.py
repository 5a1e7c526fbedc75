"""The one-page report of a result, for the school's council: black on white, no grey that matters."""

from pathlib import Path

from survey_app.documents.paper import render_paper
from survey_app.results.report import DRAFT_MARK, Report

CSS = (Path(__file__).parent / "report.css").read_text("utf-8")
MOST_UNMET, MOST_RAISES = 12, 8


def report_pdf(report: Report) -> bytes:
    """One A4 page. Raises what `documents.pdf.render_pdf` raises; equal reports give equal bytes."""
    facts = report.result.content["facts"]
    values = {
        "report": report,
        "facts": facts,
        "mark": DRAFT_MARK if report.draft else "",
        "most_unmet": MOST_UNMET,
        "most_raises": MOST_RAISES,
    }
    return render_paper(
        "results/report.html", values, title=f"Kết quả: {facts['unit']['name']}", stylesheets=[CSS]
    )
