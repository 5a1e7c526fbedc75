"""Pairs around results and certificates: two batches, two administrators, publishing against taking back."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from typing import Any
from unittest.mock import patch

from sqlalchemy import func, select

from survey_app.assessments.models import Assessment, AssessmentEvent
from survey_app.certificates import service
from survey_app.certificates.models import ORDERED, Certificate
from survey_app.certificates.service import issuing
from survey_app.core.db import session, unit_of_work
from survey_app.results import service as results
from survey_app.results.models import Result
from survey_app.rules.permissions import Role
from survey_app.rules.workflow import State
from tests.factories.accounts import make_actor
from tests.factories.certificates import (
    BASE_URL,
    ISSUED_AT,
    Town,
    a_decision,
    issue_now,
    make_batch,
    make_town,
)
from tests.factories.organisations import make_commune
from tests.factories.results import CHECKED, make_checked, make_schools_in
from tests.factories.rounds import make_round
from tests.faults.pairs import FORM, HOLD, Act, Answers, Scene, Verdict, instead, loose, pair, post, unlocked
from tests.faults.pairs_forms import SERVICE, the_app

RESULTS = "survey_app.results.service"
CANDIDATES = "survey_app.certificates.queries.eligible"
HIGH = {"AT1.1": 3, "AT1.2": 3, "LM1.1": 3, "LM1.2": 1}
REASON = "Nhầm số liệu của trường"
_pages = count(1)


def _issue(batch_id: int, ids: list[int]) -> int:
    with unit_of_work():
        service.issue_part(batch_id, ids, base_url=BASE_URL, actor=None, now=ISSUED_AT)
    return 200


def _naive_number(*_series: Any) -> int:
    """The number after the last one read, without a counter that is held."""
    return (session.scalar(select(func.max(Certificate.number))) or 0) + 1


@pair(
    "issue_issue",
    instead("survey_app.certificates.service.issuing.lock_series", lambda *_series: None),
    instead("survey_app.certificates.service.issuing.take_numbers", _naive_number),
)
def issue_issue() -> Scene:
    """Two batches with a school in both: no number twice, none left out, no school twice."""
    town = make_town(3)
    whole = make_batch(town).result_ids
    batches = []
    for ids in (whole[:2], whole[1:]):
        batch = service.prepare_batch(town.round, ids, allow_draft=False, actor=town.admin, now=ISSUED_AT)
        service.set_decision(batch, a_decision(), actor=town.admin, now=ISSUED_AT)
        batch.state = ORDERED
        batches.append((batch.id, list(batch.result_ids)))
    session.flush()

    def judge(answers: Answers) -> Verdict:
        ours = Certificate.batch_id.in_([one for one, _ in batches])
        rows = session.scalars(select(Certificate).where(ours)).all()
        numbers = sorted(row.number for row in rows)
        lost = len(set(range(1, 4)) - set(numbers)) + (0 if all(answers.done) else 1)
        return Verdict(lost=lost, doubled=len(rows) - len({row.assessment_id for row in rows}))

    first, second = (
        Act("issue", lambda one=one: _issue(*one), CANDIDATES)  # type: ignore[misc]
        for one in batches
    )
    return Scene((first, second), judge)


class Paper:
    """One issued certificate of a town, and what the administrator may do to it."""

    def __init__(self) -> None:
        self.town: Town = make_town(1)
        (one,) = issue_now(self.town, make_batch(self.town))
        self.id, self.uid, self.app = one.id, one.uid, the_app()

    def _decide(self, act: str, day: str, **fields: str) -> int:
        decided = {"decision_number": f"{next(_pages)}/QĐ-SGDĐT", "decision_date": day}
        return post(self.app, f"/certificates/{self.uid}/{act}", self.town.admin, **decided, **fields)

    def revoke(self, day: str = "14/05/2027") -> int:
        """Revoke it under a Decision of this day."""
        return self._decide("revoke", day, reason=REASON)

    def reissue(self, day: str = "14/05/2027") -> int:
        """Issue another in its place."""
        return self._decide("reissue", day, signer_title="Giám đốc", signer_name="Lê Văn Mẫu")


READ_PAPER = "survey_app.certificates.queries.get_visible_certificate"
STANDING = loose("survey_app.certificates.service.standing")


@pair("reissue_revoke", STANDING)
def reissue_revoke() -> Scene:
    """A certificate is replaced while it is revoked: either, not both."""
    paper = Paper()

    def judge(answers: Answers) -> Verdict:
        row = session.get_one(Certificate, paper.id)
        both = ["revoked and replaced"] * (row.revoked_at is not None and row.superseded_at is not None)
        return Verdict(wrong=both, lost=int(not any(answers.done)))

    return Scene((Act("reissue", paper.reissue, READ_PAPER), Act("revoke", paper.revoke, READ_PAPER)), judge)


@pair("revoke_revoke", STANDING)
def revoke_revoke() -> Scene:
    """Two administrators revoke the same certificate: one Decision stands."""
    paper = Paper()
    act = Act("revoke", paper.revoke, READ_PAPER)
    return Scene((act, act), lambda answers: Verdict(lost=max(0, sum(answers.done) - 1)))


@contextmanager
def asked_once() -> Iterator[None]:
    """Whether a certificate stands is asked when the page opens, and not again when the act is done."""
    ask, times = results.certificate_stands, count()
    with patch.object(results, "certificate_stands", lambda row: next(times) == 0 and ask(row)):
        yield


@pair("issue_unpublish", instead(HOLD, lambda _rows: None), asked_once)
def issue_unpublish() -> Scene:
    """A certificate is issued for a result that is being taken back: never for one that no longer counts."""
    town = make_town(1)
    batch = make_batch(town)
    batch.state, ids, app = ORDERED, list(batch.result_ids), the_app()
    issuer, day = issuing.issued_under(batch)
    issuing.lock_series(issuing.series_name(town.round.department_id, issuer.number_pattern), day.year)
    result = session.get_one(Result, ids[0])
    batch_id, result_id = batch.id, result.id
    path = f"/results/forms/{session.get_one(Assessment, result.assessment_id).uid}/unpublish"

    def judge(_answers: Answers) -> Verdict:
        stands = Certificate.result_id == result_id, Certificate.revoked_at.is_(None)
        issued = session.scalar(select(func.count(Certificate.id)).where(*stands)) or 0
        taken_back = session.get_one(Result, result_id).superseded_at is not None
        bad = bool(issued) and taken_back
        return Verdict(wrong=["a certificate stands on a result that was taken back"] * bad)

    issue = Act("issue", lambda: _issue(batch_id, ids), CANDIDATES)
    take_back = partial(post, app, path, town.admin, reason=REASON)
    back = Act("unpublish", take_back, "survey_app.certificates.queries.has_standing")
    return Scene((issue, back), judge)


class Round:
    """A round with one approved form, two administrators, and a leader who may open it again."""

    def __init__(self) -> None:
        commune = make_commune()
        assert commune.parent is not None
        round_ = make_round(commune.parent)
        (participation,) = make_schools_in(round_, commune, 1)
        row = make_checked(participation, HIGH)
        self.round_id, self.form_id, self.uid, self.app = round_.id, row.id, row.uid, the_app()
        self.admins = [make_actor(Role.DEPARTMENT_ADMIN, commune.parent) for _ in range(2)]

    def publish(self, place: int = 0) -> int:
        """Publish the form; 409 when there was nothing to publish."""
        with unit_of_work():
            done = results.finalise_forms(
                self.round_id, [self.form_id], actor=self.admins[place], now=CHECKED
            )
        return 200 if done else 409

    def steps(self, *actions: str) -> int:
        """How many steps of these kinds the form has made."""
        where = AssessmentEvent.assessment_id == self.form_id, AssessmentEvent.action.in_(actions)
        return session.scalar(select(func.count(AssessmentEvent.id)).where(*where)) or 0


CHECKED_FORMS = "survey_app.results.queries.checked_forms"
PUBLISHING = unlocked(CHECKED_FORMS), unlocked(FORM), loose(SERVICE)


@pair("publish_publish", *PUBLISHING, loose(RESULTS))
def publish_publish() -> Scene:
    """Two administrators conclude the round: every form is published once."""
    round_ = Round()

    def judge(_answers: Answers) -> Verdict:
        steps = round_.steps("publish")
        return Verdict(doubled=max(0, steps - 1), lost=int(not steps))

    first, second = (
        Act("publish", lambda place=place: round_.publish(place), CHECKED_FORMS)  # type: ignore[misc]
        for place in (0, 1)
    )
    return Scene((first, second), judge)


@pair("publish_reopen", *PUBLISHING)
def publish_reopen() -> Scene:
    """A form is published while it is opened again: no result of a form that is under examination."""
    round_ = Round()

    def reopen() -> int:
        return post(round_.app, f"/reviews/{round_.uid}/reopen", round_.admins[1], reason=REASON)

    def judge(_answers: Answers) -> Verdict:
        current = Result.assessment_id == round_.form_id, Result.superseded_at.is_(None)
        published = bool(session.scalar(select(func.count(Result.id)).where(*current)))
        state = session.get_one(Assessment, round_.form_id).state
        apart = published != (state == State.PUBLISHED)
        return Verdict(wrong=[f"result {published}, form {state}"] * apart)

    acts = Act("publish", round_.publish, CHECKED_FORMS), Act("reopen", reopen, FORM)
    return Scene(acts, judge)
