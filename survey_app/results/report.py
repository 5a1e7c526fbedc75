"""What a school's result says on one page: plain values for the page and for the printed report."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from survey_app.assessments.queries import Form
from survey_app.assessments.signing import school_letterhead, signature_of
from survey_app.core.clock import local_date
from survey_app.documents.letterhead import Letterhead, Signature
from survey_app.results.before import Before
from survey_app.results.content import read_scorecard
from survey_app.results.models import Result
from survey_app.results.queries import Part, Peers
from survey_app.rules.framework import Area, Framework, Indicator
from survey_app.rules.scoring import IndicatorScore, Scorecard
from survey_app.rules.shortest_path import Raise, Way

DRAFT_MARK = "BẢN NHÁP"


@dataclass(frozen=True)
class AreaLine:
    """One lĩnh vực: what the school claims, what is confirmed, before, and the mean of similar schools.

    `before` and `peers` are None where there is nothing to compare; `now` is `verified` over the indicators
    that `before` counts too.
    """

    area: Area
    own: Part
    verified: Part
    now: Part | None
    before: Part | None
    peers: Part | None


def area_lines(
    framework: Framework, own: Scorecard, card: Scorecard, before: Before | None, peers: Peers | None
) -> list[AreaLine]:
    """The lĩnh vực in which something applies."""
    return [
        AreaLine(
            area,
            Part(claimed.tally.met, claimed.tally.applicable),
            Part(part.tally.met, part.tally.applicable),
            before.areas_now.get(area.code) if before else None,
            before.areas_then.get(area.code) if before else None,
            peers.areas.get(area.code) if peers else None,
        )
        for area, claimed, part in zip(framework.areas, own.areas, card.areas, strict=True)
        if part.tally.applicable
    ]


@dataclass(frozen=True)
class Report:
    """The one-page report of a published result. `peers` is None below five similar schools."""

    letterhead: Letterhead
    signature: Signature
    framework: Framework
    result: Result
    level: str
    own: Scorecard
    card: Scorecard
    lines: tuple[AreaLine, ...]
    before: Before | None
    before_level: str
    peers: Peers | None
    unmet: tuple[tuple[Indicator, IndicatorScore], ...]
    way: Way | None
    way_level: str
    draft: bool

    @property
    def raises(self) -> Sequence[Raise]:
        """The raises of the shortest way to the next level."""
        return self.way.raises if self.way else ()

    @property
    def quality(self) -> Fraction | None:
        """The quality score 0–100."""
        return self.card.quality


def build_report(
    form: Form, result: Result, before: Before | None, peers: Peers, way: Way | None, *, now: datetime
) -> Report:
    """The report of a form as it is known at `now`; of peers only what five or more reached together."""
    framework, facts = form.framework, result.content["facts"]
    card, own = read_scorecard(framework, result.content), read_scorecard(framework, result.own)
    shown = peers if peers.enough else None
    unmet = tuple(
        (framework.by_code[line.code], line)
        for line in sorted(card.indicators, key=lambda line: not line.mandatory)
        if line.applicable and not line.met
    )
    return Report(
        school_letterhead(form.participation, day=local_date(now)),
        signature_of(form.participation.unit_type),
        framework,
        result,
        framework.band_of[result.level].name.vi,
        own,
        card,
        tuple(area_lines(framework, own, card, before, shown)),
        before,
        _level_name(framework, before.result.level) if before else "",
        shown,
        unmet,
        way if way and way.raises else None,
        _level_name(framework, way.after.level) if way and way.after and way.after.level else "",
        facts["framework"]["status"] == "draft",
    )


def _level_name(framework: Framework, code: str) -> str:
    return framework.band_of[code].name.vi if code in framework.band_of else code
