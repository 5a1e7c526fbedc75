"""Whose certificates an actor may see: those of the forms in their scope."""

from sqlalchemy import ColumnElement, select

from survey_app.assessments.models import Assessment
from survey_app.certificates.models import Certificate, CertificateBatch
from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.rounds.models import Participation, Round
from survey_app.rounds.queries import visible_participations, visible_rounds
from survey_app.rules.errors import NotFound


def visible_certificates(actor: Actor) -> ColumnElement[bool]:
    """The WHERE of a school's own, of those a commune checks, of all that a department's rounds gave."""
    forms = (
        select(Assessment.id)
        .join(Participation, Participation.id == Assessment.participation_id)
        .where(visible_participations(actor))
    )
    return Certificate.assessment_id.in_(forms)


def stands() -> ColumnElement[bool]:
    """True for a certificate that is neither revoked nor superseded."""
    return Certificate.revoked_at.is_(None) & Certificate.superseded_at.is_(None)


def get_visible_certificate(actor: Actor, uid: str) -> Certificate:
    """The certificate with this public id. Raises `NotFound` when it is not the actor's to see."""
    found = session.scalar(select(Certificate).where(Certificate.uid == uid, visible_certificates(actor)))
    if found is None:
        raise NotFound()
    return found


def get_visible_batch(actor: Actor, uid: str) -> CertificateBatch:
    """The batch of one of the actor's own department's rounds. Raises `NotFound`."""
    found = session.scalar(
        select(CertificateBatch)
        .join(Round, Round.id == CertificateBatch.round_id)
        .where(
            CertificateBatch.uid == uid,
            Round.department_id == actor.department_id,
            visible_rounds(actor),
        )
    )
    if found is None:
        raise NotFound()
    return found
