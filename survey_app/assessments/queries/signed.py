"""The signed print of a form: the files it consists of, and which files of a store are held by one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from survey_app.assessments.models import Assessment, SignedPage
from survey_app.core.db import session
from survey_app.evidence.models import EvidenceFile
from survey_app.rounds.models import Round
from survey_app.rules.errors import NotFound


@dataclass(frozen=True)
class SignedFile:
    """One file of a signed form with the row that says so."""

    page: SignedPage
    file: EvidenceFile

    @property
    def counts(self) -> bool:
        """False for a file that the authority has hidden."""
        return self.file.hidden_at is None


def signed_files(assessment_id: int) -> list[SignedFile]:
    """The files of a form's signed print that stand now, in the order in which they came."""
    rows = session.execute(
        select(SignedPage, EvidenceFile)
        .join(EvidenceFile, EvidenceFile.id == SignedPage.evidence_id)
        .where(SignedPage.assessment_id == assessment_id, SignedPage.removed_at.is_(None))
        .order_by(SignedPage.id)
    )
    return [SignedFile(page, file) for page, file in rows]


def last_signed_at(files: Collection[SignedFile]) -> datetime | None:
    """When the newest of these files came; None without one that counts."""
    return max((one.page.added_at for one in files if one.counts), default=None)


def find_signed_page(assessment_id: int, uid: str) -> SignedPage:
    """One page of this form that stands now; raises `NotFound`."""
    found = session.scalar(
        select(SignedPage).where(
            SignedPage.assessment_id == assessment_id, SignedPage.uid == uid, SignedPage.removed_at.is_(None)
        )
    )
    if found is None:
        raise NotFound()
    return found


def signed_pages_of_file(file_id: int) -> Sequence[SignedPage]:
    """Where a file stands as a page of a signed form now."""
    return session.scalars(
        select(SignedPage).where(SignedPage.evidence_id == file_id, SignedPage.removed_at.is_(None))
    ).all()


def is_handed_in_page(file_id: int) -> bool:
    """True when a form was handed in, at any time, with this file as a page of its signed print."""
    found = session.scalar(
        select(SignedPage.id)
        .where(SignedPage.evidence_id == file_id, SignedPage.handed_in_at.is_not(None))
        .limit(1)
    )
    return found is not None


def signed_forms_of_files(file_ids: Collection[int]) -> list[tuple[int, str, str]]:
    """(file, title of the round, address of the form) where these files are pages of a signed print."""
    rows = session.execute(
        select(SignedPage.evidence_id, Round.title, Assessment.uid)
        .join(Assessment, Assessment.id == SignedPage.assessment_id)
        .join(Round, Round.id == Assessment.round_id)
        .where(SignedPage.evidence_id.in_(file_ids), SignedPage.removed_at.is_(None))
        .order_by(Round.opens_at.desc(), SignedPage.id)
    )
    return [(file_id, title, uid) for file_id, title, uid in rows]
