"""What finalising reads: approved forms with the confirmed values, and what would come out of them."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import contains_eager

from survey_app.assessments.models import Assessment, SchoolProfile
from survey_app.assessments.queries import Form, unit_facts
from survey_app.core.db import session
from survey_app.frameworks.queries import get_framework
from survey_app.results.content import conclude
from survey_app.results.models import Result
from survey_app.reviews.models import VerifiedScore
from survey_app.rounds.models import Participation, Round, VetoEvent
from survey_app.rules.framework import Framework
from survey_app.rules.scoring import UnitFacts
from survey_app.rules.workflow import State

PIECE = 500  # forms held in memory at once; three statements each time


@dataclass(frozen=True)
class CheckedForm:
    """An approved form and all that decides its result. `vetoes` are the codes of facts in force."""

    form: Form
    framework: Framework
    facts: UnitFacts
    verified: Mapping[str, int | None]
    reasons: Mapping[str, str]
    vetoes: tuple[str, ...]


@dataclass(frozen=True)
class Preview:
    """What finalising now would publish: {framework version id: {level: forms}}, and what it could not.

    `incomplete` forms are approved but an applicable indicator has no confirmed value.
    """

    levels: dict[int, Counter[str]] = field(default_factory=dict)
    incomplete: int = 0

    @property
    def ready(self) -> int:
        """How many forms would be published."""
        return sum(counts.total() for counts in self.levels.values())


def count_approved(round_id: int) -> int:
    """How many forms wait to be published."""
    return session.scalar(select(func.count()).select_from(Assessment).where(*_approved(round_id))) or 0


def count_unpublished(round_id: int) -> int:
    """How many forms of a round have no published result, whatever the reason."""
    where = Assessment.round_id == round_id, Assessment.state != State.PUBLISHED
    return session.scalar(select(func.count()).select_from(Assessment).where(*where)) or 0


def approved_ids(round_id: int) -> list[int]:
    """The forms that wait to be published, the oldest first."""
    return list(session.scalars(select(Assessment.id).where(*_approved(round_id)).order_by(Assessment.id)))


def _approved(round_id: int) -> list[ColumnElement[bool]]:
    return [Assessment.round_id == round_id, Assessment.state == State.APPROVED]


def checked_forms(
    round_id: int,
    form_ids: Collection[int] | None = None,
    *,
    lock: bool = False,
    after: int = 0,
    most: int | None = None,
) -> list[CheckedForm]:
    """The approved forms of a round (only those named in `form_ids`), in three statements and their sets.

    A long list is read in pieces: at most `most` forms whose keys come after `after`.
    With `lock` the rows are held until the transaction ends: a form that somebody else has just published
    is no longer approved and is left out.
    """
    where = [*_approved(round_id), Assessment.id > after]
    if form_ids is not None:
        where.append(Assessment.id.in_(form_ids))
    statement = _forms_where(where).limit(most)
    if lock:
        statement = statement.with_for_update(of=Assessment).execution_options(populate_existing=True)
    forms = [Form(*row) for row in session.execute(statement)]
    where.append(Assessment.id <= (forms[-1].assessment.id if forms else after))
    values, reasons, vetoes = *_verified(where), _vetoes(where)
    sets = {key: get_framework(key) for key in {form.assessment.framework_version_id for form in forms}}
    return [
        CheckedForm(
            form,
            framework := sets[form.assessment.framework_version_id],
            unit_facts(framework, form.participation, form.profile),
            values[form.assessment.id],
            reasons[form.assessment.id],
            tuple(vetoes[form.participation.id, form.assessment.framework_version_id]),
        )
        for form in forms
    ]


def _forms_where(where: list[ColumnElement[bool]]) -> Select[Assessment, Participation, Round, SchoolProfile]:
    return (
        select(Assessment, Participation, Round, SchoolProfile)
        .join(Participation, Participation.id == Assessment.participation_id)
        .join(Round, Round.id == Assessment.round_id)
        .outerjoin(SchoolProfile, SchoolProfile.participation_id == Participation.id)
        .where(*where)
        .order_by(Assessment.id)
        .options(contains_eager(Assessment.participation))
    )


def _verified(
    where: list[ColumnElement[bool]],
) -> tuple[dict[int, dict[str, int | None]], dict[int, dict[str, str]]]:
    values: dict[int, dict[str, int | None]] = defaultdict(dict)
    reasons: dict[int, dict[str, str]] = defaultdict(dict)
    score = VerifiedScore
    rows = session.execute(
        select(score.assessment_id, score.indicator, score.value, score.reason)
        .join(Assessment, Assessment.id == score.assessment_id)
        .where(*where)
    )
    for form_id, indicator, value, reason in rows:
        values[form_id][indicator] = value
        if reason:
            reasons[form_id][indicator] = reason
    return values, reasons


def _vetoes(where: list[ColumnElement[bool]]) -> dict[tuple[int, int], list[str]]:
    found: dict[tuple[int, int], list[str]] = defaultdict(list)
    rows = session.execute(
        select(VetoEvent.participation_id, VetoEvent.framework_version_id, VetoEvent.code)
        .join(
            Assessment,
            and_(
                Assessment.participation_id == VetoEvent.participation_id,
                Assessment.framework_version_id == VetoEvent.framework_version_id,
            ),
        )
        .where(*where, VetoEvent.withdrawn_at.is_(None))
        .order_by(VetoEvent.id)
    )
    for participation_id, version_id, code in rows:
        found[participation_id, version_id].append(code)
    return found


def last_numbers(form_ids: Collection[int]) -> dict[int, int]:
    """The number of the latest result of each form that has one, superseded or not."""
    rows = session.execute(
        select(Result.assessment_id, func.max(Result.number).label("last"))
        .where(Result.assessment_id.in_(form_ids))
        .group_by(Result.assessment_id)
    )
    return {row.assessment_id: row.last for row in rows}


def preview_round(round_id: int) -> Preview:
    """What finalising the round now would publish; nothing is written.

    Each form is read once, `PIECE` of them at a time, so that a large round takes no more memory than that.
    """
    levels: dict[int, Counter[str]] = defaultdict(Counter)
    incomplete, last, more = 0, 0, True
    while more:
        piece = checked_forms(round_id, after=last, most=PIECE)
        more = len(piece) == PIECE
        for checked in piece:
            _card, outcome = conclude(checked.framework, checked.facts, checked.verified, checked.vetoes)
            last = checked.form.assessment.id
            if outcome.level is None:
                incomplete += 1
            else:
                levels[checked.form.assessment.framework_version_id][outcome.level] += 1
    return Preview(dict(levels), incomplete)


def lock_round(round_id: int) -> Round:
    """The round's row, held until the transaction ends."""
    return session.scalars(
        select(Round).where(Round.id == round_id).with_for_update().execution_options(populate_existing=True)
    ).one()


def hold_results(result_ids: Collection[int]) -> None:
    """Hold these results until the transaction ends: none is withdrawn while a certificate is made of it."""
    held = select(Result.id).where(Result.id.in_(result_ids)).order_by(Result.id)
    session.execute(held.with_for_update())
