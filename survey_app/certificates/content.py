"""What a certificate says, frozen: plain values as canonical JSON, from which paper and look-up are made."""

import json
from calendar import isleap
from dataclasses import dataclass
from datetime import date
from typing import Any

from survey_app.rules.canonical import canonical_json
from survey_app.rules.framework import Award, Framework, Words

LOOK_UP = "/tra-cuu/"
DESIGN = "mac-dinh"
SCHEMA = 1


@dataclass(frozen=True)
class Recognised:
    """The school and what it has earned; names as they stood when the round opened."""

    unit_name: str
    ward_name: str
    province: str
    school_year: str
    framework: Framework
    status: str
    award: str
    level: str
    result_uid: str
    result_sha256: str


@dataclass(frozen=True)
class IssuedBy:
    """Who issues, under which Decision, who signs."""

    superior: str
    agency: str
    heading: str
    place: str
    legal_basis: str
    decision_number: str
    decision_date: date
    signer_title: str
    signer_name: str


def freeze(
    earned: Recognised,
    issued_by: IssuedBy,
    *,
    number: str,
    code: str,
    base_url: str,
    valid_until: date,
    trial: bool,
    replaces: str = "",
) -> dict[str, Any]:
    """The content of one certificate as plain JSON values.

    `number` as printed; `base_url` as "https://truonghoc.example"; `replaces` the printed number of the
    certificate whose place it takes. The day on the paper is that of the Decision.
    """
    return {
        "schema": SCHEMA,
        "design": DESIGN,
        "number": number,
        "code": code,
        "url": base_url + LOOK_UP + code,
        **_plain_recognised(earned),
        **_plain_issuer(issued_by),
        "valid_until": valid_until.isoformat(),
        "trial": trial,
        "replaces": replaces,
    }


def _plain_recognised(earned: Recognised) -> dict[str, Any]:
    framework = earned.framework
    return {
        "unit": {"name": earned.unit_name, "ward": earned.ward_name, "province": earned.province},
        "award": _both(award_of(framework, earned.award).title),
        "level": _both(framework.band_of[earned.level].name),
        "school_year": earned.school_year,
        "framework": {
            "code": framework.code,
            "version": framework.version,
            "status": earned.status,
            "title": _both(framework.title),
        },
        "disclaimer": _both(framework.text("certificate_line")),
        "result": {"uid": earned.result_uid, "sha256": earned.result_sha256},
    }


def _plain_issuer(by: IssuedBy) -> dict[str, Any]:
    day = by.decision_date.isoformat()
    return {
        "issuer": {
            "superior": by.superior,
            "agency": by.agency,
            "heading": by.heading,
            "place": by.place,
            "legal_basis": by.legal_basis,
        },
        "decision": {"number": by.decision_number, "date": day},
        "signer": {"title": by.signer_title, "name": by.signer_name},
        "issued_on": day,
    }


def _both(words: Words) -> dict[str, str]:
    return {"vi": words.vi, "en": words.en}


def award_of(framework: Framework, code: str) -> Award:
    """The title with this code. Raises KeyError."""
    for award in framework.awards:
        if award.code == code:
            return award
    raise KeyError(code)


def years_later(day: date, years: int) -> date:
    """The same day some years on; 29 February becomes 28 where there is none."""
    if (day.month, day.day) == (2, 29) and not isleap(day.year + years):
        return date(day.year + years, 2, 28)
    return day.replace(year=day.year + years)


def write_content(content: dict[str, Any]) -> str:
    """The one byte sequence of a content, which is stored and hashed."""
    return canonical_json(content)


def read_content(text: str) -> dict[str, Any]:
    """The content that `write_content` wrote."""
    content: dict[str, Any] = json.loads(text)
    return content
