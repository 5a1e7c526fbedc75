"""From the pure set back to the plain documents of its files: what is written as YAML and as a workbook.

Documents are {"framework.yaml": {…}, "AT.yaml": {…}, …} in the shape of `schema`; what has its default
value is left out.
"""

from collections.abc import Iterable
from typing import Any

from survey_app.rules import framework as pure
from survey_app.rules.framework import EVERY_TYPE, Framework, Words

HEAD = "framework.yaml"
PROPOSAL, VERIFIED, UNVERIFIED = "proposal", "verified", "unverified"
Document = dict[str, Any]


def documents_of(framework: Framework) -> dict[str, Document]:
    """The documents that `reading.read_documents` turns into an equal set (its status aside)."""
    return {
        HEAD: _head(framework),
        **{f"{area.code}.yaml": _area(area, framework) for area in framework.areas},
    }


def _kept(document: Document) -> Document:
    return {key: value for key, value in document.items() if value not in (None, [], {}, False)}


def _said(words: Words) -> Document:
    return {"vi": words.vi, "en": words.en} if words.en else {"vi": words.vi}


def _maybe(words: Words | None) -> Document | None:
    return _said(words) if words and words.vi else None


def _all(words: Iterable[Words]) -> list[Document]:
    return [_said(part) for part in words]


def _named(parts: Iterable[pure.Named]) -> list[Document]:
    return [{"code": part.code, **_said(part.name)} for part in parts]


def _head(framework: Framework) -> Document:
    start: Document = {"code": framework.code, "version": framework.version}
    if not framework.title.en:
        start["english"] = False
    return start | _kept(_names(framework) | _reading(framework) | _scheme(framework))


def _names(framework: Framework) -> Document:
    text = framework.text
    return {
        "title": _said(framework.title),
        "note": _maybe(text("note")),
        "certificate_line": _maybe(text("certificate_line")),
        "tiers": {tier.code: _said(tier.name) for tier in framework.tiers},
        "areas": [area.code for area in framework.areas],
        "stages": _named(framework.stages),
        "stages_note": _maybe(text("stages_note")),
        "unit_types": _named(framework.unit_types),
        "unit_types_note": _maybe(text("unit_types_note")),
    }


def _reading(framework: Framework) -> Document:
    """How the set is read: scales, what does not apply, words, evidence, the questions about the school."""
    absent = _maybe(framework.text("not_applicable")), _maybe(framework.text("not_applicable_rule"))
    return {
        "scales": {code: _points(scale) for code, scale in framework.scales.items()},
        "site_rule": framework.site_rule,
        "not_applicable": {"name": absent[0], "rule": absent[1]} if all(absent) else None,
        "applies_when_rule": _maybe(framework.text("applies_when_rule")),
        "reading_rule": _all(framework.texts.get("reading_rule", ())),
        "definitions": [
            _kept({"term": _said(d.term), **_said(d.meaning), "proposal": d.proposal})
            for d in framework.definitions
        ],
        "safeguards": _safeguards(framework),
        "evidence_kinds": _coded(framework.evidence_kinds),
        "evidence_policies": _coded(framework.evidence_policies),
        "profile": _profile(framework),
    }


def _scheme(framework: Framework) -> Document:
    return {
        "pass_rule": _pass_rule(framework),
        "quality_score": _quality(framework),
        "bands": [_band(band) for band in framework.bands],
        "awards": [_award(award) for award in framework.awards],
        "veto": _veto(framework) if framework.veto_kinds else None,
        "numbers_to_check": [
            {"codes": list(n.codes), **_said(n.note), "verified": n.verified}
            for n in framework.numbers_to_check
        ],
        "open_questions": _all(framework.texts.get("open_questions", ())),
    }


def _coded(words: Any) -> list[Document]:
    return [{"code": code, **_said(name)} for code, name in words.items()]


def _points(scale: pure.Scale) -> list[Document]:
    return [{"value": p.value, **_said(p.name), "met": p.met} for p in scale.points]


def _safeguards(framework: Framework) -> Document | None:
    rules = _all(framework.texts.get("safeguards", ()))
    return _kept({"proposal": _is_proposal(framework, "safeguards"), "rules": rules}) if rules else None


def _is_proposal(framework: Framework, name: str) -> bool:
    return framework.marks.get(name) == PROPOSAL


def _profile(framework: Framework) -> Document:
    questions = [
        _kept(
            {
                "code": question.code,
                **_said(question.question),
                "help": _maybe(question.help),
                "comparison_only": question.comparison_only,
            }
        )
        for question in framework.profile
    ]
    return _kept({"intro": _maybe(framework.text("profile_intro")), "questions": questions})


def _pass_rule(framework: Framework) -> Document:
    rule = framework.pass_rule
    found = {
        "counts": {code: dict(vars(count)) for code, count in rule.counts.items()},
        "all_mandatory_met": rule.all_mandatory_met,
        "no_veto_event": rule.no_veto_event,
        "sentence": _maybe(rule.sentence),
        "basis": _maybe(rule.basis),
        "basis_verified": rule.basis_verified,
        "notes": _all(framework.texts.get("pass_note", ())),
    }
    share = {} if rule.min_met_percent is None else {"min_met_percent": rule.min_met_percent}
    return share | _kept(found)


def _quality(framework: Framework) -> Document:
    return _kept(
        {
            "proposal": _is_proposal(framework, "quality_score"),
            "formula": _all(framework.texts.get("quality_formula", ())),
            "display": _maybe(framework.text("quality_display")),
        }
    )


def _band(band: pure.Band) -> Document:
    minima = {
        key: value
        for key, value in (("min_quality", band.min_quality), ("min_each_area", band.min_each_area))
        if value is not None
    }
    start = {"code": band.code, **_said(band.name), "requires_pass": band.requires_pass, **minima}
    return start | ({"proposal": True} if band.proposal else {})


def _award(award: pure.Award) -> Document:
    start = {"code": award.code, **_said(award.title), "bands": list(award.bands)}
    return start | {"valid_years": award.valid_years} | ({"proposal": True} if award.proposal else {})


def _veto(framework: Framework) -> Document:
    def text(name: str) -> Document | None:
        return _maybe(framework.text(f"veto_{name}"))

    return _kept(
        {
            "proposal": _is_proposal(framework, "veto"),
            "name": text("name"),
            "basis": text("basis"),
            "basis_verified": framework.marks.get("veto_basis") == VERIFIED,
            "scope": text("scope"),
            "record": text("record"),
            "events": [{"code": kind.code, **_said(kind.sentence)} for kind in framework.veto_kinds],
            "school_role": text("school_role"),
            "school_answers": _named(framework.veto_answers),
            "pending": text("pending"),
        }
    )


def _area(area: pure.Area, framework: Framework) -> Document:
    criteria = [
        {
            "code": criterion.code,
            **_said(criterion.name),
            "indicators": [_indicator(i, framework) for i in criterion.indicators],
        }
        for criterion in area.criteria
    ]
    return {"code": area.code, **_said(area.name), "weight": area.weight, "criteria": criteria}


def _indicator(indicator: pure.Indicator, framework: Framework) -> Document:
    order = [stage.code for stage in framework.stages]
    types = [kind.code for kind in framework.unit_types]
    start = {"code": indicator.code, **_said(indicator.statement)}
    rest = {
        "stages": sorted(indicator.stages, key=order.index),
        "unit_types": sorted(indicator.unit_types, key=types.index),
        "per_site": indicator.per_site,
        "applies_when": list(indicator.applies_when),
        "evidence": list(indicator.evidence),
        "legal_anchors": [dict(vars(anchor)) for anchor in indicator.legal_anchors],
        "uncertain": indicator.uncertain,
        "levels": _levels(indicator),
    }
    mandatory = (
        EVERY_TYPE in indicator.mandatory_for or sorted(indicator.mandatory_for, key=types.index) or False
    )
    plain: Document = {"mandatory": mandatory, "scale": indicator.scale.code}
    if indicator.weight != 1:
        plain["weight"] = indicator.weight
    if indicator.evidence_required_from is not None:
        plain["evidence_required_from"] = indicator.evidence_required_from
    if indicator.evidence_policy != "normal":
        plain["evidence_policy"] = indicator.evidence_policy
    return _ordered(start | plain | _kept(rest))


_ORDER = (
    "code vi en stages unit_types mandatory per_site scale applies_when weight evidence "
    "evidence_required_from evidence_policy legal_anchors uncertain levels"
).split()


def _ordered(document: Document) -> Document:
    return {key: document[key] for key in _ORDER if key in document}


def _levels(indicator: pure.Indicator) -> list[Document]:
    points = tuple(pure.Level(point.value, point.name) for point in indicator.scale.points)
    return [] if indicator.levels == points else [_level(level) for level in indicator.levels]


def _level(level: pure.Level) -> Document:
    start = {"value": level.value, **_said(level.sentence)}
    if level.next_step is None:
        return start
    english = {"next_en": level.next_step.en} if level.next_step.en else {}
    return start | {"next_vi": level.next_step.vi} | english
