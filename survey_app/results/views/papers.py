"""A result to take along: one page for the council to print, and a workbook of what the page shows."""

from flask import Response
from flask.typing import ResponseReturnValue

from survey_app.assessments.queries import Form, get_visible_form, own_scorecard
from survey_app.core import clock
from survey_app.core.access import acting, requires
from survey_app.core.vietnamese import fold
from survey_app.results import queries
from survey_app.results.before import beside_previous
from survey_app.results.blueprint import bp
from survey_app.results.book import book_of
from survey_app.results.content import read_scorecard
from survey_app.results.pdf import report_pdf
from survey_app.results.report import build_report
from survey_app.results.views.school import blocks_shown, result_shown
from survey_app.results.workbook import result_book
from survey_app.rules.errors import NotFound

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/forms/<uid>/report.pdf")
@requires("results.read")
def report(uid: str) -> ResponseReturnValue:
    """The published result on one page, to print in black and white."""
    form = get_visible_form(acting(), uid)
    result = queries.current_result(form.assessment.id)
    if result is None:
        raise NotFound()
    before = beside_previous(form.framework, result, queries.previous_result(form.assessment.id))
    peers, way = queries.peers_of(form, form.framework, result), queries.way_of(form, result)
    body = report_pdf(build_report(form, result, before, peers, way, now=clock.now()))
    return _file(body, "application/pdf", form, "pdf")


@bp.get("/forms/<uid>/result.xlsx")
@requires("results.read")
def workbook(uid: str) -> ResponseReturnValue:
    """What the page of the form shows, as a workbook: for the same people, from the same scorecards."""
    form, now = get_visible_form(acting(), uid), clock.now()
    result, framework = result_shown(form), form.framework
    own = read_scorecard(framework, result.own) if result else own_scorecard(form)
    card = read_scorecard(framework, result.content) if result else None
    book = book_of(form, result, own, card, blocks_shown(form, result, own, card), now=now)
    return _file(result_book(book, now=now), XLSX, form, "xlsx")


def _file(body: bytes, kind: str, form: Form, ending: str) -> Response:
    """Under a name without marks and blanks, which every system can save."""
    school = "-".join(fold(form.participation.unit_name).split())[:60]
    name = f"KetQua_{school}_{form.round.school_year}.{ending}"
    return Response(body, mimetype=kind, headers={"Content-Disposition": f"attachment; filename={name}"})
