"""Where a school stands out from itself: the nội dung above and below its own share of met indicators.

Only confirmed values count, and a school is compared with nobody but itself. Where every nội dung has the
same share there is nothing to tell, and a nội dung of which less than half is met is no strength to name.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from survey_app.results.blocks import VERIFIED, Block
from survey_app.results.queries import Part

MOST = 3
HALF = Fraction(1, 2)


@dataclass(frozen=True)
class Strength:
    """One nội dung with what it met of what applies."""

    block: Block
    part: Part

    @property
    def share(self) -> Fraction:
        """The share that is met."""
        return Fraction(self.part.met, self.part.of)

    @property
    def unmet(self) -> list[str]:
        """The codes of what is confirmed as not met."""
        return VERIFIED.unmet(self.block)


@dataclass(frozen=True)
class Strengths:
    """The highest and the lowest nội dung beside the share of the whole, at most `MOST` each."""

    whole: Part
    strong: tuple[Strength, ...]
    weak: tuple[Strength, ...]


def strengths_of(blocks: Iterable[Block]) -> Strengths | None:
    """What stands out in a published result, ties in the set's order; None where nothing does."""
    found = [
        Strength(block, Part(block.verified.tally.met, block.verified.tally.applicable))
        for block in blocks
        if block.verified and block.verified.tally.applicable
    ]
    whole = sum((one.part for one in found), Part(0, 0))
    share = whole.share
    if share is None or all(one.share == share for one in found):
        return None
    strong = [one for one in found if one.share > share and one.share >= HALF]
    weak = [one for one in found if one.share < share]
    return Strengths(whole, _first(strong, highest=True), _first(weak, highest=False))


def _first(found: Sequence[Strength], *, highest: bool) -> tuple[Strength, ...]:
    return tuple(sorted(found, key=lambda one: -one.share if highest else one.share)[:MOST])
