"""Refusals: what the rules say no to, as exceptions that carry a sentence for the person."""

from typing import Any


def N_(text: str) -> str:  # noqa: N802 - the customary name of a message that is translated later
    """Mark a Vietnamese message for the catalogue without translating it here."""
    return text


class RuleError(Exception):
    """A refused action. `message` is a Vietnamese sentence with %(name)s places, filled from `params`.

    `status` is the HTTP answer: 422 bad input, 409 the state has moved on, 403 not allowed now, 404 unknown.
    """

    status = 409
    message = N_("Không thực hiện được việc này. Hãy tải lại trang rồi thử lại.")

    def __init__(self, **params: Any) -> None:
        super().__init__(self.message)
        self.params = params

    def __str__(self) -> str:
        return self.message % self.params if self.params else self.message


class NotFound(RuleError):
    """There is no such object, or it is not this person's to see: both answer the same (404)."""

    status = 404
    message = N_("Không tìm thấy nội dung này, hoặc tài khoản không được xem.")


class NotAllowed(RuleError):
    """The person may see the object but this act is not theirs."""

    status = 403
    message = N_("Tài khoản này không được thực hiện việc đó.")


class BadInput(RuleError):
    """A value that does not fit what the form asks for."""

    status = 422
    message = N_("Thông tin gửi lên chưa đúng. Hãy kiểm tra lại rồi gửi.")
