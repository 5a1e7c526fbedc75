"""What the room with the forms tells this one: which schools have not handed in, and what is due when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Select

from survey_app.core.access import Actor
from survey_app.core.sockets import Socket


@dataclass(frozen=True)
class Offer:
    """A group of schools to write to: its code in an address, its Vietnamese words, and what to propose.

    `kind` is the kind of the notices, which decides whether they go by e-mail too.
    """

    code: str
    words: str
    params: Mapping[str, Any] = field(default_factory=dict)
    kind: str = "message"
    title: str = ""
    body: str = ""
    url: str = ""


@dataclass(frozen=True)
class DueForms:
    """Schools whose forms are due at the same instant and not handed in yet; `key` names round and day."""

    key: str
    title: str
    deadline: datetime
    sender_id: int
    unit_ids: Sequence[int]


class Forms(Protocol):
    """Knows the forms of self-assessment."""

    def offers(self, actor: Actor, *, now: datetime) -> Sequence[Offer]:
        """The groups of each open round that the actor may write to."""

    def units(self, actor: Actor, code: str) -> Select[int] | None:
        """The ids of the schools of such a group, in the actor's scope; None for any other code."""

    def due(self, *, now: datetime, until: datetime) -> Sequence[DueForms]:
        """What is due after `now` and before `until` and not handed in."""


forms: Socket[Forms] = Socket("notices.forms")
