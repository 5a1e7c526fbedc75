"""What a page of one nội dung shows: each indicator with its places, files, reasons and last year's value."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from survey_app.assessments import queries
from survey_app.assessments.models import Answer, TeamMember
from survey_app.assessments.ports import Offered, Prior, PriorValues, actions, memory
from survey_app.assessments.queries import Form, OpenReturn, UsedEvidence
from survey_app.rules.framework import Area, Criterion, Indicator
from survey_app.rules.scoring import Answers, Scorecard, Tally, Why, score, site_values, why_not_applicable
from survey_app.rules.workflow import State


@dataclass(frozen=True)
class Place:
    """One place where an indicator is judged: a site, or the whole unit (site 0, no name)."""

    site_id: int
    name: str
    answer: Answer | None

    @property
    def value(self) -> int | None:
        """The chosen value, None when nothing is chosen."""
        return self.answer.value if self.answer else None

    @property
    def comment(self) -> str:
        """The school's own words."""
        return self.answer.comment if self.answer else ""

    @property
    def version(self) -> int:
        """The version a change of this answer is made on."""
        return self.answer.version if self.answer else 0


@dataclass(frozen=True)
class Card:
    """One indicator of the page."""

    indicator: Indicator
    mandatory: bool
    places: tuple[Place, ...]
    why_not: Why | None = None
    evidence: tuple[UsedEvidence, ...] = ()
    reason: str = ""
    settled: bool = False
    kept_because: str = ""
    locked: bool = False
    prior: Prior | None = None
    offered: tuple[Offered, ...] = ()

    @property
    def answered(self) -> bool:
        """True when every place has a value."""
        return all(place.value is not None for place in self.places)

    @property
    def unconfirmed(self) -> bool:
        """True while an answer copied from an earlier round waits for somebody to look at it."""
        return any(place.answer is not None and not place.answer.confirmed for place in self.places)

    @property
    def sites_differ(self) -> bool:
        """True when the sites have different values or words of their own."""
        return len({(place.value, place.comment) for place in self.places}) > 1

    @property
    def levels_differ(self) -> bool:
        """True when the sites have different levels."""
        return len({place.value for place in self.places}) > 1

    @property
    def may_keep(self) -> bool:
        """True when the answer of an earlier round can still be kept: nobody has answered, or it waits."""
        known = self.prior is not None and self.prior.own is not None
        return known and (self.unconfirmed or not self.answered)

    @property
    def state(self) -> str:
        """ "done", "half" or "" for the mark in the list of contents."""
        some = any(place.value is not None for place in self.places)
        return "done" if self.answered and not self.unconfirmed else "half" if some else ""


@dataclass(frozen=True)
class FillPage:
    """One nội dung ready to be shown, with its neighbours; `order`: every indicator of the set in turn."""

    area: Area
    criterion: Criterion
    cards: tuple[Card, ...]
    before: Criterion | None
    after: Criterion | None
    prior_year: str = ""
    returned: OpenReturn | None = None
    order: tuple[str, ...] = ()

    def number_of(self, card: Card) -> str:
        """The place of a card among those that apply: "3/7"."""
        codes = [one.indicator.code for one in self.cards if one.why_not is None]
        return f"{codes.index(card.indicator.code) + 1}/{len(codes)}"

    @property
    def next_returned(self) -> str:
        """The next indicator that was given back and not dealt with: after this page, then from the start."""
        if self.returned is None:
            return ""
        items = self.returned.items
        here = [card.indicator.code for card in self.cards]
        waiting = [code for code, item in items.items() if not item.settled_at]
        elsewhere = [code for code in waiting if code not in here]
        later = [code for code in elsewhere if self.order.index(code) > self.order.index(here[-1])]
        return next(iter([*later, *elsewhere, *waiting]), "")

    def saved_at(self, code: str) -> datetime | None:
        """When an answer of this indicator was last saved, None for never."""
        places = [place for card in self.cards if card.indicator.code == code for place in card.places]
        return max((place.answer.updated_at for place in places if place.answer), default=None)


def fill_page(form: Form, criterion: Criterion) -> FillPage:
    """Everything one page of a form needs: six statements, whatever the number of rounds."""
    codes = [indicator.code for indicator in criterion.indicators]
    answers = queries.answers_of(form.assessment.id)
    returned = queries.open_return(form.assessment.id) if form.assessment.state == State.RETURNED else None
    prior = memory.get().prior_values(form.assessment.id)
    offered = actions.get().evidence_for(form.assessment.id, codes)
    sources = Sources(answers, queries.evidence_of(form.assessment.id, codes), returned, prior, offered)
    cards = tuple(make_card(form, indicator, sources) for indicator in criterion.indicators)
    order = open_criteria(form)
    at = order.index(criterion) if criterion in order else -1
    return FillPage(
        form.framework.area_of[criterion.code],
        criterion,
        cards,
        order[at - 1] if at > 0 else None,
        order[at + 1] if 0 <= at < len(order) - 1 else None,
        prior.school_year if prior else "",
        returned,
        tuple(form.framework.by_code),
    )


def open_criteria(form: Form) -> list[Criterion]:
    """The nội dung of which at least one indicator applies, in order."""
    return [
        criterion
        for criterion in form.framework.criteria.values()
        if any(not why_not_applicable(indicator, form.facts) for indicator in criterion.indicators)
    ]


@dataclass(frozen=True)
class Sources:
    """The rows that cards are made from."""

    answers: Mapping[tuple[str, int], Answer]
    evidence: Mapping[str, list[UsedEvidence]] = field(default_factory=dict)
    returned: OpenReturn | None = None
    prior: PriorValues | None = None
    offered: Mapping[str, Sequence[Offered]] = field(default_factory=dict)

    def values(self) -> Answers:
        """The values alone, as the rules read them."""
        return {place: answer.value for place, answer in self.answers.items()}


def make_card(form: Form, indicator: Indicator, sources: Sources) -> Card:
    """One indicator with what belongs to it."""
    names = {site["id"]: site["name"] for site in form.participation.sites}
    several = indicator.per_site and len(names) > 1
    places = tuple(
        Place(site, names.get(site, "") if several else "", sources.answers.get((indicator.code, site)))
        for site in site_values(indicator, form.facts, {})
    )
    item = sources.returned.items.get(indicator.code) if sources.returned else None
    evidence = tuple(sources.evidence.get(indicator.code, ()))
    used = {one.file.id for one in evidence}
    return Card(
        indicator,
        indicator.is_mandatory(form.facts.unit_type),
        places,
        why_not_applicable(indicator, form.facts),
        evidence,
        item.reason if item else "",
        bool(item and item.settled_at),
        item.kept_because if item else "",
        locked=sources.returned is not None and item is None,
        prior=sources.prior.by_code.get(indicator.code) if sources.prior else None,
        offered=tuple(one for one in sources.offered.get(indicator.code, ()) if one.file.id not in used),
    )


def shareable(form: Form, indicator: Indicator) -> list[Indicator]:
    """The other indicators that a file added to this one may serve at once, in the order of the set.

    Those that may be changed now; one that takes procedures, blank forms and totals only stands
    beside others of its kind.
    """
    return [
        other
        for other in open_indicators(form)
        if other.code != indicator.code and (indicator.papers_only or not other.papers_only)
    ]


def open_indicators(form: Form) -> list[Indicator]:
    """The indicators that apply and may be changed now, in the order of the set."""
    returned = queries.open_return(form.assessment.id) if form.assessment.state == State.RETURNED else None
    return [
        indicator
        for indicator in form.framework.by_code.values()
        if not why_not_applicable(indicator, form.facts)
        and (returned is None or indicator.code in returned.items)
    ]


@dataclass(frozen=True)
class Task:
    """One nội dung in the task list."""

    criterion: Criterion
    tally: Tally
    files: int
    returned: int
    unconfirmed: int = 0

    @property
    def state(self) -> str:
        """ "returned", "unconfirmed", "done", "doing" or "todo"."""
        if self.returned:
            return "returned"
        if self.unconfirmed:
            return "unconfirmed"
        if self.tally.answered == self.tally.applicable:
            return "done"
        return "doing" if self.tally.answered else "todo"


def task_list(form: Form, sources: Sources, card: Scorecard) -> list[tuple[Area, list[Task]]]:
    """The nội dung of each lĩnh vực with how far they are; those where nothing applies are left out."""
    returned, evidence = sources.returned, sources.evidence
    open_items = {code for code, item in returned.items.items() if not item.settled_at} if returned else set()
    waiting = set(unconfirmed_codes(sources.answers, card))
    tallies = {part.code: part.tally for part in card.criteria}
    groups = []
    for area in form.framework.areas:
        tasks = [
            Task(
                criterion,
                tallies[criterion.code],
                sum(len(evidence.get(indicator.code, ())) for indicator in criterion.indicators),
                sum(1 for indicator in criterion.indicators if indicator.code in open_items),
                sum(1 for indicator in criterion.indicators if indicator.code in waiting),
            )
            for criterion in area.criteria
            if tallies[criterion.code].applicable
        ]
        if tasks:
            groups.append((area, tasks))
    return groups


def narrowed(groups: list[tuple[Area, list[Task]]], parts: Collection[str]) -> list[tuple[Area, list[Task]]]:
    """The task list with only those nội dung."""
    kept = [(area, [task for task in tasks if task.criterion.code in parts]) for area, tasks in groups]
    return [(area, tasks) for area, tasks in kept if tasks]


def people_by_part(members: Sequence[TeamMember]) -> dict[str, list[str]]:
    """The names of those who fill in each nội dung, by its code."""
    found: dict[str, list[str]] = defaultdict(list)
    for member in members:
        for code in member.criteria:
            found[code].append(member.name)
    return found


def unconfirmed_codes(answers: Mapping[tuple[str, int], Answer], card: Scorecard) -> list[str]:
    """The indicators that apply and whose copied answer nobody has confirmed, in the order of the set."""
    waiting = {row.indicator for row in answers.values() if not row.confirmed}
    return [line.code for line in card.indicators if line.applicable and line.code in waiting]


def first_open(form: Form, parts: Collection[str] = ()) -> str | None:
    """The indicator where the person goes on, read anew; see `next_open`."""
    returned = queries.open_return(form.assessment.id) if form.assessment.state == State.RETURNED else None
    sources = Sources(queries.answers_of(form.assessment.id), returned=returned)
    return next_open(form, sources, score(form.framework, form.facts, sources.values()), parts)


def next_open(form: Form, sources: Sources, card: Scorecard, parts: Collection[str] = ()) -> str | None:
    """The indicator where the person goes on: a returned one, else one unanswered, else one unconfirmed.

    Of each kind those of the person's own nội dung (`parts`) come first. None when nothing is left.
    """
    returned = sources.returned
    waiting = [code for code, item in returned.items.items() if not item.settled_at] if returned else []
    unanswered = [line.code for line in card.indicators if line.applicable and line.value is None]
    kinds = (waiting, unanswered, unconfirmed_codes(sources.answers, card))
    own_first = [
        sorted(codes, key=lambda code: form.framework.criterion_of[code].code not in parts) for codes in kinds
    ]
    return next((code for codes in own_first for code in codes), None)
