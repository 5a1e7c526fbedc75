"""What is missing before a form can be handed in, named one by one, and what is only worth a look."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from survey_app.assessments import queries
from survey_app.assessments.cards import Card, Sources, unconfirmed_codes
from survey_app.assessments.models import Answer
from survey_app.assessments.queries import Form, OpenReturn, SignedFile
from survey_app.rules.scoring import Answers, IndicatorScore, score, score_indicator, site_values


class Missing(StrEnum):
    """Kinds of what is missing; those in BLOCKING stop a submission, the others do not."""

    PROFILE = "profile"
    VETO = "veto"
    ANSWER = "answer"
    UNCONFIRMED = "unconfirmed"
    RETURNED = "returned"
    EVIDENCE = "evidence"
    HIGHEST_BARE = "highest_bare"
    SIGNED = "signed"
    SIGNED_BEFORE = "signed_before"


BLOCKING = frozenset(
    {
        Missing.PROFILE,
        Missing.VETO,
        Missing.ANSWER,
        Missing.UNCONFIRMED,
        Missing.RETURNED,
        Missing.SIGNED,
    }
)


@dataclass(frozen=True)
class Gap:
    """One thing that is missing: which indicator or profile question, at which sites (all: empty)."""

    kind: Missing
    code: str = ""
    sites: tuple[int, ...] = ()


def gaps_of(
    form: Form,
    answers: Mapping[tuple[str, int], Answer],
    signed: Collection[SignedFile],
    returned: OpenReturn | None,
    *,
    veto_open: bool,
    with_evidence: Collection[str] | None = None,
) -> list[Gap]:
    """Everything missing in a form, in the order in which a person fills it in.

    `signed`: the files of its signed print; `returned`: what was given back and not answered. `veto_open`:
    the sentence about excluding facts is not confirmed, or something was recorded since, so it has to be
    read again. `with_evidence`: the indicators that have a file, where the caller has read them.
    """
    values = {place: answer.value for place, answer in answers.items()}
    card = score(form.framework, form.facts, values)
    if with_evidence is None:
        with_evidence = queries.indicators_with_evidence(form.assessment.id)
    gaps = [Gap(Missing.PROFILE, code) for code in unanswered_questions(form)]
    if veto_open:
        gaps.append(Gap(Missing.VETO))
    for line in card.indicators:
        if line.applicable:
            gaps += _gaps_of_line(form, line, values, with_evidence)
    gaps += [Gap(Missing.UNCONFIRMED, code) for code in unconfirmed_codes(answers, card)]
    if returned is not None:
        gaps += [
            Gap(Missing.RETURNED, item.indicator) for item in returned.items.values() if not item.settled_at
        ]
    return gaps + _signing_gaps(form, answers, signed)


def gaps_seen(
    form: Form,
    sources: Sources,
    signed: Collection[SignedFile],
    returned: OpenReturn | None,
    *,
    veto_open: bool,
) -> list[Gap]:
    """The same from the rows of a page; a file that the authority has hidden shows nothing."""
    shown = {
        code for code, items in sources.evidence.items() if any(item.file.hidden_at is None for item in items)
    }
    return gaps_of(form, sources.answers, signed, returned, veto_open=veto_open, with_evidence=shown)


def _signing_gaps(
    form: Form, answers: Mapping[tuple[str, int], Answer], signed: Collection[SignedFile]
) -> list[Gap]:
    """No signed print where the round asks for one; or answers that were changed after it was brought in."""
    signed_at = queries.last_signed_at(signed)
    if signed_at is None:
        return [Gap(Missing.SIGNED)] if form.round.signed_copy_required else []
    changed = any(answer.updated_at > signed_at for answer in answers.values())
    return [Gap(Missing.SIGNED_BEFORE)] if changed else []


def gaps_of_cards(form: Form, cards: Iterable[Card]) -> dict[str, list[Gap]]:
    """What is missing at each indicator of a page, in the same kinds as `gaps_of`."""
    return {card.indicator.code: _gaps_of_card(form, card) for card in cards}


def _gaps_of_card(form: Form, card: Card) -> list[Gap]:
    if card.why_not is not None or card.locked:
        return []
    code = card.indicator.code
    values = {(code, place.site_id): place.value for place in card.places}
    seen = {code} if any(used.file.hidden_at is None for used in card.evidence) else set()
    line = score_indicator(form.framework, card.indicator, form.facts, values)
    gaps = _gaps_of_line(form, line, values, seen)
    if any(place.answer and not place.answer.confirmed for place in card.places):
        gaps.append(Gap(Missing.UNCONFIRMED, code))
    if card.reason and not card.settled:
        gaps.append(Gap(Missing.RETURNED, code))
    return gaps


def unanswered_questions(form: Form) -> list[str]:
    """The profile questions of the set that the school has not answered."""
    known = form.facts.profile
    return [question.code for question in form.framework.profile if question.code not in known]


def _gaps_of_line(
    form: Form, line: IndicatorScore, values: Answers, with_evidence: Collection[str]
) -> list[Gap]:
    indicator = form.framework.by_code[line.code]
    if line.value is None:
        places = site_values(indicator, form.facts, values)
        open_sites = tuple(site for site, value in places.items() if value is None)
        return [Gap(Missing.ANSWER, line.code, open_sites if len(places) > len(open_sites) else ())]
    if line.code in with_evidence:
        return []
    if indicator.needs_evidence(line.value):
        return [Gap(Missing.EVIDENCE, line.code)]
    only_visit = set(indicator.evidence) <= {"visit"}
    return [Gap(Missing.HIGHEST_BARE, line.code)] if line.value == line.highest and not only_visit else []


def blocking(gaps: Collection[Gap]) -> list[Gap]:
    """Those that stop a submission."""
    return [gap for gap in gaps if gap.kind in BLOCKING]
