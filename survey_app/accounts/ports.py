"""What the room above does for this one: it tells a person what was done to their account."""

from datetime import datetime
from typing import Protocol

from survey_app.core.sockets import Socket


class Post(Protocol):
    """Brings messages to people."""

    def tell(self, user_id: int, *, kind: str, title: str, body: str, now: datetime) -> None:
        """Send this person a message, in the acting transaction; `title` and `body` are plain Vietnamese."""


post: Socket[Post] = Socket("accounts.post")
