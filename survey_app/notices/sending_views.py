"""Pages of what an authority sends: write, look, send; who has read it; remind the others."""

import uuid
from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from survey_app.accounts.throttling import throttle
from survey_app.core import clock
from survey_app.core.access import acting, requires
from survey_app.core.db import mark_refused
from survey_app.core.mail import mail_is_on, site_address
from survey_app.core.web import page_number
from survey_app.notices import audience, sending, sent
from survey_app.notices.blueprint import bp
from survey_app.notices.forms import LONGEST_BODY, LONGEST_TITLE, MessageForm
from survey_app.notices.mail_words import MAILED
from survey_app.notices.ports import Offer
from survey_app.organisations.models import OrganisationUnit
from survey_app.organisations.queries import list_wards

MOST, WINDOW = 30, timedelta(hours=1)  # messages one person may send
SHOWN = 20
SEND, CHANGE = "send", "change"


@bp.route("/new", methods=["GET", "POST"])
@requires("notices.send")
def compose() -> ResponseReturnValue:
    """Write a message, look at it and at who gets it, then send it."""
    actor, now = acting(), clock.now()
    offers, wards = audience.offers(actor, now=now), list_wards(actor)
    form = MessageForm(data=_proposal(offers))
    form.offer(offers, wards)
    step = request.form.get("step", "")
    if form.validate_on_submit() and step != CHANGE:
        offer = next(one for one in offers if one.code == form.to.data)
        ward = next((one for one in wards if one.uid == form.ward.data), None)
        return _send(form, offer, ward) if step == SEND else _look(form, offer, ward)
    return _write(form)


def _proposal(offers: list[Offer]) -> dict[str, str]:
    """What a page that leads here asks for (`to`, `ward`), with the words proposed for that group."""
    wanted = request.args.get("to", "")[:80]
    offer = next((one for one in offers if one.code == wanted), None)
    start = {"key": uuid.uuid4().hex, "ward": request.args.get("ward", "")[:32]}
    if offer is None:
        return start
    return start | {"to": offer.code, "title": offer.title, "body": offer.body, "url": offer.url}


def _write(form: MessageForm) -> ResponseReturnValue:
    if request.method == "POST":
        mark_refused()
    page = render_template(
        "notices/compose.html", form=form, longest_title=LONGEST_TITLE, longest_body=LONGEST_BODY
    )
    return page, 422 if form.errors else 200


def _look(form: MessageForm, offer: Offer, ward: OrganisationUnit | None) -> ResponseReturnValue:
    chosen = audience.receivers(acting(), offer.code, ward.uid if ward else "")
    total = audience.count(chosen)
    if not total:
        form.to.errors = [gettext(sending.NoReceivers.message)]
        return _write(form)
    mark_refused()  # nothing is sent yet: what a browser keeps of the message stays
    return render_template(
        "notices/look.html",
        form=form,
        whom=gettext(offer.words) % offer.params,
        ward_name=ward.name if ward else "",
        total=total,
        rows=audience.first(chosen, SHOWN),
        by_mail=mail_is_on() and offer.kind in MAILED,
    )


def _send(form: MessageForm, offer: Offer, ward: OrganisationUnit | None) -> ResponseReturnValue:
    actor, now = acting(), clock.now()
    where = {"ward_uid": ward.uid, "ward_name": ward.name} if ward else {}
    throttle("notice_send", str(actor.user_id), MOST, WINDOW, now)
    try:
        message = sending.send_message(
            form.key.data or "",
            offer,
            title=form.title.data,
            body=form.body.data,
            url=form.url.data or "",
            actor=actor,
            now=now,
            **where,
        )
    except sending.NoReceivers as error:
        form.to.errors = [gettext(error.message)]
        return _write(form)
    flash(gettext("Đã gửi thông báo đến %(n)s trường.", n=message.units))
    return redirect(url_for(".show_sent", uid=message.uid))


@bp.get("/sent")
@requires("notices.send")
def list_sent() -> ResponseReturnValue:
    """What the actor's unit has sent, and how many have read it."""
    return render_template("notices/sent_list.html", page=sent.list_sent(acting(), page_number()))


@bp.get("/sent/<uid>")
@requires("notices.send")
def show_sent(uid: str) -> ResponseReturnValue:
    """One message: which schools have not read it and whom to ring up, which have and when."""
    message = sent.get_sent(acting(), uid)
    unread = request.args.get("read") != "1"
    read = sent.count_read(message)
    return render_template(
        "notices/sent.html",
        message=message,
        read=read,
        unread=unread,
        page=sent.list_receivers(message, unread=unread, number=page_number()),
        key=uuid.uuid4().hex,
        address=site_address(message.url) if message.url else "",
    )


@bp.post("/sent/<uid>/remind")
@requires("notices.send")
def remind(uid: str) -> ResponseReturnValue:
    """Send it again to the schools that have not read it."""
    actor, now = acting(), clock.now()
    throttle("notice_send", str(actor.user_id), MOST, WINDOW, now)
    message = sent.get_sent(actor, uid)
    again = sending.remind_unread(message, request.form.get("key", ""), actor=actor, now=now)
    flash(gettext("Đã nhắc %(n)s trường chưa đọc.", n=again.units))
    return redirect(url_for(".show_sent", uid=again.uid))
