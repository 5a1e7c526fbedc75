"""From plain documents to a criteria set, or to every fault in them at once.

A fault in one place must not hide the faults elsewhere: what the schema refuses is mended with a
placeholder, so that the checks across files still see all the rest.
"""

import copy
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from survey_app.frameworks import schema
from survey_app.frameworks.build import build_framework
from survey_app.frameworks.checks import GHOSTS, PLACEHOLDER, Content, cross_faults
from survey_app.frameworks.documents import HEAD
from survey_app.frameworks.faults import Fault, Loc, faults_of
from survey_app.rules.framework import Framework

Model = TypeVar("Model", schema.Head, schema.Area)
NO_HEAD = "Thiếu tệp framework.yaml (thông tin chung, thang, quy tắc đạt)."
_SAID = {"vi": PLACEHOLDER, "en": PLACEHOLDER}
_PLACEHOLDER_HEAD: dict[str, Any] = {
    "code": "x",
    "version": "0",
    "title": _SAID,
    "tiers": {"areas": _SAID, "criteria": _SAID, "indicators": _SAID},
    "areas": ["X"],
    "stages": [{"code": "x", **_SAID}],
    "unit_types": [{"code": "x", **_SAID}],
    "scales": {"x": [{"value": value, **_SAID, "met": value == 1} for value in (0, 1)]},
    "site_rule": "lowest",
    "pass_rule": {"min_met_percent": 0},
    "bands": [{"code": "x", **_SAID, "requires_pass": False}],
}


@dataclass(frozen=True)
class Reading:
    """A set, or why there is none."""

    framework: Framework | None
    faults: tuple[Fault, ...]


def read_documents(documents: Mapping[str, Any], present: Collection[str] = ()) -> Reading:
    """Check the documents of one edition ({"framework.yaml": …, "AT.yaml": …}) and build its set.

    `present` names files that are there but could not be read: they are not missing.
    """
    faults: list[Fault] = []
    files = frozenset(present) | set(documents)
    head, unsure = _head(documents, files, faults)
    areas: dict[str, schema.Area] = {}
    whole = files == set(documents)
    for file, document in documents.items():
        if file != HEAD:
            area, complete = _area(file, document, faults)
            whole = whole and complete
            if area is not None:
                areas[file] = area
    content = Content(head, areas, files, unsure, whole)
    faults += cross_faults(content, documents)
    if faults or not whole:
        return Reading(None, tuple(dict.fromkeys(faults)))
    return Reading(build_framework(head, [areas[f"{code}.yaml"] for code in head.areas]), ())


def _errors(model: type[Model], document: Any) -> tuple[Model | None, list[ErrorDetails]]:
    try:
        return model.model_validate(document), []
    except ValidationError as error:
        return None, error.errors(include_url=False)


def _head(
    documents: Mapping[str, Any], files: Collection[str], faults: list[Fault]
) -> tuple[schema.Head, frozenset[str]]:
    """The head with wrong parts replaced, and the names of those parts (nothing may be said of them)."""
    document = documents.get(HEAD)
    head, errors = _errors(schema.Head, document)
    if head is not None:
        return head, frozenset()
    if HEAD in documents:
        faults += faults_of(HEAD, errors)
    elif HEAD not in files:
        faults.append(Fault(HEAD, (), NO_HEAD))
    if not isinstance(document, dict):
        return schema.Head.model_validate(_PLACEHOLDER_HEAD), frozenset(schema.Head.model_fields)
    unsure = frozenset(str(error["loc"][0]) for error in errors)
    sound = {key: value for key, value in document.items() if key not in unsure}
    return schema.Head.model_validate(_PLACEHOLDER_HEAD | sound), unsure


def _area(file: str, document: Any, faults: list[Fault]) -> tuple[schema.Area | None, bool]:
    """The area with wrong parts replaced, and whether every criterion and indicator could be kept."""
    area, errors = _errors(schema.Area, document)
    if area is not None:
        return area, True
    faults += faults_of(file, errors)
    if not isinstance(document, dict):
        return None, False
    mended = copy.deepcopy(document)
    kept = [_mend(mended, error["loc"]) for error in errors]
    return _errors(schema.Area, mended)[0], all(kept)


_SPARE = {"vi": PLACEHOLDER, "weight": 1, "mandatory": False}


def _mend(document: Any, loc: Loc) -> bool:
    """Replace the wrong part; False when a whole indicator or criterion became a ghost (places stay)."""
    holder, parent = document, None
    while len(loc) >= 2 and loc[0] in ("criteria", "indicators") and isinstance(loc[1], int):
        parts = holder[loc[0]]
        if loc[1] >= len(parts):  # its criterion is a ghost already
            return False
        parent = (parts, loc[1], GHOSTS[str(loc[0])])
        holder, loc = parts[loc[1]], loc[2:]
    key = loc[0] if loc else None
    if key in _SPARE and isinstance(holder, dict):
        holder[key] = _SPARE[str(key)]
        return True
    if isinstance(holder, dict) and key not in ("code", "scale", "criteria", "indicators", None):
        holder.pop(key, None)
        return True
    if parent:
        place, index, ghost = parent
        place[index] = copy.deepcopy(ghost)
    return False
