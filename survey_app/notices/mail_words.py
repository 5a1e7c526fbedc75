"""The words of e-mail, in Vietnamese whatever the page: what kind of thing happened, and where to look.

Never what a school answered or an officer wrote: a mailbox is not ours to guard (rules.md on personal data).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """The subject and the one sentence of a kind of e-mail; `always`: whatever the account's switch says."""

    subject: str
    sentence: str
    always: bool = False


RETURNED, REMINDER, RESULT, HAND_OVER = "review.returned", "deadline.reminder", "result", "unit.hand_over"
MAILED: dict[str, Words] = {
    RETURNED: Words(
        "Phiếu tự đánh giá cần bổ sung",
        "Cơ quan kiểm tra vừa yêu cầu trường bổ sung phiếu tự đánh giá.",
    ),
    REMINDER: Words(
        "Nhắc nộp phiếu tự đánh giá",
        "Trường còn phiếu tự đánh giá chưa nộp hoặc chưa bổ sung, và sắp đến hạn.",
    ),
    RESULT: Words(
        "Thông báo về kết quả đánh giá",
        "Có thông báo mới về kết quả đánh giá của trường.",
    ),
    HAND_OVER: Words(
        "Bàn giao tài khoản đơn vị",
        "Vai trò phụ trách đơn vị trên hệ thống vừa được bàn giao cho người kế nhiệm. "
        "Nếu Thầy/Cô không biết việc này, hãy báo ngay cho cơ quan quản lý trực tiếp.",
        always=True,
    ),
}
CONFIRM = Words(
    "Xác nhận thư điện tử",
    "Có người vừa ghi địa chỉ này vào tài khoản của mình. Nếu đúng là Thầy/Cô, hãy mở liên kết dưới đây để "
    "xác nhận; nếu không phải, xin bỏ qua thư này.",
)
RESET = Words(
    "Đặt lại mật khẩu",
    "Có người vừa yêu cầu đặt lại mật khẩu cho tài khoản của Thầy/Cô. Nếu đúng là Thầy/Cô, hãy mở liên kết "
    "dưới đây; nếu không phải, xin bỏ qua thư này: mật khẩu đang dùng không đổi.",
)


def notice_text(words: Words, *, name: str, address: str, own_account: str, system: str, contact: str) -> str:
    """The text of an e-mail about a notice; `address` opens it, `own_account` is where to stop them."""
    stop = "" if words.always else f"\n\nKhông muốn nhận thư này nữa: tắt ở {own_account}"
    return f"{_hello(name)}{words.sentence}\n\nMở để xem:\n{address}{stop}{_foot(system, contact)}"


def link_text(
    words: Words, *, name: str, login: str, address: str, code: str, system: str, contact: str
) -> str:
    """The text of an e-mail with a code that is good for an hour and one use."""
    return (
        f"{_hello(name)}{words.sentence}\n\nTên đăng nhập: {login}\n\nLiên kết (có giá trị 1 giờ, dùng một "
        f"lần):\n{address}#{code}\n\nNếu trang mở ra mà ô mã còn trống, hãy chép mã này vào:\n{code}"
        f"{_foot(system, contact)}"
    )


def _hello(name: str) -> str:
    return f"Kính gửi Thầy/Cô {name},\n\n"


def _foot(system: str, contact: str) -> str:
    support = f"\nHỗ trợ: {contact}" if contact else ""
    return f"\n\n--\n{system}\nThư gửi tự động, xin không trả lời thư này.{support}\n"
