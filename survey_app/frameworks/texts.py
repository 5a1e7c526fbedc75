"""What a text or a code of a criteria set must look like, as types the schema is made of.

Messages are whole Vietnamese sentences, so that a fault can be shown as it is.
"""

import re
import unicodedata
from typing import Annotated, Any

from pydantic import AfterValidator, Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from survey_app.core.vietnamese import BadText, clean

LONGEST = 3000
BLANK_ENDS = "Có dấu cách hoặc dòng trống ở đầu hoặc cuối câu. Hãy xóa đi."
TWO_BLANKS = "Có hai dấu cách liền nhau hoặc phím Tab trong câu. Hãy chỉ để một dấu cách."
CONTROL = "Có ký tự điều khiển không nhìn thấy được. Hãy xóa rồi gõ lại câu này."
NOT_NFC = "Dấu tiếng Việt gõ rời (chưa theo Unicode dựng sẵn, NFC). Hãy gõ lại câu này."
MANDATORY = "Phải là true, false hoặc danh sách loại đơn vị, ví dụ [truong]."


def _fault(kind: str, sentence: str) -> PydanticCustomError:
    return PydanticCustomError("said_" + kind, "{sentence}", {"sentence": sentence})


def check_text(text: str) -> str:
    """The text itself when it is stored as it should be: NFC, one blank between words, no controls."""
    if unicodedata.normalize("NFC", text) != text:
        raise _fault("nfc", NOT_NFC)
    try:
        cleaned = clean(text)
    except BadText as error:
        raise _fault("control", CONTROL) from error
    if cleaned != text:
        raise _fault("ends", BLANK_ENDS)
    if re.search(r"  |\t| \n|\n ", text):
        raise _fault("blanks", TWO_BLANKS)
    return text


def _code(pattern: str, sentence: str) -> Any:
    whole = re.compile(pattern + r"\Z")

    def check(value: str) -> str:
        if not whole.match(value):
            raise _fault("code", sentence)
        return value

    return Annotated[str, AfterValidator(check), Field(json_schema_extra={"pattern": f"^{pattern}$"})]


def _mandatory(value: Any) -> bool | tuple[str, ...]:
    if isinstance(value, bool):
        return value
    if isinstance(value, list) and value and all(isinstance(part, str) for part in value):
        return tuple(value)
    raise _fault("mandatory", MANDATORY)


Text = Annotated[str, Field(min_length=1, max_length=LONGEST), AfterValidator(check_text)]
Title = Annotated[str, Field(min_length=1, max_length=255), AfterValidator(check_text)]
Code = _code(
    "[a-z][a-z0-9_]{0,39}",
    "Mã phải gồm chữ thường không dấu, chữ số, gạch dưới và bắt đầu bằng chữ, ví dụ bep_an.",
)
SetCode = _code(
    "(?=.{1,64}$)[a-z0-9]+(-[a-z0-9]+)*",
    "Mã bộ tiêu chí phải gồm chữ thường không dấu, chữ số và gạch nối, ví dụ pho-thong.",
)
Version = _code(
    r"[0-9]{1,4}(\.[0-9]{1,4}){0,2}", "Phiên bản phải gồm các số cách nhau bằng dấu chấm, ví dụ 1.0."
)
AreaCode = _code("[A-Z]{1,4}", "Mã lĩnh vực phải là 1 đến 4 chữ cái in hoa không dấu, ví dụ AT.")
CriterionCode = _code("[A-Z]{1,4}[1-9][0-9]?", "Mã nội dung phải là mã lĩnh vực rồi đến một số, ví dụ AT1.")
IndicatorCode = _code(
    r"[A-Z]{1,4}[1-9][0-9]?\.[1-9][0-9]?",
    "Mã tiêu chí phải là mã nội dung, dấu chấm rồi đến một số, ví dụ AT1.2.",
)
VetoCode = _code("[A-Z]{1,3}[0-9]{1,2}", "Mã sự việc phải là chữ in hoa rồi đến một số, ví dụ V1.")
Mandatory = Annotated[
    bool | tuple[str, ...],
    PlainValidator(_mandatory),
    WithJsonSchema(
        {"anyOf": [{"type": "boolean"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
    ),
]
