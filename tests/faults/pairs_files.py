"""Pairs around a file: chosen, uploaded again, handed in or counted while it is deleted or hidden."""

import hashlib
import io
from datetime import datetime
from unittest.mock import patch

from sqlalchemy import select

from survey_app.assessments import attaching, queries
from survey_app.assessments.attaching import attach_evidence
from survey_app.assessments.models import EvidenceUse
from survey_app.assessments.plugs import UsesInForms
from survey_app.assessments.queries import get_visible_form
from survey_app.core.audit import AuditEvent
from survey_app.core.db import session
from survey_app.evidence.models import EvidenceFile
from tests.factories.assessments import LATER
from tests.factories.evidence import make_file, make_photo
from tests.factories.frameworks import plain_framework, plain_indicator
from tests.faults.pairs import FORM, Act, Answers, Scene, Verdict, instead, pair, post, unlocked
from tests.faults.pairs_forms import ANSWERS, QUERIES, Desk

EVIDENCE = "survey_app.evidence.queries"
HOLDS = (
    unlocked(FORM),
    unlocked(f"{QUERIES}.form_of"),
    unlocked(f"{EVIDENCE}.find_same"),
    instead(f"{EVIDENCE}.is_there", lambda *_file, **_lock: True),
    lambda: patch.object(UsesInForms, "is_used", lambda *_file: False),
)


class Store(Desk):
    """A desk whose school keeps one file, made of a photograph that may come again."""

    def __init__(self, *used_for: str) -> None:
        asking = [plain_indicator(code, evidence_required_from=2) for code in ("AT1.1", "AT1.2")]
        super().__init__(plain_framework([("AT", 100, asking)]))
        self.photo = make_photo((64 + self.form_id % 500, 48))
        self.file = make_file(self.head, source_sha256=hashlib.sha256(self.photo).hexdigest())
        self.file_id, self.file_uid = self.file.id, self.file.uid
        other = make_file(self.head)
        for code, file in [*((code, self.file) for code in used_for), ("AT1.2", other)]:
            form = get_visible_form(self.head, self.uid)
            attach_evidence(form, code, file, actor=self.head, now=LATER)

    def delete(self) -> int:
        """Take the file out of the store."""
        return post(self.app, f"/evidence/{self.file_uid}/delete", self.head)

    def choose(self) -> int:
        """Use the file for an indicator more."""
        path = f"/assessments/{self.uid}/evidence/AT1.1/choose"
        return post(self.app, path, self.head, file=self.file_uid)

    def upload(self) -> int:
        """Upload the photograph and use it at once."""
        fields = {"title": "Ảnh", "no_personal": "y", "file": (io.BytesIO(self.photo), "anh.jpg")}
        return post(self.app, f"/assessments/{self.uid}/evidence/AT1.1", self.head, **fields)

    def gone_but_used(self, _answers: Answers) -> Verdict:
        """A form may not rely on a file that is not there."""
        used = select(EvidenceUse.id).join(EvidenceFile, EvidenceFile.id == EvidenceUse.evidence_id)
        used = used.where(EvidenceUse.assessment_id == self.form_id, EvidenceUse.removed_at.is_(None))
        bad = session.scalars(used.where(EvidenceFile.deleted_at.is_not(None))).all()
        return Verdict(wrong=["a form uses a deleted file" for _ in bad])


@pair("choose_delete", *HOLDS)
def choose_delete() -> Scene:
    """A file is chosen from the store while it is deleted."""
    store = Store()
    choose = Act("choose", store.choose, f"{EVIDENCE}.get_visible_file")
    return Scene((choose, Act("delete", store.delete, f"{QUERIES}.open_uses_of_file")), store.gone_but_used)


@pair("upload_delete", *HOLDS)
def upload_delete() -> Scene:
    """A photograph that the store has already is uploaded again while it is deleted."""
    store = Store()
    upload = Act("upload", store.upload, f"{EVIDENCE}.find_same")
    return Scene((upload, Act("delete", store.delete, f"{QUERIES}.open_uses_of_file")), store.gone_but_used)


def _released_unasked(evidence_id: int, *, now: datetime) -> None:
    """Out of every form, without the second look at whether one was handed in meanwhile."""
    for use in queries.open_uses_of_file(evidence_id):
        use.removed_at = now


@pair("submit_delete", *HOLDS, lambda: patch.object(attaching, "release_file", _released_unasked))
def submit_delete() -> Scene:
    """A form is handed in while one of its files is deleted: what was handed in keeps its files."""
    store = Store("AT1.1")

    def judge(_answers: Answers) -> Verdict:
        acts = ("assessment.submit", "evidence.delete")
        seen = select(AuditEvent.action).where(AuditEvent.actor_id == store.head.user_id)
        order = session.scalars(seen.where(AuditEvent.action.in_(acts)).order_by(AuditEvent.id)).all()
        return Verdict(wrong=["a form that was handed in lost its file"] * (tuple(order) == acts))

    submit = Act("submit", store.submit, f"{QUERIES}.answers_of")
    return Scene((submit, Act("delete", store.delete, f"{QUERIES}.is_used_by_submitted_form")), judge)


@pair("save_hide", *HOLDS)
def save_hide() -> Scene:
    """A file is hidden, which counts the form anew, while another answer is saved."""
    store = Store("AT1.1")

    def save() -> int:
        fields = {"indicator": "AT1.2", "site": 0, "value": 0, "comment": "", "key": "khong"}
        return post(store.app, f"/assessments/{store.uid}/answers", store.head, **fields, base_version=1)

    def hide() -> int:
        return post(store.app, f"/evidence/{store.file_uid}/hide", store.officer, reason="Lộ mặt học sinh")

    acts = Act("save", save, ANSWERS), Act("hide", hide, f"{QUERIES}.values_of")
    return Scene(acts, store.miscounted)


@pair("save_delete", *HOLDS)
def save_delete() -> Scene:
    """A file is deleted, which counts the form anew, while another answer is saved."""
    store = Store("AT1.1")

    def save() -> int:
        fields = {"indicator": "AT1.2", "site": 0, "value": 0, "comment": "", "key": "khong"}
        return post(store.app, f"/assessments/{store.uid}/answers", store.head, **fields, base_version=1)

    acts = Act("save", save, ANSWERS), Act("delete", store.delete, f"{QUERIES}.values_of")
    return Scene(acts, store.miscounted)
