"""Papers of a form to download: the form to sign, an empty copy to hand round, the receipt."""

import unicodedata

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from survey_app.accounts import queries as people
from survey_app.assessments import cards, queries
from survey_app.assessments.blueprint import bp
from survey_app.assessments.composing import Signing, blank_paper, filled_paper, receipt_paper
from survey_app.assessments.pdf import form_pdf, receipt_pdf
from survey_app.assessments.queries import Form
from survey_app.assessments.word_papers import blank_docx, form_docx
from survey_app.core import clock
from survey_app.core.access import acting, requires
from survey_app.rules.workflow import EDITABLE, State

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
LONGEST_NAME = 120


@bp.get("/<uid>/paper.pdf")
@requires("assessments.read")
def paper_pdf(uid: str) -> ResponseReturnValue:
    """The form with its answers, to be printed and signed."""
    form = queries.get_visible_form(acting(), uid)
    paper = filled_paper(form, _sources(form), _signing(form), now=clock.now())
    return attachment(form_pdf(paper), PDF, form, "PhieuTuDanhGia", "pdf")


@bp.get("/<uid>/paper.docx")
@requires("assessments.read")
def paper_docx(uid: str) -> ResponseReturnValue:
    """The same for Word."""
    form = queries.get_visible_form(acting(), uid)
    paper = filled_paper(form, _sources(form), _signing(form), now=clock.now())
    return attachment(form_docx(paper), DOCX, form, "PhieuTuDanhGia", "docx")


@bp.get("/<uid>/blank.pdf")
@requires("assessments.read")
def blank_paper_pdf(uid: str) -> ResponseReturnValue:
    """An empty copy with what applies to this unit, to hand round."""
    form = queries.get_visible_form(acting(), uid)
    return attachment(form_pdf(blank_paper(form, now=clock.now())), PDF, form, "PhieuMauTrong", "pdf")


@bp.get("/<uid>/blank.docx")
@requires("assessments.read")
def blank_paper_docx(uid: str) -> ResponseReturnValue:
    """The same for Word."""
    form = queries.get_visible_form(acting(), uid)
    return attachment(blank_docx(blank_paper(form, now=clock.now())), DOCX, form, "PhieuMauTrong", "docx")


@bp.get("/<uid>/receipt.pdf")
@requires("assessments.read")
def receipt_paper_pdf(uid: str) -> ResponseReturnValue:
    """The receipt on paper; a draft taken back has none."""
    form = queries.get_visible_form(acting(), uid)
    row = form.assessment
    if row.submitted_at is None or row.state == State.DRAFT:
        return redirect(url_for(".show", uid=uid))
    names = people.names_of(filter(None, [row.submitted_by_id]))
    found = people.contact_of(form.participation.reviewing_unit)
    contact = {"name": found.name, "phone": found.phone}
    paper = receipt_paper(form, by=names.get(row.submitted_by_id or 0, ""), contact=contact)
    return attachment(receipt_pdf(paper), PDF, form, "BienNhan", "pdf")


def _sources(form: Form) -> cards.Sources:
    return cards.Sources(queries.answers_of(form.assessment.id), queries.evidence_of(form.assessment.id))


def _signing(form: Form) -> Signing:
    """Who signs: as the page says while the form may be changed, afterwards as it was handed in."""
    row = form.assessment
    own = acting().unit_id == form.participation.unit_id
    if own and row.state in EDITABLE:
        typed = " ".join(request.args.get("signatory", "").split())
        name = "".join(letter for letter in typed if letter.isprintable())[:LONGEST_NAME]
        return Signing(name, bool(request.args.get("deputy")))
    return Signing(row.signatory, row.signed_by_deputy)


def attachment(content: bytes, kind: str, form: Form, name: str, ending: str) -> Response:
    code = unicodedata.normalize("NFKD", form.participation.unit_code).encode("ascii", "ignore").decode()
    safe = "".join(letter for letter in code if letter.isalnum()) or "DonVi"
    file_name = f"{name}_{safe}_{form.round.school_year}.{ending}"
    headers = {"Content-Disposition": f"attachment; filename={file_name}"}
    return Response(content, mimetype=kind, headers=headers)
