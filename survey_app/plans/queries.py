"""Reading plans: the items of one form, one item in the actor's scope, the files of what was done."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from sqlalchemy import ColumnElement, Select, bindparam, func, select
from sqlalchemy.orm import aliased

from survey_app.assessments.models import Assessment
from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.evidence.models import EvidenceFile
from survey_app.frameworks.models import FrameworkVersion
from survey_app.frameworks.queries import framework_of_edition
from survey_app.plans.items import marks_total
from survey_app.plans.models import DONE, PlanEvidence, PlanItem
from survey_app.rounds.models import PRACTICE, Participation, Round
from survey_app.rounds.queries import visible_participations
from survey_app.rules.errors import NotFound
from survey_app.rules.framework import Framework

MOST_OFFERED = 20


def list_items(assessment_id: int) -> Sequence[PlanItem]:
    """The items of a plan, what is done last, then by priority, by marks (the highest first) and by day."""
    item = PlanItem
    rows = session.scalars(
        select(item)
        .where(item.assessment_id == assessment_id, item.deleted_at.is_(None))
        .order_by(item.status == DONE, item.priority, item.due_on.is_(None), item.due_on, item.id)
    ).all()
    return sorted(rows, key=lambda row: (row.status == DONE, row.priority, -(marks_total(row.marks) or 0)))


def statuses_of_forms(form_ids: Collection[int]) -> dict[int, list[tuple[str, date | None]]]:
    """(status, day it is due) of every item of several plans, by form; one statement."""
    found: dict[int, list[tuple[str, date | None]]] = defaultdict(list)
    rows = session.execute(
        select(PlanItem.assessment_id, PlanItem.status, PlanItem.due_on).where(
            PlanItem.assessment_id.in_(form_ids), PlanItem.deleted_at.is_(None)
        )
    )
    for form_id, status, due_on in rows:
        found[form_id].append((status, due_on))
    return found


def planned_indicators(assessment_id: int) -> frozenset[str]:
    """The indicators for which a plan has an item."""
    return frozenset(
        session.scalars(
            select(PlanItem.indicator).where(
                PlanItem.assessment_id == assessment_id, PlanItem.deleted_at.is_(None)
            )
        )
    )


def get_visible_item(actor: Actor, uid: str) -> PlanItem:
    """The item with this address, not deleted and in the actor's scope. Raises `NotFound`."""
    found = session.scalar(
        select(PlanItem)
        .join(Assessment, Assessment.id == PlanItem.assessment_id)
        .join(Participation, Participation.id == Assessment.participation_id)
        .where(PlanItem.uid == uid, PlanItem.deleted_at.is_(None), visible_participations(actor))
    )
    if found is None:
        raise NotFound()
    return found


def _readable() -> list[ColumnElement[bool]]:
    return [EvidenceFile.deleted_at.is_(None), EvidenceFile.hidden_at.is_(None)]


def files_of_items(item_ids: Collection[int]) -> dict[int, list[EvidenceFile]]:
    """The files of these items by item, neither deleted nor hidden, in the order they were chosen."""
    rows = session.execute(
        select(PlanEvidence.item_id, EvidenceFile)
        .join(EvidenceFile, EvidenceFile.id == PlanEvidence.evidence_id)
        .where(PlanEvidence.item_id.in_(item_ids), *_readable())
        .order_by(PlanEvidence.id)
    )
    found: dict[int, list[EvidenceFile]] = defaultdict(list)
    for item_id, file in rows:
        found[item_id].append(file)
    return found


def links_of_item(item_id: int) -> dict[int, PlanEvidence]:
    """The links of an item by the file's key."""
    rows = session.scalars(select(PlanEvidence).where(PlanEvidence.item_id == item_id))
    return {link.evidence_id: link for link in rows}


@cache
def _finished_evidence() -> Select[str, str, EvidenceFile]:
    """Built once: every filling page asks for it."""
    here, part, now, version = (
        aliased(Assessment),
        aliased(Participation),
        aliased(Round),
        aliased(FrameworkVersion),
    )
    return (
        select(PlanItem.indicator, PlanItem.action, EvidenceFile)
        .join(PlanEvidence, PlanEvidence.item_id == PlanItem.id)
        .join(EvidenceFile, EvidenceFile.id == PlanEvidence.evidence_id)
        .join(Assessment, Assessment.id == PlanItem.assessment_id)
        .join(Participation, Participation.id == Assessment.participation_id)
        .join(Round, Round.id == Assessment.round_id)
        .join(FrameworkVersion, FrameworkVersion.id == Assessment.framework_version_id)
        .join(here, here.id == bindparam("form"))
        .join(part, part.id == here.participation_id)
        .join(now, now.id == here.round_id)
        .join(version, version.id == here.framework_version_id)
        .where(
            Participation.unit_id == part.unit_id,
            Round.opens_at < now.opens_at,
            FrameworkVersion.framework_id == version.framework_id,
            PlanItem.indicator.in_(bindparam("indicators", expanding=True)),
            PlanItem.status == DONE,
            PlanItem.deleted_at.is_(None),
            *_readable(),
        )
        .order_by(Round.opens_at.desc(), PlanItem.updated_at.desc(), PlanEvidence.id)
        .limit(MOST_OFFERED)
    )


def finished_evidence(assessment_id: int, indicators: Collection[str]) -> list[tuple[str, str, EvidenceFile]]:
    """(indicator, action, file) of what the unit has done since its earlier rounds, the latest first.

    Only items that are done, of earlier rounds with the same set: an indicator's code is kept for ever there.
    """
    rows = session.execute(_finished_evidence(), {"form": assessment_id, "indicators": list(indicators)})
    return [(indicator, action, file) for indicator, action, file in rows]


@dataclass(frozen=True)
class PlanOfForm:
    """The plan of one form in a list: its address, round and set, how many things it has to do."""

    uid: str
    round_id: int
    sha256: str
    status: str
    school_year: str
    title: str
    practice: bool
    items: int

    @property
    def framework(self) -> Framework:
        """The criteria set of the form."""
        return framework_of_edition(self.sha256, self.status)


def plans_of_unit(unit_id: int) -> list[PlanOfForm]:
    """The plan of every form of a unit, the newest round first and practice last."""
    there = (PlanItem.assessment_id == Assessment.id) & PlanItem.deleted_at.is_(None)
    practice = (Round.purpose == PRACTICE).label("practice")
    rows = session.execute(
        select(
            Assessment.uid,
            Round.id,
            FrameworkVersion.sha256,
            FrameworkVersion.status,
            Round.school_year,
            Round.title,
            practice,
            func.count(PlanItem.id),
        )
        .join(Participation, Participation.id == Assessment.participation_id)
        .join(Round, Round.id == Assessment.round_id)
        .join(FrameworkVersion, FrameworkVersion.id == Assessment.framework_version_id)
        .outerjoin(PlanItem, there)
        .where(Participation.unit_id == unit_id)
        .group_by(Assessment.id, Round.id, FrameworkVersion.id)
        .order_by(practice, Round.opens_at.desc(), Assessment.framework_version_id)
    )
    return [PlanOfForm(*row) for row in rows]


def plan_to_open(unit_id: int) -> str | None:
    """The newest plan with something to do, else the newest form's; practice only where nothing else is."""
    plans = plans_of_unit(unit_id)
    return next((plan.uid for plan in sorted(plans, key=lambda plan: (plan.practice, not plan.items))), None)


def plans_beside(form_id: int, participation_id: int) -> Sequence[Assessment]:
    """The other forms of the same unit in the same round: a multi-level unit has several plans."""
    return session.scalars(
        select(Assessment)
        .where(Assessment.participation_id == participation_id, Assessment.id != form_id)
        .order_by(Assessment.framework_version_id)
    ).all()
