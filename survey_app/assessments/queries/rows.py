"""What hangs on a form: its answers and their history, evidence, what was returned, its life so far."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Select, bindparam, select

from survey_app.assessments.models import (
    Answer,
    AnswerChange,
    Assessment,
    AssessmentEvent,
    EvidenceUse,
    Return,
    ReturnedIndicator,
)
from survey_app.assessments.queries.forms import Form
from survey_app.core.db import session
from survey_app.evidence.models import EvidenceFile
from survey_app.rounds.models import Participation, Round, RoundFramework
from survey_app.rules.errors import NotFound
from survey_app.rules.scoring import Answers, Scorecard, score


def stages_by_version(round_id: int) -> list[tuple[int, tuple[str, ...]]]:
    """(framework version, stages it is used for) of a round."""
    rows = session.execute(
        select(RoundFramework.framework_version_id, RoundFramework.stages)
        .where(RoundFramework.round_id == round_id)
        .order_by(RoundFramework.framework_version_id)
    )
    return [(version_id, tuple(stages)) for version_id, stages in rows]


def participations_of(round_id: int) -> list[tuple[int, tuple[str, ...], str]]:
    """(id, stages, unit type) of every unit in a round, as plain values."""
    rows = session.execute(
        select(Participation.id, Participation.stages, Participation.unit_type).where(
            Participation.round_id == round_id
        )
    )
    return [(key, tuple(stages), unit_type) for key, stages, unit_type in rows]


def participation_ids_with_form(round_id: int) -> set[tuple[int, int]]:
    """(participation, framework version) that have a form already."""
    rows = session.execute(
        select(Assessment.participation_id, Assessment.framework_version_id).where(
            Assessment.round_id == round_id
        )
    )
    return {(participation_id, version_id) for participation_id, version_id in rows}


@cache
def _answers_of() -> Select[Answer]:
    return select(Answer).where(Answer.assessment_id == bindparam("form"))


def answers_of(assessment_id: int) -> dict[tuple[str, int], Answer]:
    """Every stored answer of a form by (indicator, site)."""
    rows = session.scalars(_answers_of(), {"form": assessment_id})
    return {(answer.indicator, answer.site_id): answer for answer in rows}


def answers_of_forms(form_ids: Collection[int]) -> dict[int, dict[tuple[str, int], Answer]]:
    """The stored answers of several forms, by form and then (indicator, site); one statement."""
    found: dict[int, dict[tuple[str, int], Answer]] = {key: {} for key in form_ids}
    for answer in session.scalars(select(Answer).where(Answer.assessment_id.in_(form_ids))):
        found[answer.assessment_id][answer.indicator, answer.site_id] = answer
    return found


@cache
def _answers_of_indicator() -> Select[Answer]:
    return select(Answer).where(
        Answer.assessment_id == bindparam("form"), Answer.indicator == bindparam("indicator")
    )


def answers_of_indicator(assessment_id: int, indicator: str) -> dict[int, Answer]:
    """The stored answers of one indicator by site."""
    rows = session.scalars(_answers_of_indicator(), {"form": assessment_id, "indicator": indicator})
    return {answer.site_id: answer for answer in rows}


def values_of(assessment_id: int) -> Answers:
    """{(indicator, site): value} of a form: what `rules.scoring.score` reads."""
    rows = session.execute(
        select(Answer.indicator, Answer.site_id, Answer.value).where(Answer.assessment_id == assessment_id)
    )
    return {(indicator, site): value for indicator, site, value in rows}


def own_scorecard(form: Form) -> Scorecard:
    """The scorecard of what the school claims."""
    return score(form.framework, form.facts, values_of(form.assessment.id))


@cache
def _change_by_key() -> Select[AnswerChange, Answer]:
    return (
        select(AnswerChange, Answer)
        .join(Answer, Answer.id == AnswerChange.answer_id)
        .where(AnswerChange.key == bindparam("key"))
    )


def find_change(key: str) -> tuple[AnswerChange, Answer] | None:
    """The accepted change with this key and the answer it changed, or None."""
    row = session.execute(_change_by_key(), {"key": key}).one_or_none()
    return None if row is None else (row[0], row[1])


def own_key_of(answer: Answer, actor_id: int) -> str:
    """The key, as the browser sent it, of the change an answer stands at; "" when another person made it."""
    last = select(AnswerChange.key).where(
        AnswerChange.answer_id == answer.id,
        AnswerChange.version == answer.version,
        AnswerChange.actor_id == actor_id,
    )
    return (session.scalar(last) or "").partition(":")[2]


def changes_of(assessment_id: int, indicator: str) -> Sequence[tuple[AnswerChange, Answer]]:
    """The history of one indicator, newest first."""
    rows = session.execute(
        select(AnswerChange, Answer)
        .join(Answer, Answer.id == AnswerChange.answer_id)
        .where(Answer.assessment_id == assessment_id, Answer.indicator == indicator)
        .order_by(AnswerChange.id.desc())
    )
    return [(change, answer) for change, answer in rows]


@dataclass(frozen=True)
class UsedEvidence:
    """One file as it is used for one indicator of one form."""

    use: EvidenceUse
    file: EvidenceFile

    @property
    def code(self) -> str:
        """The code people quote: MC-AT3.2-01."""
        return evidence_code(self.use)


def evidence_code(use: EvidenceUse) -> str:
    """The code people quote: MC-AT3.2-01."""
    return f"MC-{use.indicator}-{use.number:02d}"


@cache
def _evidence_of(*, some: bool) -> Select[EvidenceUse, EvidenceFile]:
    statement = (
        select(EvidenceUse, EvidenceFile)
        .join(EvidenceFile, EvidenceFile.id == EvidenceUse.evidence_id)
        .where(EvidenceUse.assessment_id == bindparam("form"), EvidenceUse.removed_at.is_(None))
        .order_by(EvidenceUse.indicator, EvidenceUse.number)
    )
    return (
        statement.where(EvidenceUse.indicator.in_(bindparam("codes", expanding=True))) if some else statement
    )


def evidence_of(assessment_id: int, indicators: Sequence[str] | None = None) -> dict[str, list[UsedEvidence]]:
    """The files in use by indicator, in the order of their codes."""
    values: dict[str, object] = {"form": assessment_id}
    if indicators is not None:
        values["codes"] = list(indicators)
    found: dict[str, list[UsedEvidence]] = defaultdict(list)
    for use, file in session.execute(_evidence_of(some=indicators is not None), values):
        found[use.indicator].append(UsedEvidence(use, file))
    return found


@cache
def _indicators_with_evidence() -> Select[str]:
    use, file = EvidenceUse, EvidenceFile
    shown = select(use.indicator).join(file, file.id == use.evidence_id)
    return shown.where(
        use.assessment_id == bindparam("form"), use.removed_at.is_(None), file.hidden_at.is_(None)
    ).distinct()


def indicators_with_evidence(assessment_id: int) -> set[str]:
    """The indicators that have at least one file that is neither removed nor hidden."""
    return set(session.scalars(_indicators_with_evidence(), {"form": assessment_id}))


def forms_of_participations(participation_ids: Collection[int]) -> Sequence[Assessment]:
    """The forms of these participations; at most one page of them is asked for."""
    return session.scalars(
        select(Assessment)
        .where(Assessment.participation_id.in_(participation_ids))
        .order_by(Assessment.participation_id, Assessment.framework_version_id)
    ).all()


def uses_of_files(file_ids: Collection[int]) -> list[tuple[EvidenceUse, str, str]]:
    """(use, title of the round, address of the form) of these files, removed uses left out."""
    rows = session.execute(
        select(EvidenceUse, Round.title, Assessment.uid)
        .join(Assessment, Assessment.id == EvidenceUse.assessment_id)
        .join(Round, Round.id == Assessment.round_id)
        .where(EvidenceUse.evidence_id.in_(file_ids), EvidenceUse.removed_at.is_(None))
        .order_by(Round.opens_at.desc(), EvidenceUse.indicator, EvidenceUse.number)
    )
    return [(use, title, uid) for use, title, uid in rows]


def is_used_by_submitted_form(file_id: int) -> bool:
    """True when a form that was handed in, at any time, uses the file."""
    found = session.scalar(
        select(EvidenceUse.id)
        .join(Assessment, Assessment.id == EvidenceUse.assessment_id)
        .where(
            EvidenceUse.evidence_id == file_id,
            EvidenceUse.removed_at.is_(None),
            Assessment.submitted_at.is_not(None),
        )
        .limit(1)
    )
    return found is not None


def open_uses_of_file(file_id: int) -> Sequence[EvidenceUse]:
    """The uses of a file that are not removed."""
    return session.scalars(
        select(EvidenceUse).where(EvidenceUse.evidence_id == file_id, EvidenceUse.removed_at.is_(None))
    ).all()


def find_use(assessment_id: int, uid: str) -> EvidenceUse:
    """One use of a file in this form, not removed; raises `NotFound`."""
    use = session.scalar(
        select(EvidenceUse).where(
            EvidenceUse.assessment_id == assessment_id,
            EvidenceUse.uid == uid,
            EvidenceUse.removed_at.is_(None),
        )
    )
    if use is None:
        raise NotFound()
    return use


def uses_of_indicator(assessment_id: int, indicator: str) -> Sequence[EvidenceUse]:
    """Every use of an indicator, removed ones too: their numbers are never given again."""
    return session.scalars(
        select(EvidenceUse).where(
            EvidenceUse.assessment_id == assessment_id, EvidenceUse.indicator == indicator
        )
    ).all()


@dataclass(frozen=True)
class OpenReturn:
    """What the authority gave back and is not answered yet."""

    row: Return
    items: dict[str, ReturnedIndicator]

    @property
    def open_count(self) -> int:
        """How many of the returned indicators the school has not dealt with."""
        return sum(1 for item in self.items.values() if item.settled_at is None)

    @property
    def in_turn(self) -> list[ReturnedIndicator]:
        """What is still to be dealt with first, each part in the order of the codes."""
        return sorted(self.items.values(), key=lambda item: item.settled_at is not None)


def open_return(assessment_id: int) -> OpenReturn | None:
    """The return a form waits on, its indicators in the order of their codes; None when there is none."""
    row = session.scalar(
        select(Return)
        .where(Return.assessment_id == assessment_id, Return.answered_at.is_(None))
        .order_by(Return.id.desc())
        .limit(1)
    )
    if row is None:
        return None
    items = session.scalars(
        select(ReturnedIndicator)
        .where(ReturnedIndicator.return_id == row.id)
        .order_by(ReturnedIndicator.indicator)
    )
    return OpenReturn(row, {item.indicator: item for item in items})


def open_returns(form_ids: Collection[int]) -> dict[int, OpenReturn]:
    """The returns that several forms wait on, by form; one statement."""
    rows = session.execute(
        select(Return, ReturnedIndicator)
        .join(ReturnedIndicator, ReturnedIndicator.return_id == Return.id)
        .where(Return.assessment_id.in_(form_ids), Return.answered_at.is_(None))
        .order_by(Return.id, ReturnedIndicator.indicator)
    )
    items: dict[Return, dict[str, ReturnedIndicator]] = defaultdict(dict)
    for row, item in rows:
        items[row][item.indicator] = item
    return {row.assessment_id: OpenReturn(row, found) for row, found in items.items()}


def last_return(assessment_id: int) -> Return | None:
    """The latest return of a form, answered or not; None when it was never given back."""
    return session.scalar(
        select(Return).where(Return.assessment_id == assessment_id).order_by(Return.id.desc()).limit(1)
    )


def returns_of(assessment_id: int) -> list[OpenReturn]:
    """Every return of a form, newest first, answered ones too."""
    rows = session.scalars(
        select(Return).where(Return.assessment_id == assessment_id).order_by(Return.id.desc())
    ).all()
    items: dict[int, dict[str, ReturnedIndicator]] = defaultdict(dict)
    found = session.scalars(
        select(ReturnedIndicator)
        .where(ReturnedIndicator.return_id.in_([row.id for row in rows]))
        .order_by(ReturnedIndicator.indicator)
    )
    for item in found:
        items[item.return_id][item.indicator] = item
    return [OpenReturn(row, items[row.id]) for row in rows]


def events_of(assessment_id: int) -> Sequence[AssessmentEvent]:
    """The life of a form so far, oldest first."""
    return session.scalars(
        select(AssessmentEvent)
        .where(AssessmentEvent.assessment_id == assessment_id)
        .order_by(AssessmentEvent.id)
    ).all()
