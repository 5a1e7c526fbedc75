"""From checked files to the pure set of `rules.framework`, nothing lost on the way."""

from collections.abc import Iterable, Sequence

from survey_app.frameworks import schema
from survey_app.frameworks.documents import PROPOSAL, UNVERIFIED, VERIFIED
from survey_app.rules import framework as pure
from survey_app.rules.framework import EVERY_TYPE, Words

DRAFT = "draft"


def build_framework(head: schema.Head, areas: Sequence[schema.Area]) -> pure.Framework:
    """The pure set of a head and its areas, which passed `checks`; a file is a draft until it is locked."""
    scales = {
        code: pure.Scale(code, tuple(pure.ScalePoint(p.value, _words(p), p.met) for p in points))
        for code, points in head.scales.items()
    }
    return pure.Framework(
        code=head.code,
        version=head.version,
        status=DRAFT,
        title=_words(head.title),
        tiers=tuple(pure.Named(name, _words(said)) for name, said in head.tiers),
        stages=_named(head.stages),
        unit_types=_named(head.unit_types),
        areas=tuple(_area(area, scales) for area in areas),
        scales=scales,
        profile=tuple(_question(question) for question in head.profile.questions),
        pass_rule=_pass_rule(head.pass_rule),
        bands=tuple(
            pure.Band(b.code, _words(b), b.requires_pass, b.min_quality, b.min_each_area, b.proposal)
            for b in head.bands
        ),
        awards=tuple(
            pure.Award(a.code, _words(a), tuple(a.bands), a.valid_years, a.proposal) for a in head.awards
        ),
        veto_kinds=tuple(pure.VetoKind(e.code, _words(e)) for e in head.veto.events) if head.veto else (),
        veto_answers=_named(head.veto.school_answers) if head.veto else (),
        site_rule=head.site_rule,
        evidence_kinds={kind.code: _words(kind) for kind in head.evidence_kinds},
        evidence_policies={policy.code: _words(policy) for policy in head.evidence_policies},
        texts={name: found for name, found in _texts(head).items() if found},
        definitions=tuple(pure.Definition(_words(d.term), _words(d), d.proposal) for d in head.definitions),
        numbers_to_check=tuple(
            pure.NumberToCheck(tuple(n.codes), _words(n), n.verified) for n in head.numbers_to_check
        ),
        marks=_marks(head),
    )


def _words(said: schema.Said | schema.Titled) -> Words:
    return Words(said.vi, said.en or "")


def _maybe(said: schema.Said | schema.Titled | None) -> tuple[Words, ...]:
    return () if said is None else (_words(said),)


def _all(found: Iterable[schema.Said]) -> tuple[Words, ...]:
    return tuple(_words(said) for said in found)


def _named(parts: Iterable[schema.Named]) -> tuple[pure.Named, ...]:
    return tuple(pure.Named(part.code, _words(part)) for part in parts)


def _question(question: schema.Question) -> pure.ProfileQuestion:
    hint = _words(question.help) if question.help else Words("")
    return pure.ProfileQuestion(question.code, _words(question), hint, question.comparison_only)


def _pass_rule(rule: schema.PassRule) -> pure.PassRule:
    return pure.PassRule(
        min_met_percent=rule.min_met_percent,
        counts={
            code: pure.CountRule(count.min_met, count.min_mandatory_met)
            for code, count in rule.counts.items()
        },
        all_mandatory_met=rule.all_mandatory_met,
        no_veto_event=rule.no_veto_event,
        sentence=_words(rule.sentence) if rule.sentence else Words(""),
        basis=_words(rule.basis) if rule.basis else Words(""),
        basis_verified=rule.basis_verified,
    )


def _texts(head: schema.Head) -> dict[str, tuple[Words, ...]]:
    veto, absent = head.veto, head.not_applicable
    found = {
        "note": _maybe(head.note),
        "certificate_line": _maybe(head.certificate_line),
        "stages_note": _maybe(head.stages_note),
        "unit_types_note": _maybe(head.unit_types_note),
        "not_applicable": _maybe(absent.name if absent else None),
        "not_applicable_rule": _maybe(absent.rule if absent else None),
        "applies_when_rule": _maybe(head.applies_when_rule),
        "reading_rule": _all(head.reading_rule),
        "safeguards": _all(head.safeguards.rules if head.safeguards else ()),
        "profile_intro": _maybe(head.profile.intro),
        "pass_note": _all(head.pass_rule.notes),
        "quality_formula": _all(head.quality_score.formula),
        "quality_display": _maybe(head.quality_score.display),
        "open_questions": _all(head.open_questions),
    }
    for name in ("name", "basis", "scope", "record", "school_role", "pending"):
        found[f"veto_{name}"] = _maybe(getattr(veto, name)) if veto else ()
    return found


def _marks(head: schema.Head) -> dict[str, str]:
    parts = {"safeguards": head.safeguards, "quality_score": head.quality_score, "veto": head.veto}
    marks = {name: PROPOSAL for name, part in parts.items() if part and part.proposal}
    if head.veto and head.veto.basis:
        marks["veto_basis"] = VERIFIED if head.veto.basis_verified else UNVERIFIED
    return marks


def _area(area: schema.Area, scales: dict[str, pure.Scale]) -> pure.Area:
    criteria = tuple(
        pure.Criterion(part.code, _words(part), tuple(_indicator(i, scales) for i in part.indicators))
        for part in area.criteria
    )
    return pure.Area(area.code, _words(area), area.weight, criteria)


def _indicator(indicator: schema.Indicator, scales: dict[str, pure.Scale]) -> pure.Indicator:
    scale = scales[indicator.scale]
    return pure.Indicator(
        code=indicator.code,
        statement=_words(indicator),
        scale=scale,
        levels=_levels(indicator, scale),
        stages=frozenset(indicator.stages),
        unit_types=frozenset(indicator.unit_types),
        mandatory_for=_mandatory_for(indicator.mandatory),
        per_site=indicator.per_site,
        applies_when=tuple(indicator.applies_when),
        weight=indicator.weight,
        evidence=tuple(indicator.evidence),
        evidence_required_from=indicator.evidence_required_from,
        evidence_policy=indicator.evidence_policy,
        legal_anchors=tuple(
            pure.LegalAnchor(a.document, a.article, a.verified) for a in indicator.legal_anchors
        ),
        uncertain=indicator.uncertain,
    )


def _mandatory_for(mandatory: bool | tuple[str, ...]) -> frozenset[str]:
    if isinstance(mandatory, tuple):
        return frozenset(mandatory)
    return frozenset({EVERY_TYPE}) if mandatory else frozenset()


def _levels(indicator: schema.Indicator, scale: pure.Scale) -> tuple[pure.Level, ...]:
    if not indicator.levels:
        return tuple(pure.Level(point.value, point.name) for point in scale.points)
    return tuple(
        pure.Level(
            level.value,
            _words(level),
            Words(level.next_vi, level.next_en or "") if level.next_vi else None,
        )
        for level in indicator.levels
    )
