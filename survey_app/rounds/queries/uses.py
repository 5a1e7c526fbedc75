"""Which rounds use an edition of a criteria set."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select

from survey_app.core.db import session
from survey_app.rounds.models import Round, RoundFramework


class RoundTitles:
    """Answers `frameworks.ports.RoundUses`."""

    def titles(self, version_ids: Collection[int]) -> Mapping[int, Sequence[str]]:
        """Titles of the rounds that use these editions, by version id, newest first; one query."""
        rows = session.execute(
            select(RoundFramework.framework_version_id, Round.title)
            .join(Round, Round.id == RoundFramework.round_id)
            .where(RoundFramework.framework_version_id.in_(version_ids))
            .order_by(Round.opens_at.desc(), Round.id.desc())
        )
        found: dict[int, list[str]] = {}
        for version_id, title in rows:
            found.setdefault(version_id, []).append(title)
        return found
