"""What the room above tells this one: which rounds use an edition of a criteria set."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from survey_app.core.sockets import Socket


class RoundUses(Protocol):
    """Knows which editions are pinned by rounds."""

    def titles(self, version_ids: Collection[int]) -> Mapping[int, Sequence[str]]:
        """Titles of the rounds that use these editions, by version id, newest first; unused: left out."""


round_uses: Socket[RoundUses] = Socket("frameworks.round_uses")
