"""What the authority leaves in the database: confirmed values, what it gave back, the examination."""

from dataclasses import dataclass
from datetime import timedelta

from survey_app.core.clock import from_local, local_date
from survey_app.core.db import Stored, stored_instant
from survey_app.demo.answers import MadeAnswer, reason_for
from survey_app.demo.country.case import Case
from survey_app.demo.country.course import Step
from survey_app.demo.country.tables import Row, Rows
from survey_app.demo.story import CONCLUSION, GIVEN_BACK, HOLD_REASON, RETURN_MESSAGE
from survey_app.rules.scoring import SITE_RULES
from survey_app.rules.workflow import Action, State

# How far the officer has looked, by the state of the form.
SEEN = {State.IN_REVIEW: 0.55, State.ON_HOLD: 0.3, State.SUBMITTED: 0.0, State.DRAFT: 0.0}
VERIFIED, MARKED, CLEARED, AGAIN = 1, 2, 3, 4  # versions of a confirmed value that was given back


@dataclass(frozen=True)
class Checked:
    """The confirmed values of a form with their reasons, and what was given back: {indicator: why}."""

    values: dict[str, int]
    reasons: dict[str, str]
    given_back: dict[str, str]


def check(case: Case) -> Checked:
    """What the authority finds: values by the set's site rule, a reason where the school says otherwise."""
    rule, chance = SITE_RULES[case.framework.site_rule], case.chance
    by_code: dict[str, list[MadeAnswer]] = {}
    for answer in case.made:
        by_code.setdefault(answer.code, []).append(answer)
    seen = list(by_code.items())[: round(len(by_code) * SEEN.get(case.course.state, 1.0))]
    values, reasons = dict[str, int](), dict[str, str]()
    for code, answers in seen:
        claimed, found = rule([one.value for one in answers]), rule([one.found for one in answers])
        values[code] = found
        if claimed != found:
            reasons[code] = reason_for(chance, claimed, found)
    given_back = {}
    if case.course.first(Action.RETURN):
        codes = chance.sample(sorted(values), chance.randint(1, 3))
        given_back = {code: chance.choice(GIVEN_BACK) for code in sorted(codes)}
    return Checked(values, reasons, given_back)


def checking_rows(rows: Rows, case: Case, checked: Checked) -> None:
    """Confirmed values, the return with its indicators, the examination."""
    start = case.course.first(Action.START_REVIEW)
    if start is None:
        return
    at, by = stored_instant(start.at + timedelta(minutes=5)), case.entry.officer.user_id
    concluded = case.course.first(Action.PROPOSE) is not None
    rows["verified_score"] += [
        (case.id, code, value, checked.reasons.get(code, ""), None, "", VERIFIED, at, by)
        if code not in checked.given_back
        else _given_back(case, code, value, checked.reasons.get(code, ""), concluded)
        for code, value in checked.values.items()
    ]
    if checked.given_back:
        _return(rows, case, checked)
    rows["review"].append(_review(case, start))


def _given_back(case: Case, code: str, value: int, reason: str, concluded: bool) -> Row:
    """Given back: not looked at any more, until the officer has confirmed it a second time."""
    by = case.entry.officer.user_id
    again = case.course.last(Action.START_REVIEW) if concluded else case.course.last(Action.RETURN)
    assert again is not None
    now: tuple[Stored, ...] = (value, reason) if concluded else (None, "")
    version = AGAIN if concluded else CLEARED
    return (case.id, code, *now, value, reason, version, stored_instant(again.at), by)


def _return(rows: Rows, case: Case, checked: Checked) -> None:
    returned, submitted = case.course.first(Action.RETURN), case.course.last(Action.SUBMIT)
    assert returned is not None and submitted is not None
    answered = submitted.at if submitted.before is State.RETURNED else None
    last_day = max(returned.at + timedelta(days=6), (answered or returned.at) + timedelta(days=1))
    deadline = from_local(local_date(last_day), 17)
    key = case.entry.scene.bases.given_back + case.id
    at, until = stored_instant(returned.at), stored_instant(deadline)
    done = stored_instant(answered) if answered else None
    rows["assessment_return"].append(
        (key, case.id, until, RETURN_MESSAGE, at, case.entry.officer.user_id, done)
    )
    rows["returned_indicator"] += [(key, code, why, done) for code, why in checked.given_back.items()]


def _review(case: Case, start: Step) -> Row:
    proposed, approved = case.course.last(Action.PROPOSE), case.course.last(Action.APPROVE)
    return (
        case.id,
        case.entry.officer.user_id,
        stored_instant(start.at),
        CONCLUSION if proposed else "",
        HOLD_REASON if case.course.state is State.ON_HOLD else "",
        _at(proposed),
        _at(approved),
        case.entry.leader.user_id if approved else None,
    )


def _at(step: Step | None) -> str | None:
    return stored_instant(step.at) if step else None
