"""A criteria set as plain values that never change: what the rules read and the pages show.

Tiers are named by the set; here they are lĩnh vực (`Area`) → nội dung (`Criterion`) → tiêu chí (`Indicator`),
because the circulars count *tiêu chí* at the leaf. Everything that decides a result is in these values,
so that no function knows one set from another.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

EVERY_TYPE = "*"  # stands for "whatever the type of unit" in `Indicator.mandatory_for`
NO_PERSONAL = "no_personal"


@dataclass(frozen=True)
class Words:
    """One text in Vietnamese, with English beside it ("" when there is none)."""

    vi: str
    en: str = ""

    def __str__(self) -> str:
        return self.vi

    def spoken(self, language: str) -> str:
        """The text in "en" where there is one, else in Vietnamese."""
        return self.en if language == "en" and self.en else self.vi


@dataclass(frozen=True)
class ScalePoint:
    """One value an indicator may get; `met` says whether it counts as đạt."""

    value: int
    name: Words
    met: bool


@dataclass(frozen=True)
class Scale:
    """The values an indicator may get, from the lowest up. Values are whole numbers from 0."""

    code: str
    points: tuple[ScalePoint, ...]

    @cached_property
    def values(self) -> frozenset[int]:
        """The allowed values."""
        return frozenset(point.value for point in self.points)

    @cached_property
    def highest(self) -> int:
        """The largest value: the denominator of an indicator's share."""
        return self.points[-1].value

    @property
    def lowest_met(self) -> int:
        """The smallest value that counts as đạt."""
        return min(point.value for point in self.points if point.met)

    @property
    def is_two_level(self) -> bool:
        """True for đạt or chưa đạt: there a name says what the number 0 or 1 would not."""
        return len(self.points) == 2

    def is_met(self, value: int) -> bool:
        """True when `value` counts as đạt. Raises KeyError for a value outside the scale."""
        return self._met[value]

    def name_of(self, value: int) -> Words:
        """The name of a value ("Mức 2 – Đạt"). Raises KeyError for a value outside the scale."""
        return self._names[value]

    @cached_property
    def _met(self) -> dict[int, bool]:
        return {point.value: point.met for point in self.points}

    @cached_property
    def _names(self) -> dict[int, Words]:
        return {point.value: point.name for point in self.points}


@dataclass(frozen=True)
class Level:
    """What one value of one indicator means there, and what the next one asks for."""

    value: int
    sentence: Words
    next_step: Words | None = None


@dataclass(frozen=True)
class LegalAnchor:
    """Where an indicator comes from; `verified` tells whether the article itself was read."""

    document: str
    article: str
    verified: bool


@dataclass(frozen=True)
class Indicator:
    """The one thing that is scored.

    `stages` and `unit_types` empty: for all. `applies_when`: profile facts of which one must be true
    (empty: always). `evidence_required_from`: the value from which a file is asked for (None: never).
    """

    code: str
    statement: Words
    scale: Scale
    levels: tuple[Level, ...]
    stages: frozenset[str] = frozenset()
    unit_types: frozenset[str] = frozenset()
    mandatory_for: frozenset[str] = frozenset()
    per_site: bool = False
    applies_when: tuple[str, ...] = ()
    weight: int = 1
    evidence: tuple[str, ...] = ()
    evidence_required_from: int | None = None
    evidence_policy: str = "normal"
    legal_anchors: tuple[LegalAnchor, ...] = ()
    uncertain: bool = False

    @property
    def papers_only(self) -> bool:
        """True when evidence may be procedures, blank forms and totals only, nothing about a person."""
        return self.evidence_policy == NO_PERSONAL

    def is_mandatory(self, unit_type: str) -> bool:
        """True when a unit of this type must meet the indicator."""
        return unit_type in self.mandatory_for or EVERY_TYPE in self.mandatory_for

    def level(self, value: int) -> Level:
        """What `value` means here. Raises KeyError for a value outside the scale."""
        for level in self.levels:
            if level.value == value:
                return level
        raise KeyError(value)

    def needs_evidence(self, value: int | None) -> bool:
        """True when the set asks for a file at this value."""
        return (
            value is not None
            and self.evidence_required_from is not None
            and value >= self.evidence_required_from
        )


@dataclass(frozen=True)
class Criterion:
    """A nội dung: indicators that are filled in on one page."""

    code: str
    name: Words
    indicators: tuple[Indicator, ...]


@dataclass(frozen=True)
class Area:
    """A lĩnh vực with its weight in the quality score."""

    code: str
    name: Words
    weight: int
    criteria: tuple[Criterion, ...]

    def indicators(self) -> Iterator[Indicator]:
        """Every indicator of the area, in order."""
        for criterion in self.criteria:
            yield from criterion.indicators


@dataclass(frozen=True)
class ProfileQuestion:
    """One yes/no fact of the school that decides what applies, or only finds similar schools."""

    code: str
    question: Words
    help: Words = Words("")
    comparison_only: bool = False


@dataclass(frozen=True)
class CountRule:
    """A pass rule in absolute numbers for one type of unit (as Circular 45/2021 Art. 8(2) has it)."""

    min_met: int
    min_mandatory_met: int


@dataclass(frozen=True)
class PassRule:
    """When a form passes: by a share of what applies, or by counts; every set condition must hold."""

    min_met_percent: int | None = None
    counts: Mapping[str, CountRule] = field(default_factory=dict)
    all_mandatory_met: bool = False
    no_veto_event: bool = False
    sentence: Words = Words("")
    basis: Words = Words("")
    basis_verified: bool = False


@dataclass(frozen=True)
class Band:
    """A level of the whole result, with the least quality score overall and in each area (0–100)."""

    code: str
    name: Words
    requires_pass: bool
    min_quality: int | None = None
    min_each_area: int | None = None
    proposal: bool = False


@dataclass(frozen=True)
class Award:
    """A title earned by some bands, and for how many years its certificate holds."""

    code: str
    title: Words
    bands: tuple[str, ...]
    valid_years: int
    proposal: bool = False


@dataclass(frozen=True)
class VetoKind:
    """A kind of fact that excludes a pass."""

    code: str
    sentence: Words


@dataclass(frozen=True)
class Named:
    """A code with its words: a stage, a type of unit, a kind of evidence, a tier."""

    code: str
    name: Words


@dataclass(frozen=True)
class Definition:
    """A word of the set and what it covers there; `proposal`: our own choice, not found in law."""

    term: Words
    meaning: Words
    proposal: bool = False


@dataclass(frozen=True)
class NumberToCheck:
    """A number in the sentences of some indicators, and whether it was found in a legal text."""

    codes: tuple[str, ...]
    note: Words
    verified: bool = False


@dataclass(frozen=True)
class Framework:
    """One edition of a criteria set, whole.

    `site_rule` says which site's value counts for an indicator judged at every site ("lowest", "main").
    `texts` are the set's own passages by name (note, certificate_line, reading_rule, veto_scope …);
    `marks` say of some passages that they are a "proposal", "verified" or "unverified".
    """

    code: str
    version: str
    status: str
    title: Words
    tiers: tuple[Named, ...]
    stages: tuple[Named, ...]
    unit_types: tuple[Named, ...]
    areas: tuple[Area, ...]
    scales: Mapping[str, Scale]
    profile: tuple[ProfileQuestion, ...]
    pass_rule: PassRule
    bands: tuple[Band, ...]
    awards: tuple[Award, ...] = ()
    veto_kinds: tuple[VetoKind, ...] = ()
    veto_answers: tuple[Named, ...] = ()
    site_rule: str = "lowest"
    evidence_kinds: Mapping[str, Words] = field(default_factory=dict)
    evidence_policies: Mapping[str, Words] = field(default_factory=dict)
    texts: Mapping[str, tuple[Words, ...]] = field(default_factory=dict)
    definitions: tuple[Definition, ...] = ()
    numbers_to_check: tuple[NumberToCheck, ...] = ()
    marks: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_draft(self) -> bool:
        """True while the set is not in force: everything made from it says BẢN NHÁP."""
        return self.status == "draft"

    @property
    def asks_about_veto(self) -> bool:
        """True when the school has to confirm a sentence about the excluding facts of the set."""
        return bool(self.veto_kinds and self.veto_answers)

    @cached_property
    def by_code(self) -> Mapping[str, Indicator]:
        """Every indicator by its code, in the order of the set."""
        return {indicator.code: indicator for area in self.areas for indicator in area.indicators()}

    @cached_property
    def criterion_of(self) -> Mapping[str, Criterion]:
        """The criterion of an indicator's code."""
        return {
            indicator.code: criterion
            for area in self.areas
            for criterion in area.criteria
            for indicator in criterion.indicators
        }

    @cached_property
    def area_of(self) -> Mapping[str, Area]:
        """The area of an indicator's or criterion's code."""
        found: dict[str, Area] = {}
        for area in self.areas:
            for criterion in area.criteria:
                found[criterion.code] = area
                found |= dict.fromkeys((indicator.code for indicator in criterion.indicators), area)
        return found

    @cached_property
    def criteria(self) -> Mapping[str, Criterion]:
        """Every criterion by its code, in the order of the set."""
        return {criterion.code: criterion for area in self.areas for criterion in area.criteria}

    @cached_property
    def band_of(self) -> Mapping[str, Band]:
        """Every band by its code, from the lowest up."""
        return {band.code: band for band in self.bands}

    def text(self, name: str) -> Words:
        """The first passage with this name, empty when the set has none."""
        passages = self.texts.get(name, ())
        return passages[0] if passages else Words("")
