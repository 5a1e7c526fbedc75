"""What is wrong in a criteria set, and the sentence for each kind of fault the schema finds.

Sets are written in Vietnamese by the department; what is wrong in them is said in Vietnamese only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic_core import ErrorDetails

from survey_app.frameworks import schema

Loc = tuple[str | int, ...]

KEYS = sorted(
    {
        name
        for part in vars(schema).values()
        if isinstance(part, type) and issubclass(part, schema.Part)
        for name in part.model_fields
    }
)


@dataclass(frozen=True)
class Fault:
    """One fault: in which file, at which key of it, and what to do.

    `at_key`: the key itself is wrong; `missing`: the name of a key that is not there.
    """

    file: str
    loc: Loc
    sentence: str
    at_key: bool = False
    missing: str = ""


MISSING = "Thiếu mục “%(key)s”."
UNKNOWN_KEY = "Không có mục nào tên “%(key)s”."
DID_YOU_MEAN = "Không có mục nào tên “%(key)s”. Có phải là “%(close)s”?"
QUOTE_IT = 'Phải là chữ. Hãy đặt trong dấu nháy: "%(input)s".'
EMPTY = "Để trống. Hãy ghi nội dung."

_SENTENCES: Mapping[str, str] = {
    "string_type": "Phải là chữ.",
    "string_too_short": EMPTY,
    "string_too_long": "Dài quá %(max_length)s ký tự. Hãy rút gọn.",
    "int_type": "Phải là số nguyên, không đặt trong dấu nháy.",
    "bool_type": "Phải là true hoặc false, không đặt trong dấu nháy.",
    "list_type": "Phải là danh sách: mỗi dòng bắt đầu bằng dấu gạch ngang, hoặc [a, b].",
    "dict_type": "Phải là một nhóm mục, mỗi dòng một mục dạng “tên: nội dung”.",
    "model_type": "Phải là một nhóm mục, mỗi dòng một mục dạng “tên: nội dung”.",
    "literal_error": "Chỉ được là %(expected)s.",
    "greater_than": "Phải lớn hơn %(gt)s.",
    "greater_than_equal": "Không được nhỏ hơn %(ge)s.",
    "less_than_equal": "Không được lớn hơn %(le)s.",
    "too_short": "Phải có ít nhất %(min_length)s mục.",
}
_OTHER = "Nội dung không đúng kiểu."


def sentence_of(error: ErrorDetails) -> str:
    """The Vietnamese sentence for one finding of the schema."""
    kind, words = error["type"], dict(error.get("ctx", {}))
    if kind.startswith("said_"):
        return str(words["sentence"])
    key = str(error["loc"][-1]) if error["loc"] else ""
    if kind == "missing":
        return MISSING % {"key": key}
    if kind == "extra_forbidden":
        close = get_close_matches(key, KEYS, n=1, cutoff=0.7)
        return DID_YOU_MEAN % {"key": key, "close": close[0]} if close else UNKNOWN_KEY % {"key": key}
    if error["input"] is None:
        return EMPTY
    if kind == "string_type" and isinstance(error["input"], int | float):
        return QUOTE_IT % {"input": _typed(error["input"])}
    words["expected"] = str(words.get("expected", "")).replace("'", "").replace(" or ", " hoặc ")
    return _SENTENCES.get(kind, _OTHER) % words


def _typed(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def faults_of(file: str, errors: list[ErrorDetails]) -> list[Fault]:
    """The schema's findings in one file."""
    return [
        Fault(
            file,
            error["loc"],
            sentence_of(error),
            at_key=error["type"] == "extra_forbidden",
            missing=str(error["loc"][-1]) if error["type"] == "missing" else "",
        )
        for error in errors
    ]
