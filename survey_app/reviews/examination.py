"""All that lies on the officer's desk for one form: each indicator with both values and what to look at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from survey_app.assessments import queries as assessments
from survey_app.assessments.models import Answer, ReturnedIndicator
from survey_app.assessments.ports import Prior, PriorValues, memory
from survey_app.assessments.queries import Form, OpenReturn, UsedEvidence
from survey_app.reviews import queries
from survey_app.reviews.flags import Claim, Flag, flags_of
from survey_app.reviews.models import Review, VerifiedScore
from survey_app.rounds.school_years import days_of
from survey_app.rules.errors import N_, NotFound
from survey_app.rules.framework import Indicator
from survey_app.rules.scoring import WHOLE_UNIT, IndicatorScore, Scorecard, score


class Mark(StrEnum):
    """How far one indicator is: what the list of indicators shows."""

    UNSEEN = "unseen"
    AGAIN = "again"
    RETURN = "return"
    SAME = "same"
    DIFFERENT = "different"


class Group(StrEnum):
    """Which indicators the officer goes through."""

    ALL = "all"
    UNSEEN = "unseen"
    FLAGGED = "flagged"
    DIFFERENT = "different"
    RETURN = "return"


GROUP_NAMES: dict[Group, str] = {
    Group.ALL: N_("Tất cả"),
    Group.UNSEEN: N_("Chưa xem"),
    Group.FLAGGED: N_("Cần lưu ý"),
    Group.DIFFERENT: N_("Khác tự đánh giá"),
    Group.RETURN: N_("Trả lại"),
}


@dataclass(frozen=True)
class Line:
    """One indicator that applies: `own` is the school's value, `asked` why it was last given back.

    `kept_because`: the school's reason for keeping its answer then.
    """

    indicator: Indicator
    mandatory: bool
    own: int | None
    row: VerifiedScore | None
    flags: tuple[Flag, ...]
    files: tuple[UsedEvidence, ...]
    prior: Prior | None
    asked: str
    kept_because: str = ""

    @property
    def code(self) -> str:
        """The indicator's code."""
        return self.indicator.code

    @property
    def value(self) -> int | None:
        """The confirmed value, None while it was not looked at."""
        return self.row.value if self.row else None

    @property
    def reason(self) -> str:
        """What the officer wrote."""
        return self.row.reason if self.row else ""

    @property
    def version(self) -> int:
        """The version a change of this line is made on."""
        return self.row.version if self.row else 0

    @property
    def to_return(self) -> bool:
        """True when the officer wants the school to deal with it."""
        return bool(self.row and self.row.to_return)

    @property
    def differs(self) -> bool:
        """True when the authority confirmed another value than the school's."""
        return self.value is not None and self.value != self.own

    @property
    def mark(self) -> Mark:
        """What the list of indicators says of it."""
        if self.to_return:
            return Mark.RETURN
        if self.value is None:
            return Mark.AGAIN if self.asked else Mark.UNSEEN
        return Mark.DIFFERENT if self.differs else Mark.SAME

    def fits(self, group: Group) -> bool:
        """True when the line is among those the officer wants to go through."""
        return {
            Group.ALL: True,
            Group.UNSEEN: self.value is None,
            Group.FLAGGED: bool(self.flags),
            Group.DIFFERENT: self.differs,
            Group.RETURN: self.to_return or bool(self.asked),
        }[group]


@dataclass(frozen=True)
class Examination:
    """One form on the desk: its lines in the order of the set, the rows around it, both scorecards."""

    form: Form
    review: Review | None
    lines: tuple[Line, ...]
    answers: Mapping[tuple[str, int], Answer]
    returns: Sequence[OpenReturn]
    prior: PriorValues | None
    own: Scorecard

    @cached_property
    def verified(self) -> Scorecard:
        """The scorecard of what is confirmed so far."""
        values = {(line.code, WHOLE_UNIT): line.value for line in self.lines}
        return score(self.form.framework, self.form.facts, values)

    @cached_property
    def unseen(self) -> list[str]:
        """The codes without a confirmed value."""
        return [line.code for line in self.lines if line.value is None]

    @cached_property
    def to_return(self) -> list[Line]:
        """What is marked to be given back."""
        return [line for line in self.lines if line.to_return]

    @cached_property
    def different(self) -> list[Line]:
        """Where the authority confirmed another value than the school's."""
        return [line for line in self.lines if line.differs]

    @property
    def seen(self) -> int:
        """How many indicators have a confirmed value."""
        return len(self.lines) - len(self.unseen)

    def line(self, code: str) -> Line:
        """The line of one indicator; raises `NotFound` when the form has none or it does not apply."""
        for line in self.lines:
            if line.code == code:
                return line
        raise NotFound()

    def neighbours(self, code: str, group: Group) -> tuple[str | None, str | None]:
        """The codes before and after this one among those the officer goes through."""
        codes = [line.code for line in self.lines if line.code == code or line.fits(group)]
        at = codes.index(code)
        return codes[at - 1] if at else None, codes[at + 1] if at + 1 < len(codes) else None

    def first(self, group: Group) -> str | None:
        """Where the officer begins or goes on: the first one not looked at, else the first one."""
        codes = [line.code for line in self.lines if line.fits(group)]
        return next((code for code in codes if code in self.unseen), codes[0] if codes else None)


def examine(form: Form) -> Examination:
    """Lay a form on the desk; the number of statements does not grow with the form."""
    key = form.assessment.id
    answers, returns = assessments.answers_of(key), assessments.returns_of(key)
    sources = Sources(
        queries.verified_rows(key),
        assessments.evidence_of(key),
        memory.get().prior_values(key),
        returns[0].items if returns else {},
    )
    values = {place: answer.value for place, answer in answers.items()}
    own = score(form.framework, form.facts, values)
    lines = tuple(_line(form, claimed, sources) for claimed in own.indicators if claimed.applicable)
    return Examination(form, queries.find_review(key), lines, answers, returns, sources.prior, own)


@dataclass(frozen=True)
class Sources:
    """The rows that lines are made from, by indicator code."""

    rows: Mapping[str, VerifiedScore]
    files: Mapping[str, Sequence[UsedEvidence]]
    prior: PriorValues | None
    asked: Mapping[str, ReturnedIndicator]


def _line(form: Form, claimed: IndicatorScore, sources: Sources) -> Line:
    indicator, code = form.framework.by_code[claimed.code], claimed.code
    files = tuple(sources.files.get(code, ()))
    dates = tuple(used.file.captured_on or used.file.issued_on for used in files if not used.file.hidden_at)
    prior = sources.prior.by_code.get(code) if sources.prior else None
    before = (prior.own if prior.verified is None else prior.verified) if prior else None
    flags = flags_of(
        indicator,
        Claim(claimed.value, claimed.mandatory, dates, before),
        year_start=days_of(form.round.school_year)[0],
    )
    asked = sources.asked.get(code)
    return Line(
        indicator,
        claimed.mandatory,
        claimed.value,
        sources.rows.get(code),
        flags,
        files,
        prior,
        asked.reason if asked else "",
        asked.kept_because if asked else "",
    )
