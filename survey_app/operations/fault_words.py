"""What is wrong with the audit trail, in words."""

from survey_app.rules.chain import Fault, Finding
from survey_app.rules.errors import N_

FAULT_WORDS: dict[Fault, str] = {
    Fault.CHANGED: N_("Khối %(block)s, sự kiện %(event)s: nội dung đã bị sửa sau khi niêm phong."),
    Fault.REMOVED: N_("Khối %(block)s, sự kiện %(event)s: đã bị xóa sau khi niêm phong."),
    Fault.ADDED: N_("Khối %(block)s, sự kiện %(event)s: được đưa vào muộn hơn nhiều so với giờ ghi trên đó."),
    Fault.MEMBERS: N_("Khối %(block)s: danh sách sự kiện hoặc mã niêm phong không còn như lúc niêm phong."),
    Fault.UNCHAINED: N_("Khối %(block)s: không nối tiếp khối trước."),
    Fault.MISSING: N_("Khối %(block)s: không còn trong nhật ký."),
    Fault.REWRITTEN: N_("Khối %(block)s: khác mã đã công bố; chuỗi bị viết lại từ đây hoặc từ trước đó."),
    Fault.CUT: N_("Khối %(block)s đã công bố nhưng nhật ký kết thúc trước đó: phần cuối đã bị cắt."),
}


def say(finding: Finding) -> str:
    """A finding as a Vietnamese sentence."""
    return FAULT_WORDS[finding.fault] % {"block": finding.block, "event": finding.event}
