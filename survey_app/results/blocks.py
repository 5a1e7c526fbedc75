"""A result nội dung by nội dung, both sides beside each other: for the page and for the workbook alike."""

from collections.abc import Mapping
from dataclasses import dataclass

from survey_app.rules.framework import Area, Criterion, Framework, Indicator
from survey_app.rules.scoring import IndicatorScore, PartScore, Scorecard


@dataclass(frozen=True)
class Line:
    """One indicator: what the school claims, what the authority confirms (None before that), and why."""

    indicator: Indicator
    own: IndicatorScore
    verified: IndicatorScore | None
    reason: str = ""

    @property
    def difference(self) -> int | None:
        """The confirmed value less the claimed one; None when one is missing."""
        if self.verified is None or self.verified.value is None or self.own.value is None:
            return None
        return self.verified.value - self.own.value


@dataclass(frozen=True)
class Block:
    """One nội dung with its applicable indicators; `verified` is None before publication."""

    area: Area
    criterion: Criterion
    own: PartScore
    verified: PartScore | None
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Sides:
    """Which side of a result is shown; `key` is what the address calls it, "" for both."""

    key: str
    own: bool
    verified: bool

    def shown(self, line: Line) -> IndicatorScore:
        """The side that decides whether an indicator counts as met: the confirmed one where it is shown."""
        return line.verified if self.verified and line.verified else line.own

    def unmet(self, block: Block) -> list[str]:
        """The codes of a nội dung that are answered and not met; no answer is not "chưa đạt"."""
        scores = map(self.shown, block.lines)
        return [score.code for score in scores if score.value is not None and not score.met]


OWN, VERIFIED, BOTH = Sides("own", True, False), Sides("verified", False, True), Sides("", True, True)
SIDES = (OWN, VERIFIED, BOTH)


def sides_of(key: str) -> Sides:
    """The sides an address asks for; both for any other word."""
    return next((sides for sides in SIDES if sides.key == key), BOTH)


def blocks_of(
    framework: Framework,
    own: Scorecard,
    verified: Scorecard | None = None,
    reasons: Mapping[str, str] | None = None,
) -> list[Block]:
    """The nội dung in which something applies, in the set's order; `reasons` go by indicator."""
    own_lines = {line.code: line for line in own.indicators}
    lines = {line.code: line for line in verified.indicators} if verified else {}
    own_parts = {part.code: part for part in own.criteria}
    parts = {part.code: part for part in verified.criteria} if verified else {}
    blocks = []
    for criterion in framework.criteria.values():
        members = tuple(
            Line(item, own_lines[item.code], lines.get(item.code), (reasons or {}).get(item.code, ""))
            for item in criterion.indicators
            if own_lines[item.code].applicable
        )
        if members:
            area = framework.area_of[criterion.code]
            blocks.append(
                Block(area, criterion, own_parts[criterion.code], parts.get(criterion.code), members)
            )
    return blocks
