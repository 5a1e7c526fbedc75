"""The audit trail in words: what each act is called, and what changed from what to what."""

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext

from survey_app.core.audit import AuditEvent
from survey_app.rounds.models import ROUND_STATE_NAMES
from survey_app.rules.errors import N_
from survey_app.rules.workflow import STATE_NAMES

ACTION_NAMES: dict[str, str] = {
    "account.activate": N_("Kích hoạt tài khoản"),
    "account.change": N_("Sửa thông tin tài khoản"),
    "account.create": N_("Tạo tài khoản"),
    "account.deactivate": N_("Khóa tài khoản"),
    "account.password": N_("Đổi mật khẩu"),
    "account.password_reset": N_("Đặt lại mật khẩu bằng thư điện tử"),
    "account.reactivate": N_("Mở lại tài khoản"),
    "account.session_end": N_("Kết thúc phiên làm việc"),
    "account.sign_in": N_("Đăng nhập"),
    "account.sign_out": N_("Đăng xuất"),
    "assessment.approve": N_("Xác nhận kết quả kiểm tra"),
    "assessment.hold": N_("Để hồ sơ xử lý sau"),
    "assessment.propose": N_("Trình lãnh đạo duyệt"),
    "assessment.publish": N_("Công bố kết quả của phiếu"),
    "assessment.reopen": N_("Mở lại hồ sơ đã xác nhận"),
    "assessment.resume": N_("Tiếp tục kiểm tra hồ sơ"),
    "assessment.return": N_("Yêu cầu bổ sung"),
    "assessment.send_back": N_("Lãnh đạo trả lại để kiểm tra thêm"),
    "assessment.start_review": N_("Bắt đầu kiểm tra"),
    "assessment.submit": N_("Nộp phiếu"),
    "assessment.unpublish": N_("Hủy công bố kết quả của phiếu"),
    "assessment.withdraw": N_("Rút phiếu"),
    "certificate.issue": N_("Cấp giấy chứng nhận"),
    "certificate.reissue": N_("Cấp lại giấy chứng nhận"),
    "certificate.revoke": N_("Thu hồi giấy chứng nhận"),
    "certificates.discard": N_("Bỏ đợt cấp giấy chứng nhận đang chuẩn bị"),
    "certificates.order": N_("Phát hành giấy chứng nhận theo quyết định"),
    "certificates.prepare": N_("Chuẩn bị đợt cấp giấy chứng nhận"),
    "code.issue": N_("Cấp mã kích hoạt"),
    "email.confirm": N_("Xác nhận thư điện tử"),
    "email.confirm_sent": N_("Gửi thư xác nhận địa chỉ"),
    "email.reset_sent": N_("Gửi thư đặt lại mật khẩu"),
    "evidence.add": N_("Thêm minh chứng"),
    "evidence.delete": N_("Xóa minh chứng"),
    "evidence.detach": N_("Gỡ minh chứng khỏi tiêu chí"),
    "evidence.edit": N_("Sửa thông tin minh chứng"),
    "evidence.hide": N_("Ẩn minh chứng"),
    "evidence.unhide": N_("Hiện lại minh chứng"),
    "export.make": N_("Xuất Excel"),
    "framework.load": N_("Nạp bộ tiêu chí"),
    "framework.publish": N_("Khóa phiên bản và đưa vào áp dụng"),
    "issuer.add": N_("Thêm cơ quan cấp giấy chứng nhận"),
    "job.enqueue": N_("Giao việc cho hệ thống xử lý"),
    "letters.ask": N_("Yêu cầu tạo phiếu cấp tài khoản"),
    "letters.discard": N_("Xóa tệp phiếu cấp tài khoản"),
    "letters.fetch": N_("Tải tệp phiếu cấp tài khoản"),
    "membership.add": N_("Thêm người vào đơn vị"),
    "membership.end": N_("Kết thúc vai trò ở đơn vị"),
    "notice.send": N_("Gửi thông báo đến các trường"),
    "organisation.change": N_("Sửa thông tin đơn vị"),
    "organisation.create": N_("Thêm trường vào danh sách"),
    "organisation.import": N_("Nhập danh sách trường"),
    "participation.add": N_("Thêm trường vào đợt"),
    "participation.extend": N_("Gia hạn cho trường"),
    "participation.reviewer": N_("Đổi cơ quan kiểm tra"),
    "plan.add": N_("Thêm việc vào kế hoạch cải thiện"),
    "plan.change": N_("Sửa việc trong kế hoạch cải thiện"),
    "plan.delete": N_("Xóa việc khỏi kế hoạch cải thiện"),
    "profile.save": N_("Lưu thông tin nhà trường"),
    "result.publish": N_("Công bố kết quả"),
    "result.unpublish": N_("Hủy công bố kết quả"),
    "return.settle": N_("Giữ nguyên câu trả lời được yêu cầu bổ sung"),
    "review.assign": N_("Phân công người kiểm tra"),
    "review.copy": N_("Lấy mức trường tự đánh giá làm kết quả kiểm tra"),
    "review.drop": N_("Bỏ kết quả kiểm tra của tiêu chí không áp dụng"),
    "review.hold": N_("Ghi lý do để xử lý sau"),
    "review.mark": N_("Đánh dấu tiêu chí cần bổ sung"),
    "review.send_back": N_("Ghi lý do trả lại để kiểm tra thêm"),
    "review.unmark": N_("Bỏ đánh dấu tiêu chí cần bổ sung"),
    "review.verify": N_("Ghi kết quả kiểm tra một tiêu chí"),
    "round.change": N_("Sửa đợt đánh giá"),
    "round.choose": N_("Chọn trường cho đợt"),
    "round.create": N_("Tạo đợt đánh giá"),
    "round.deadlines": N_("Đổi hạn của đợt"),
    "round.open": N_("Mở đợt đánh giá"),
    "round.publish": N_("Ghi nhận đợt đã công bố kết quả"),
    "round.reopen": N_("Mở lại đợt đã công bố"),
    "unit.hand_over": N_("Bàn giao vai trò ở đơn vị"),
    "unit_request.ask": N_("Đề nghị thêm trường"),
    "unit_request.close": N_("Xử lý đề nghị thêm trường"),
    "veto.confirm": N_("Trường xác nhận đã đọc ghi nhận"),
    "veto.record": N_("Ghi nhận sự việc loại trừ"),
    "veto.withdraw": N_("Rút ghi nhận sự việc loại trừ"),
}
FIELD_NAMES: dict[str, str] = {
    "state": N_("trạng thái"),
    "status": N_("trạng thái"),
    "level": N_("kết quả"),
    "number": N_("số"),
    "reason": N_("lý do"),
    "indicator": N_("tiêu chí"),
    "value": N_("mức"),
    "name": N_("tên"),
    "login": N_("tên đăng nhập"),
    "role": N_("vai trò"),
    "unit": N_("đơn vị"),
    "path": N_("địa chỉ trang"),
    "method": N_("cách gửi"),
    "kind": N_("loại"),
    "title": N_("tên"),
    "closes_at": N_("hạn nộp"),
    "officer": N_("người kiểm tra"),
    "document": N_("văn bản"),
    "action": N_("việc cần làm"),
    "person": N_("người phụ trách"),
    "due_on": N_("hạn"),
    "cost": N_("kinh phí (nghìn đồng)"),
    "email": N_("thư điện tử"),
    "wants_mail": N_("nhận thư"),
    "schools": N_("số trường"),
    "units": N_("số trường"),
    "whom": N_("nơi nhận"),
    "priority": N_("ưu tiên"),
}
LONGEST = 200
_STATES: dict[str, str] = {**ROUND_STATE_NAMES, **{str(state): name for state, name in STATE_NAMES.items()}}


def act_of(event: AuditEvent) -> str:
    """What was done, or what was refused; an act without a name of its own shows its code."""
    if event.outcome == "denied" and event.subject_type == "route":
        return str(gettext("Bị từ chối: không có quyền dùng trang"))
    name = ACTION_NAMES.get(event.action)
    if event.outcome == "denied":
        return str(gettext("Không thành công: %(act)s", act=gettext(name) if name else event.action))
    return str(gettext(name)) if name else event.action


def changes_of(event: AuditEvent) -> Iterator[tuple[str, str, str]]:
    """What changed, as (name, old, new) in words; "" where there was or is nothing."""
    old, new = _as_dict(event.old), _as_dict(event.new)
    for key in [*old, *(key for key in new if key not in old)]:
        before, after = _words(key, old.get(key)), _words(key, new.get(key))
        if before != after:
            yield gettext(FIELD_NAMES.get(key, key)), before, after


def _as_dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {} if value is None else {"value": value}


def _words(key: str, value: Any) -> str:
    if value is None or value == "":
        return ""
    if key == "state" and isinstance(value, str) and value in _STATES:
        return str(gettext(_STATES[value]))
    if isinstance(value, bool):
        return str(gettext("có") if value else gettext("không"))
    if isinstance(value, list):
        text = ", ".join(str(part) for part in value)
    elif isinstance(value, dict):
        text = ", ".join(f"{name}: {part}" for name, part in value.items())
    else:
        text = str(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
