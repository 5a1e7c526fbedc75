"""Pages of facts that exclude a level: shown to who may read them, recorded and withdrawn."""

from dataclasses import dataclass

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext

from survey_app.core import clock
from survey_app.core.access import Actor, acting, requires
from survey_app.core.filters import say
from survey_app.frameworks.queries import get_framework
from survey_app.rounds import queries, service
from survey_app.rounds.forms import VetoForm, WithdrawForm, whole_number
from survey_app.rounds.models import Participation, VetoEvent
from survey_app.rounds.service import BadField, VetoFacts
from survey_app.rounds.views.blueprint import bp, complain, form_page, get_decided_by
from survey_app.rules.permissions import SCHOOL


@dataclass(frozen=True)
class VetoRow:
    """A recorded fact with the sentence of its kind, in the page's language."""

    event: VetoEvent
    sentence: str


def veto_rows(participation: Participation, actor: Actor) -> list[VetoRow]:
    """The facts recorded of a unit; the school itself is shown those in force only."""
    return [
        VetoRow(event, sentence_of(event))
        for event in queries.list_vetoes(participation.id)
        if event.withdrawn_at is None or actor.role not in SCHOOL
    ]


def sentence_of(event: VetoEvent) -> str:
    """What kind of fact it is, in the words of the set; its code when the set has no such kind."""
    kinds = {kind.code: kind for kind in get_framework(event.framework_version_id).veto_kinds}
    return say(kinds[event.code].sentence) if event.code in kinds else event.code


@bp.route("/participations/<uid>/vetoes/new", methods=["GET", "POST"])
@requires("vetoes.record")
def record_veto(uid: str) -> ResponseReturnValue:
    """Record a concluded fact against a unit."""
    actor = acting()
    part = get_decided_by(actor, uid)
    form = VetoForm()
    sets = [(used.version_id, get_framework(used.version_id)) for used in queries.sets_of(part)]
    form.offer_kinds(sets, str(get_locale()))
    if form.validate_on_submit():
        try:
            service.record_veto(part, _facts_from(form), actor=actor, now=clock.now())
        except BadField as error:
            complain(form, error)
        else:
            flash(gettext("Đã ghi nhận. Đơn vị sẽ được yêu cầu đọc và xác nhận."))
            return redirect(url_for(".participation", uid=uid))
    return form_page("rounds/veto.html", form, part=part, round=part.round)


def _facts_from(form: VetoForm) -> VetoFacts:
    version, _, code = str(form.kind.data).partition(":")
    return VetoFacts(
        version_id=whole_number(version),
        code=code,
        event_date=form.event_date.data,
        place=form.place.data,
        document_number=form.document_number.data,
        document_date=form.document_date.data,
        concluding_authority=form.concluding_authority.data,
    )


@bp.route("/vetoes/<uid>/withdraw", methods=["GET", "POST"])
@requires("vetoes.record")
def withdraw_veto(uid: str) -> ResponseReturnValue:
    """Withdraw a record made in error, with a reason."""
    actor = acting()
    event = queries.get_visible_veto(actor, uid)
    part = get_decided_by(actor, event.participation.uid)
    form = WithdrawForm()
    if form.validate_on_submit():
        try:
            service.withdraw_veto(event, reason=form.reason.data, actor=actor, now=clock.now())
        except BadField as error:
            complain(form, error)
        else:
            flash(gettext("Đã rút ghi nhận."))
            return redirect(url_for(".participation", uid=part.uid))
    return form_page(
        "rounds/withdraw.html", form, part=part, round=part.round, event=event, sentence=sentence_of(event)
    )
