"""A criteria set as plain JSON values and back: what a stored edition holds and what its digest is of.

The shape follows the dataclasses of `rules.framework` field by field, so that a new field needs no code
here. Sets become sorted lists, an indicator names its scale by code.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from survey_app.rules.framework import Framework, Indicator, Scale


def plain_framework(framework: Framework) -> dict[str, Any]:
    """The set as plain JSON values; `read_framework` turns them back into an equal set."""
    plain: dict[str, Any] = _plain(framework)
    for area in plain["areas"]:
        for criterion in area["criteria"]:
            for indicator in criterion["indicators"]:
                indicator["scale"] = indicator["scale"]["code"]
    return plain


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return value


def read_framework(plain: Mapping[str, Any]) -> Framework:
    """The set that `plain_framework` wrote. Raises KeyError or TypeError for anything else."""
    scales = {code: _read(Scale, scale, {}) for code, scale in plain["scales"].items()}
    framework: Framework = _read(Framework, plain, scales)
    return framework


def _read(kind: Any, value: Any, scales: Mapping[str, Scale]) -> Any:
    origin, inner = get_origin(kind), get_args(kind)
    if origin is UnionType:
        kinds = [part for part in inner if part is not NoneType]
        return None if value is None else _read(kinds[0], value, scales)
    if origin is tuple:
        return tuple(_read(inner[0], part, scales) for part in value)
    if origin is frozenset:
        return frozenset(value)
    if origin is Mapping:
        return {key: _read(inner[1], part, scales) for key, part in value.items()}
    if is_dataclass(kind):
        return _read_dataclass(kind, value, scales)
    return value


def _read_dataclass(kind: Any, value: Mapping[str, Any], scales: Mapping[str, Scale]) -> Any:
    hints = _hints(kind)
    given = {name: value[name] for name in hints if name in value}
    if kind is Indicator:
        found = scales[given.pop("scale")]
        return Indicator(
            scale=found, **{name: _read(hints[name], part, scales) for name, part in given.items()}
        )
    return kind(**{name: _read(hints[name], part, scales) for name, part in given.items()})


@cache
def _hints(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}
