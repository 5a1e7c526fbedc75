"""What this room does for the accounts room below it."""

from datetime import datetime

from survey_app.accounts.queries import get_user
from survey_app.core.access import Actor
from survey_app.core.mail import mail_is_on
from survey_app.notices import mailing
from survey_app.notices.mail_words import HAND_OVER
from survey_app.notices.service import notify_units, tell_person
from survey_app.organisations.queries import get_unit


class Writer:
    """`accounts.ports.Messenger`: letters by e-mail and notices to units."""

    def tell(self, user_id: int, *, kind: str, title: str, body: str, now: datetime) -> None:
        """Tell a person something, at the units they work for."""
        tell_person(user_id, kind=kind, title=title, body=body, now=now)

    def send_link(self, purpose: str, user_id: int | None, *, now: datetime) -> None:
        """Ask for a letter with a one-time code, or for as much work without one."""
        if mail_is_on():
            mailing.ask_link(purpose, user_id, now=now)

    def tell_hand_over(
        self, unit_id: int, membership: str, *, old_id: int, new_id: int, actor: Actor, now: datetime
    ) -> None:
        """The unit's people, the unit above, and both people by e-mail whose address is proved."""
        unit, old, new = get_unit(unit_id), get_user(old_id), get_user(new_id)
        told = {unit.id, unit.managing_authority_id or unit.id, actor.unit_id}
        notify_units(
            told,
            kind="unit.handed_over",
            title=f"Bàn giao {membership}: {new.name} thay {old.name}"[:255],
            body=(
                f"{unit.name}. Người thực hiện: {actor.name}. Từ lúc này {old.name} không còn vào được bằng "
                "vai trò này; những việc đã làm vẫn ghi tên người làm."
            ),
            sender_id=actor.unit_id,
            now=now,
        )
        mailing.queue_for_people([old_id, new_id], HAND_OVER, "/", now=now)
