"""The shape of the files of a criteria set: `framework.yaml` (the head) and one file for each area.

Strict types: a code typed without quotes (1.1) is a number and is caught; a key nobody knows is caught.
What needs more than one place to judge is in `checks`.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import models_json_schema

from survey_app.frameworks.texts import (
    AreaCode,
    Code,
    CriterionCode,
    IndicatorCode,
    Mandatory,
    SetCode,
    Text,
    Title,
    Version,
    VetoCode,
)

Percent = Annotated[int, Field(ge=0, le=100)]
Weight = Annotated[int, Field(gt=0, le=100)]
Value = Annotated[int, Field(ge=0, le=20)]
Count = Annotated[int, Field(ge=0, le=1000)]


class Part(BaseModel):
    """Base of every part: strict, no unknown key."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Said(Part):
    """One text in Vietnamese with its English."""

    vi: Text
    en: Text | None = None


class Titled(Part):
    """A short name in Vietnamese with its English."""

    vi: Title
    en: Title | None = None


class Named(Titled):
    """A stage, a type of unit, a kind of evidence …"""

    code: Code


class Policy(Said):
    """What may be uploaded as evidence."""

    code: Code


class Tiers(Part):
    """What the three tiers are called."""

    areas: Titled
    criteria: Titled
    indicators: Titled


class Point(Titled):
    """One value of a scale."""

    value: Value
    met: bool


class NotApplicable(Part):
    """How what does not apply is called, and the rule."""

    name: Titled
    rule: Said


class Definition(Said):
    """A word of the set; the text is its meaning."""

    term: Titled
    proposal: bool = False


class Safeguards(Part):
    """Rules that protect children and informants while the set is used."""

    proposal: bool = False
    rules: list[Said] = Field(min_length=1)


class Question(Said):
    """A yes/no question about the school."""

    code: Code
    help: Said | None = None
    comparison_only: bool = False


class Profile(Part):
    """The questions about the school, answered before the form is filled in."""

    intro: Said | None = None
    questions: list[Question] = []


class Counts(Part):
    """A pass rule in absolute numbers for one type of unit."""

    min_met: Count
    min_mandatory_met: Count


class PassRule(Part):
    """When a form passes: every condition given must hold."""

    min_met_percent: Percent | None = None
    counts: dict[Code, Counts] = {}
    all_mandatory_met: bool = False
    no_veto_event: bool = False
    sentence: Said | None = None
    basis: Said | None = None
    basis_verified: bool = False
    notes: list[Said] = []


class QualityScore(Part):
    """How the quality score 0–100 is explained; the arithmetic itself is `rules.scoring`."""

    proposal: bool = False
    formula: list[Said] = []
    display: Said | None = None


class Band(Titled):
    """A level of the whole result."""

    code: Code
    requires_pass: bool
    min_quality: Percent | None = None
    min_each_area: Percent | None = None
    proposal: bool = False


class Award(Titled):
    """A title earned by some bands."""

    code: Code
    bands: list[Code] = Field(min_length=1)
    valid_years: int = Field(ge=1, le=10)
    proposal: bool = False


class VetoEvent(Said):
    """A kind of fact that excludes a pass."""

    code: VetoCode


class Veto(Part):
    """Facts that exclude a pass: what they are, who records them and how the school answers."""

    proposal: bool = False
    name: Titled
    basis: Said | None = None
    basis_verified: bool = False
    scope: Said | None = None
    record: Said | None = None
    events: list[VetoEvent] = Field(min_length=1)
    school_role: Said | None = None
    school_answers: list[Named] = []
    pending: Said | None = None


class NumberToCheck(Said):
    """A number in some sentences that still needs, or has, a source."""

    codes: list[IndicatorCode] = Field(min_length=1)
    verified: bool


class Head(Part):
    """`framework.yaml`: everything but the criteria themselves."""

    code: SetCode
    version: Version
    english: bool = True
    title: Titled
    note: Said | None = None
    certificate_line: Said | None = None
    tiers: Tiers
    areas: list[AreaCode] = Field(min_length=1)
    stages: list[Named] = Field(min_length=1)
    stages_note: Said | None = None
    unit_types: list[Named] = Field(min_length=1)
    unit_types_note: Said | None = None
    scales: dict[Code, Annotated[list[Point], Field(min_length=2)]] = Field(min_length=1)
    site_rule: Literal["lowest", "main"]
    not_applicable: NotApplicable | None = None
    applies_when_rule: Said | None = None
    reading_rule: list[Said] = []
    definitions: list[Definition] = []
    safeguards: Safeguards | None = None
    evidence_kinds: list[Named] = []
    evidence_policies: list[Policy] = []
    profile: Profile = Profile()
    pass_rule: PassRule
    quality_score: QualityScore = QualityScore()
    bands: list[Band] = Field(min_length=1)
    awards: list[Award] = []
    veto: Veto | None = None
    numbers_to_check: list[NumberToCheck] = []
    open_questions: list[Said] = []


class Level(Said):
    """What one value of an indicator means there, and what the next one asks for."""

    value: Value
    next_vi: Text | None = None
    next_en: Text | None = None


class Anchor(Part):
    """Where an indicator comes from; `verified`: the article itself was read."""

    document: Title
    article: Title
    verified: bool


class Indicator(Said):
    """The one thing that is scored. Without `levels` the names of the scale's points are its sentences."""

    code: IndicatorCode
    stages: list[Code] = []
    unit_types: list[Code] = []
    mandatory: Mandatory
    per_site: bool = False
    scale: Code
    applies_when: list[Code] = []
    weight: Weight = 1
    evidence: list[Code] = []
    evidence_required_from: Value | None = None
    evidence_policy: Code = "normal"
    legal_anchors: list[Anchor] = []
    uncertain: bool = False
    levels: list[Level] = []


class Criterion(Titled):
    """A nội dung with its indicators."""

    code: CriterionCode
    indicators: list[Indicator] = Field(min_length=1)


class Area(Titled):
    """One file: a lĩnh vực with its criteria."""

    code: AreaCode
    weight: Weight
    criteria: list[Criterion] = Field(min_length=1)


def json_schema() -> dict[str, Any]:
    """The JSON Schema of both kinds of file, for editors: a file with `version` is a head."""
    refs, schema = models_json_schema(
        [(Head, "validation"), (Area, "validation")], ref_template="#/$defs/{model}"
    )
    head, area = refs[(Head, "validation")], refs[(Area, "validation")]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Bộ tiêu chí: framework.yaml và tệp của từng lĩnh vực",
        "if": {"required": ["version"]},
        "then": head,
        "else": area,
        **schema,
    }
