"""What a request sends: every text in NFC, and none with a control character that nobody asked to see.

The library's forms, our own and `request.form` all read the values kept here, so no field can forget it.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from flask import Request
from werkzeug.datastructures import CombinedMultiDict, ImmutableMultiDict, iter_multi_items

from survey_app.core.vietnamese import BadText

CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")  # tabs and line breaks are typed or pasted


class Sent(ImmutableMultiDict[str, Any]):
    """Names and texts of an address or a form, in NFC whatever the keyboard made of them; files as they are.

    Asking for a text by its name raises `BadText` when it has a control character (PostgreSQL takes no NUL);
    a field that says so itself beside what was typed asks with `as_typed`.
    """

    def __init__(self, given: Any = None) -> None:
        pairs = iter_multi_items(given) if given is not None else ()
        super().__init__([(_composed(name), _composed(text)) for name, text in pairs])

    def __getitem__(self, name: str) -> Any:
        return _refuse_controls(super().__getitem__(name))

    def getlist(self, name: str, type: Callable[[Any], Any] | None = None) -> list[Any]:
        """Every text or file of that name."""
        texts = [_refuse_controls(text) for text in super().getlist(name)]
        return texts if type is None else super().getlist(name, type)

    def as_typed(self, name: str) -> list[Any]:
        """Every text of that name in NFC, controls and all."""
        return super().getlist(name)


class AsTyped:
    """A view of a form's data for a field that refuses control characters with an error of its own."""

    def __init__(self, given: Any) -> None:
        self.parts = given.dicts if isinstance(given, CombinedMultiDict) else [given]

    def __contains__(self, name: str) -> bool:
        return any(name in part for part in self.parts)

    def getlist(self, name: str) -> list[Any]:
        """Every value of that name."""
        lists = (part.as_typed(name) if isinstance(part, Sent) else part.getlist(name) for part in self.parts)
        return [value for values in lists for value in values]


class OurRequest(Request):
    """A request whose address and form are read as `Sent`."""

    parameter_storage_class = Sent


def _composed(given: Any) -> Any:
    return unicodedata.normalize("NFC", given) if isinstance(given, str) else given


def _refuse_controls(given: Any) -> Any:
    if isinstance(given, str) and CONTROLS.search(given):
        raise BadText()
    return given
