"""Background work of the room: sending e-mail, and the reminders of each day."""

from typing import Any

from flask import current_app

from survey_app.accounts.models import CONFIRM
from survey_app.core import clock
from survey_app.core.db import unit_of_work
from survey_app.core.mail import Letter, Refused, Unreachable, mail_connection, mail_is_on, site_address
from survey_app.jobs.registry import JobCall, job
from survey_app.jobs.timetable import every
from survey_app.notices import mail_words, mailing, reminding
from survey_app.notices.mailing import Due


@job(mailing.NOTICES)
def send_notices(call: JobCall) -> dict[str, Any] | None:
    """Send what is left of a batch; what the server could not take now is tried again later."""
    batch, failed = str(call.params["batch"]), int(call.params["failed"])
    if not mail_is_on():
        return None
    try:
        fault = _send_all(batch)
    except Unreachable as gone:
        fault = str(gone)
    if fault:
        current_app.logger.warning("e-mail batch %s, try %d: %s", batch, failed + 1, fault)
        with unit_of_work():
            mailing.try_again(batch, failed + 1, fault, now=clock.now())
    return None


def _send_all(batch: str) -> str:
    """Send one after another, each marked as soon as it is gone; what the last "later" was, if any."""
    last, later = 0, ""
    with mail_connection() as send:
        while due := _next(batch, last):
            for mail in due:
                last = mail.id
                try:
                    send(_letter(mail))
                except Refused as fault:
                    with unit_of_work():
                        mailing.give_up(mail.id, str(fault), now=clock.now())
                except Unreachable as fault:
                    later = str(fault)
                else:
                    with unit_of_work():
                        mailing.mark_sent(mail.id, now=clock.now())
    return later


def _next(batch: str, after: int) -> list[Due]:
    with unit_of_work():  # ends at once: no transaction stays open while the server is waited for
        return mailing.next_due(batch, after=after)


def _letter(mail: Due) -> Letter:
    words, config = mail_words.MAILED[mail.kind], current_app.config
    text = mail_words.notice_text(
        words,
        name=mail.name,
        address=site_address(mail.url or "/notices"),
        own_account=site_address("/account/own/email"),
        system=config["SYSTEM_NAME"],
        contact=config["SUPPORT_CONTACT"],
    )
    return Letter(mail.email, words.subject, text)


@job(mailing.LINK)
def send_link(call: JobCall) -> dict[str, Any] | None:
    """Draw a code, send it, forget it: the database keeps a hash, and every try has a code of its own."""
    purpose, user_id, failed = call.params["purpose"], call.params["user"], int(call.params["failed"])
    with unit_of_work():
        draft = mailing.draft_link(purpose, user_id, now=clock.now())
    if draft is None or not mail_is_on():
        return None
    words, config = mail_words.CONFIRM if purpose == CONFIRM else mail_words.RESET, current_app.config
    text = mail_words.link_text(
        words,
        name=draft.name,
        login=draft.login,
        address=site_address(draft.page),
        code=draft.code,
        system=config["SYSTEM_NAME"],
        contact=config["SUPPORT_CONTACT"],
    )
    try:
        with mail_connection() as send:
            send(Letter(draft.email, words.subject, text))
    except Refused as fault:
        current_app.logger.warning("an e-mail with a link was refused: %s", fault)
    except Unreachable as fault:
        current_app.logger.warning("an e-mail with a link, try %d: %s", failed + 1, fault)
        with unit_of_work():
            mailing.ask_link(purpose, user_id, now=clock.now(), failed=failed + 1)
    return None


@every("notices.remind", hour=7)
def remind_daily() -> int:
    """The reminders due today, each once; returns to how many schools one went."""
    with unit_of_work():
        return reminding.send_due_reminders(clock.now())
