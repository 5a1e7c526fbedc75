"""Revoking a certificate, and issuing another in its place."""

from flask import current_app, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from survey_app.certificates import queries, service
from survey_app.certificates.forms import DecisionForm, RevokeForm
from survey_app.certificates.service import Revocation
from survey_app.certificates.views.blueprint import bp, complain, decision_from, form_page, today
from survey_app.core import clock
from survey_app.core.access import acting, requires
from survey_app.rounds.service import BadField


@bp.route("/certificates/<uid>/revoke", methods=["GET", "POST"])
@requires("certificates.issue")
def revoke(uid: str) -> ResponseReturnValue:
    """Revoke a certificate under a Decision."""
    certificate = queries.get_visible_certificate(acting(), uid)
    form = RevokeForm()
    if form.validate_on_submit():
        revocation = Revocation(form.reason.data, form.decision_number.data, form.decision_date.data)
        try:
            service.revoke(certificate, revocation, actor=acting(), now=clock.now())
        except BadField as error:
            complain(form, error)
        else:
            flash(gettext("Đã thu hồi. Trang tra cứu đã báo “Đã thu hồi”."))
            return redirect(url_for(".show", uid=uid))
    return form_page("certificates/revoke.html", form, entry=queries.entry_of(certificate, today()))


@bp.route("/certificates/<uid>/reissue", methods=["GET", "POST"])
@requires("certificates.issue")
def reissue(uid: str) -> ResponseReturnValue:
    """Issue another certificate in this one's place."""
    certificate = queries.get_visible_certificate(acting(), uid)
    batch = certificate.batch
    form = DecisionForm(data={"signer_title": batch.signer_title, "signer_name": batch.signer_name})
    if form.validate_on_submit():
        try:
            made = service.reissue(
                certificate,
                decision_from(form),
                base_url=current_app.config["BASE_URL"],
                actor=acting(),
                now=clock.now(),
            )
        except BadField as error:
            complain(form, error)
        except queries.NoIssuer as error:
            form.decision_date.errors = [gettext(error.message)]
        else:
            flash(gettext("Đã cấp lại: số mới là %(number)s.", number=made.printed_number))
            return redirect(url_for(".show", uid=made.uid))
    return form_page(
        "certificates/reissue.html",
        form,
        entry=queries.entry_of(certificate, today()),
        called_today=queries.called_today(certificate.unit_id),
    )
