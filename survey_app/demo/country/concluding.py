"""What the rules make of a form: its counts, and the frozen result of a published round."""

from types import SimpleNamespace
from typing import Any, cast

from survey_app.assessments.queries import Form
from survey_app.assessments.service import write_receipt
from survey_app.core.db import stored_instant
from survey_app.demo.country.case import Case
from survey_app.demo.country.checking import Checked
from survey_app.demo.country.tables import Row, Rows, as_json, uid_of
from survey_app.results.content import claimed, conclude, freeze, frozen_columns
from survey_app.rules.workflow import Action, State

RESULT_COLUMNS = "level award met applicable mandatory_met mandatory quality_micro content own sha256".split()


def assessment_row(case: Case) -> Row:
    """The form itself, with the counts that follow from its answers and files."""
    entry, course, tally = case.entry, case.course, case.card.tally
    submit, last = course.last(Action.SUBMIT), course.steps[-1] if course.steps else None
    head = entry.spot.head
    confirms = submit is not None and case.framework.veto_answers
    return (
        case.id,
        case.uid,
        entry.participation_id,
        entry.round.id,
        case.form_set.version_id,
        course.state.value,
        stored_instant(last.at if last else entry.round.opens_at),
        tally.answered,
        tally.applicable,
        tally.met,
        tally.mandatory,
        tally.mandatory_met,
        *_evidence_counts(case),
        write_receipt(entry.department.code, entry.round.school_year, case.id) if submit else None,
        stored_instant(submit.at) if submit else None,
        head.user_id if submit else None,
        head.name if submit else "",
        case.framework.veto_answers[0].code if confirms else "",
        stored_instant(course.steps[0].at) if confirms else None,
    )


def _evidence_counts(case: Case) -> tuple[int, int]:
    needing = [
        line.code
        for line in case.card.indicators
        if line.applicable and case.framework.by_code[line.code].needs_evidence(line.value)
    ]
    return len(needing), sum(code in case.with_evidence for code in needing)


def result_rows(rows: Rows, case: Case, checked: Checked) -> None:
    """The frozen result of a published form, by the functions that publish a real one."""
    if case.course.state is not State.PUBLISHED:
        return
    entry, framework = case.entry, case.framework
    card, outcome = conclude(framework, case.facts, checked.values, case.vetoes)
    content = freeze(_form(case), framework, card, outcome, reasons=checked.reasons, vetoes=len(case.vetoes))
    columns = frozen_columns(card, content, claimed(framework, case.card, case.vetoes))
    columns |= {name: as_json(columns[name]) for name in ("content", "own")}
    assert entry.round.published_at is not None
    at, admin = stored_instant(entry.round.published_at), entry.department.admin
    uid = uid_of(entry.scene.seed, "result", case.id)
    frozen = (columns[name] for name in RESULT_COLUMNS)
    rows["result"].append((uid, case.id, entry.round.id, 1, *frozen, at, admin.user_id))
    said = {"level": framework.band_of[content["level"]].name.vi, "number": 1}
    actor = (at, admin.user_id, admin.name, admin.role, admin.unit_id)
    rows["audit_event"].append((*actor, "result.publish", "Result", uid, None, as_json(said), "", "", "done"))


def _form(case: Case) -> Form:
    """The form as `freeze` reads it, without rows of the database behind it."""
    entry, kind = case.entry, case.entry.spot.kind
    part = SimpleNamespace(
        unit_code=entry.spot.code,
        unit_name=entry.spot.name,
        ward_name=entry.spot.ward.name,
        stages=list(kind.stages),
        sites=entry.spot.sites,
    )
    profile = SimpleNamespace(facts=entry.profile)
    return Form(cast(Any, None), cast(Any, part), cast(Any, entry.round), cast(Any, profile))
