"""What higher rooms do for this one: they write to people, and know what a person is at work on."""

from datetime import datetime
from typing import Protocol

from survey_app.core.access import Actor
from survey_app.core.sockets import Socket


class Messenger(Protocol):
    """Sends words to people."""

    def tell(self, user_id: int, *, kind: str, title: str, body: str, now: datetime) -> None:
        """Send this person a message, in the acting transaction; `title` and `body` are plain Vietnamese."""

    def send_link(self, purpose: str, user_id: int | None, *, now: datetime) -> None:
        """Ask, in the acting transaction, for an e-mail with a link of `email_links`.

        Somebody (`user_id`) or nobody (None): the work done here is the same, so that the time it takes tells
        nobody whether an account exists. Does nothing while e-mail is off.
        """

    def tell_hand_over(
        self, unit_id: int, membership: str, *, old_id: int, new_id: int, actor: Actor, now: datetime
    ) -> None:
        """Tell the unit, the unit above and both people that `new_id` took over from `old_id`.

        `membership` is the role in words.
        """


class Duties(Protocol):
    """Knows what lies on a person's desk."""

    def count(self, unit_id: int, user_id: int) -> int:
        """How many open pieces of work of this unit the person has."""

    def pass_on(self, unit_id: int, old_id: int, new_id: int, *, actor: Actor | None, now: datetime) -> int:
        """Give them to the successor, in the acting transaction; returns how many."""


messenger: Socket[Messenger] = Socket("accounts.messenger")
duties: Socket[Duties] = Socket("accounts.duties")
