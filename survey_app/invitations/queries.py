"""Reading batches of letters: those one asked for, their wards, what may still be fetched."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.invitations.models import LetterBatch, LetterPart
from survey_app.organisations.models import OrganisationUnit
from survey_app.rules.errors import NotFound


def get_own_batch(actor: Actor, uid: str) -> LetterBatch:
    """A batch this very person asked for under this workplace. Raises `NotFound` for anybody else's."""
    found = session.scalar(
        select(LetterBatch).where(
            LetterBatch.uid == uid,
            LetterBatch.requested_by_id == actor.user_id,
            LetterBatch.unit_id == actor.unit_id,
        )
    )
    if found is None:
        raise NotFound()
    return found


def get_batch(batch_id: int) -> LetterBatch:
    """The batch with this key, for the worker. Raises `NotFound`."""
    found = session.get(LetterBatch, batch_id)
    if found is None:
        raise NotFound()
    return found


def own_batches(actor: Actor, now: datetime) -> Sequence[LetterBatch]:
    """What the person asked for that is being made or may still be fetched, newest first."""
    return session.scalars(
        select(LetterBatch)
        .where(
            LetterBatch.requested_by_id == actor.user_id,
            LetterBatch.unit_id == actor.unit_id,
            LetterBatch.expires_at > now,
            (LetterBatch.made_at.is_(None)) | (LetterBatch.sha256.is_not(None)),
        )
        .order_by(LetterBatch.id.desc())
        .limit(10)
    ).all()


def parts_of(batch_id: int) -> Sequence[LetterPart]:
    """The wards of a batch that are done, in Vietnamese order of the wards."""
    return session.scalars(
        select(LetterPart)
        .join(OrganisationUnit, OrganisationUnit.id == LetterPart.ward_id)
        .where(LetterPart.batch_id == batch_id)
        .order_by(OrganisationUnit.sort_key, OrganisationUnit.id)
    ).all()


def expired_batches(now: datetime) -> Sequence[LetterBatch]:
    """The batches whose day is over and which still have a file."""
    return session.scalars(
        select(LetterBatch).where(LetterBatch.expires_at <= now, LetterBatch.sha256.is_not(None))
    ).all()


def expired_parts(now: datetime) -> Sequence[LetterPart]:
    """What is left of batches that were never finished and whose day is over."""
    return session.scalars(select(LetterPart).join(LetterBatch).where(LetterBatch.expires_at <= now)).all()


def wanted_digests() -> set[str]:
    """The files that a row still names."""
    whole = session.scalars(select(LetterBatch.sha256).where(LetterBatch.sha256.is_not(None)))
    return {digest for digest in whole if digest} | set(session.scalars(select(LetterPart.sha256)))
