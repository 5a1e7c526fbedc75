"""Who issues: the versions there are, and a new one."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from survey_app.certificates import queries, service
from survey_app.certificates.forms import IssuerForm
from survey_app.certificates.numbering import BadPattern, read_pattern, show_pattern, write_number
from survey_app.certificates.service import IssuerFacts, NotLater
from survey_app.certificates.views.blueprint import bp, form_page, today
from survey_app.core import clock
from survey_app.core.access import acting, requires
from survey_app.organisations.stages import STAGE_NAMES

FIELDS = ("superior", "agency", "heading", "place", "signer_title", "signer_name", "number_pattern")


@bp.get("/certificates/issuers")
@requires("certificates.issue")
def issuers() -> ResponseReturnValue:
    """Every version of who issues, in which words and under which law."""
    return render_template(
        "certificates/issuers.html",
        issuers=queries.issuers_of(acting().department_id),
        stages=STAGE_NAMES,
        today=today(),
        write_number=write_number,
    )


@bp.route("/certificates/issuers/new", methods=["GET", "POST"])
@requires("certificates.issue")
def new_issuer() -> ResponseReturnValue:
    """Add a version, beginning with the words of the last one."""
    known = queries.issuers_of(acting().department_id)
    start = {name: getattr(known[0], name) for name in (*FIELDS, "legal_basis")} if known else {}
    if known:
        start["number_pattern"] = show_pattern(known[0].number_pattern)
    form = IssuerForm(data=start)
    if form.validate_on_submit():
        words = {name: form[name].data or "" for name in (*FIELDS, "legal_basis", "stage")}
        words["number_pattern"] = read_pattern(words["number_pattern"])
        facts = IssuerFacts(**words, valid_from=form.valid_from.data)
        try:
            service.add_issuer(acting().department_id, facts, actor=acting(), now=clock.now())
        except BadPattern as error:
            form.number_pattern.errors = [gettext(error.message)]
        except NotLater as error:
            form.valid_from.errors = [gettext(error.message) % error.params]
        else:
            flash(gettext("Đã lưu. Giấy đã cấp trước đó không thay đổi."))
            return redirect(url_for(".issuers"))
    return form_page("certificates/issuer_form.html", form)
