"""Telling units what changed for them in a round."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import insert

from survey_app.core.db import session
from survey_app.notices.models import Notice

CHUNK = 1000


def tell(
    unit_ids: Iterable[int], *, kind: str, title: str, body: str = "", sender_id: int, now: datetime
) -> int:
    """The same notice to many units, in pieces; returns how many. Nothing is loaded."""
    same = {"kind": kind, "title": title[:255], "body": body, "sender_id": sender_id, "created_at": now}
    rows = [same | {"unit_id": unit_id} for unit_id in sorted(set(unit_ids))]
    for start in range(0, len(rows), CHUNK):
        session.execute(insert(Notice), rows[start : start + CHUNK])
    return len(rows)
