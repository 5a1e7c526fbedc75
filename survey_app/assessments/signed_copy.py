"""The signed print of a form, scanned or photographed: pages come and go while it may be changed.

The files lie in the unit's store like evidence, cleaned and rendered by the same intake. What a form was
handed in with stays for good, also when the school puts another page in its place after a return.
"""

from datetime import datetime

from survey_app.assessments import queries
from survey_app.assessments.attaching import EvidenceElsewhere
from survey_app.assessments.models import SignedPage
from survey_app.assessments.queries import Form
from survey_app.assessments.saving import check_editable
from survey_app.core import audit
from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.evidence import queries as store
from survey_app.evidence.kinds import IMAGE, PDF
from survey_app.evidence.models import EvidenceFile
from survey_app.rules.errors import N_, BadInput

MOST_FILES = 20


class NotAScan(BadInput):
    """The signed form is a picture of paper: a photograph or a PDF, not a file to write in."""

    message = N_("Bản đã ký phải là ảnh chụp hoặc tệp PDF.")


class TooManyPages(BadInput):
    """More files than a signed form has pages."""

    message = N_("Bản đã ký có quá %(most)s tệp. Hãy gộp thành một tệp PDF rồi tải lên.")


def add_signed_page(form: Form, file: EvidenceFile, *, actor: Actor, now: datetime) -> SignedPage:
    """Make a file of the unit's store a page of the signed form; the same file twice changes nothing.

    Raises `NotAScan`, `TooManyPages`, `EvidenceElsewhere`, and what `check_editable` raises.
    """
    check_editable(form, None, now=now)
    if file.kind not in (IMAGE, PDF):
        raise NotAScan()
    if file.unit_id != form.participation.unit_id or not store.is_there(file.id, lock=True):
        raise EvidenceElsewhere()
    there = queries.signed_files(form.assessment.id)
    for one in there:
        if one.file.id == file.id:
            return one.page
    if len(there) >= MOST_FILES:
        raise TooManyPages(most=MOST_FILES)
    page = SignedPage(
        assessment_id=form.assessment.id, evidence_id=file.id, added_by_id=actor.user_id, added_at=now
    )
    session.add(page)
    session.flush()
    audit.record(actor, "signed.add", form.assessment, now=now, new={"title": file.title})
    return page


def remove_signed_page(form: Form, page: SignedPage, *, actor: Actor, now: datetime) -> None:
    """Take a page out of the signed form; its file stays in the store. Raises as `check_editable`."""
    check_editable(form, None, now=now)
    page.removed_at = now
    session.flush()
    audit.record(actor, "signed.remove", form.assessment, now=now)


def hand_in_pages(form: Form, *, now: datetime) -> None:
    """The form is handed in with the pages that stand now: from here on their files stay."""
    for one in queries.signed_files(form.assessment.id):
        one.page.handed_in_at = one.page.handed_in_at or now
