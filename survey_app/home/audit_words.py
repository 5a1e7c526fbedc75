"""The audit trail in words: what each act is called, and what changed from what to what."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from flask_babel import gettext

from survey_app.assessments.queries import FORM_ACTS
from survey_app.certificates.numbering import show_pattern
from survey_app.core.audit import AuditEvent
from survey_app.core.filters import write_date, write_minute
from survey_app.rounds.models import PURPOSE_NAMES, ROUND_STATE_NAMES
from survey_app.rules.errors import N_
from survey_app.rules.permissions import ROLE_NAMES
from survey_app.rules.workflow import STATE_NAMES

ACTION_NAMES: dict[str, str] = {
    **FORM_ACTS,
    "account.activate": N_("Kích hoạt tài khoản"),
    "account.change": N_("Sửa thông tin tài khoản"),
    "account.create": N_("Tạo tài khoản"),
    "account.deactivate": N_("Khóa tài khoản"),
    "account.password": N_("Đổi mật khẩu"),
    "account.password_reset": N_("Đặt lại mật khẩu bằng thư điện tử"),
    "account.reactivate": N_("Mở lại tài khoản"),
    "account.second_step": N_("Nhập mã xác nhận khi đăng nhập"),
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
    "assessment.unpublish": N_("Hủy công bố kết quả của phiếu"),
    "backup.make": N_("Sao lưu dữ liệu"),
    "backup.restore": N_("Khôi phục từ bản sao lưu"),
    "certificate.issue": N_("Cấp giấy chứng nhận"),
    "certificate.reissue": N_("Cấp lại giấy chứng nhận"),
    "certificate.revoke": N_("Thu hồi giấy chứng nhận"),
    "certificates.continue": N_("Làm tiếp đợt cấp giấy chứng nhận"),
    "certificates.decide": N_("Ghi quyết định và người ký giấy chứng nhận"),
    "certificates.discard": N_("Bỏ đợt cấp giấy chứng nhận đang chuẩn bị"),
    "certificates.order": N_("Phát hành giấy chứng nhận theo quyết định"),
    "certificates.prepare": N_("Chuẩn bị đợt cấp giấy chứng nhận"),
    "code.issue": N_("Cấp mã kích hoạt"),
    "email.confirm": N_("Xác nhận thư điện tử"),
    "email.confirm_sent": N_("Gửi thư xác nhận địa chỉ"),
    "email.reset_sent": N_("Gửi thư đặt lại mật khẩu"),
    "evidence.add": N_("Thêm minh chứng"),
    "evidence.delete": N_("Xóa minh chứng"),
    "evidence.edit": N_("Sửa thông tin minh chứng"),
    "evidence.hide": N_("Ẩn minh chứng"),
    "evidence.malware": N_("Từ chối tệp có mã độc"),
    "evidence.unhide": N_("Hiện lại minh chứng"),
    "export.make": N_("Xuất Excel"),
    "framework.delete": N_("Xóa bản nháp bộ tiêu chí"),
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
    "organisation.end": N_("Ghi ngày kết thúc của đơn vị"),
    "organisation.import": N_("Nhập danh sách trường"),
    "organisation.restore": N_("Bỏ ngày kết thúc của đơn vị"),
    "participation.add": N_("Thêm trường vào đợt"),
    "participation.extend": N_("Gia hạn cho trường"),
    "participation.reviewer": N_("Đổi cơ quan kiểm tra"),
    "plan.add": N_("Thêm việc vào kế hoạch cải thiện"),
    "plan.change": N_("Sửa việc trong kế hoạch cải thiện"),
    "plan.evidence": N_("Chọn minh chứng của việc trong kế hoạch cải thiện"),
    "plan.delete": N_("Xóa việc khỏi kế hoạch cải thiện"),
    "result.publish": N_("Công bố kết quả"),
    "result.unpublish": N_("Hủy công bố kết quả"),
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
    "round.delete": N_("Xóa đợt đang chuẩn bị"),
    "round.open": N_("Mở đợt đánh giá"),
    "round.publish": N_("Ghi nhận đợt đã công bố kết quả"),
    "round.reopen": N_("Mở lại đợt đã công bố"),
    "second_factor.recovery_code": N_("Dùng một mã dự phòng"),
    "second_factor.renew_codes": N_("Cấp mã dự phòng mới"),
    "second_factor.reset": N_("Đặt lại xác nhận hai bước của người khác"),
    "second_factor.switch_off": N_("Tắt xác nhận hai bước"),
    "second_factor.switch_on": N_("Bật xác nhận hai bước"),
    "unit.hand_over": N_("Bàn giao vai trò ở đơn vị"),
    "unit_request.ask": N_("Đề nghị thêm trường"),
    "unit_request.close": N_("Xử lý đề nghị thêm trường"),
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
    "papers_only": N_("không có dữ liệu của cá nhân"),
    "value": N_("mức"),
    "name": N_("tên"),
    "login": N_("tên đăng nhập"),
    "role": N_("vai trò"),
    "unit": N_("đơn vị"),
    "path": N_("địa chỉ trang"),
    "method": N_("cách gửi"),
    "kind": N_("loại"),
    "title": N_("tên"),
    "signature": N_("mã độc"),
    "file": N_("tệp"),
    "closes_at": N_("hạn nộp"),
    "decision": N_("số quyết định"),
    "date": N_("ngày"),
    "signer": N_("người ký"),
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
    "marks": N_("điểm ưu tiên"),
    "address": N_("địa chỉ"),
    "contact_name": N_("người liên hệ"),
    "contact_phone": N_("điện thoại cơ quan"),
    "contact_email": N_("thư điện tử cơ quan"),
    "valid_to": N_("ngày kết thúc"),
    "successor": N_("đơn vị tiếp nối"),
    "unit_id": N_("đơn vị"),
    "user_id": N_("người"),
    "position": N_("chức vụ"),
    "phone": N_("điện thoại"),
    "superior": N_("cơ quan chủ quản"),
    "agency": N_("cơ quan cấp"),
    "heading": N_("dòng ghi trên giấy"),
    "place": N_("địa danh"),
    "signer_title": N_("chức vụ người ký"),
    "signer_name": N_("họ tên người ký"),
    "number_pattern": N_("mẫu số giấy"),
    "legal_basis": N_("căn cứ"),
    "valid_from": N_("áp dụng từ"),
    "stage": N_("cấp học"),
    "stages": N_("cấp học"),
    "key": N_("phiên bản"),
    "results": N_("số trường"),
    "replaced_by": N_("thay bằng giấy số"),
    "until": N_("đến"),
    "purpose": N_("loại đợt"),
    "school_year": N_("năm học"),
    "opens_at": N_("mở đợt"),
    "commune_closes_at": N_("hạn của xã, phường"),
    "department_closes_at": N_("hạn của Sở"),
    "grace_minutes": N_("số phút chờ thêm"),
    "checking_levels": N_("số cấp kiểm tra"),
    "signed_copy_required": N_("phải có bản phiếu đã ký"),
    "note": N_("ghi chú"),
    "sets": N_("bộ tiêu chí"),
    "forms": N_("số phiếu"),
    "round": N_("đợt"),
    "code": N_("mã"),
    "answer": N_("câu trả lời"),
    "source": N_("tệp"),
    "created": N_("thêm mới"),
    "changed": N_("thay đổi"),
    "not_applicable": N_("không áp dụng"),
    "ward_ids": N_("xã, phường"),
    "unit_types": N_("loại đơn vị"),
    "excluded": N_("bỏ ra"),
    "holder": N_("người kiểm tra"),
    "count": N_("số lượng"),
    "rows": N_("số dòng"),
    "by_hand": N_("chọn bằng tay"),
}
# What only machines read: digests and public ids of rows.
UNSHOWN = frozenset({"sha256", "source_sha256", "uid", "version", "fs_uniquifier"})
SUBJECT_NAMES: dict[str, str] = {
    "Assessment": N_("Phiếu tự đánh giá"),
    "AssessmentEvidence": N_("Minh chứng của tiêu chí"),
    "Certificate": N_("Giấy chứng nhận"),
    "CertificateBatch": N_("Đợt cấp giấy chứng nhận"),
    "EvidenceFile": N_("Minh chứng"),
    "EvidenceUse": N_("Minh chứng của tiêu chí"),
    "ExportFile": N_("Tệp Excel"),
    "FrameworkVersion": N_("Bộ tiêu chí"),
    "Issuer": N_("Cơ quan cấp giấy chứng nhận"),
    "Job": N_("Việc hệ thống xử lý"),
    "OrganisationUnit": N_("Đơn vị"),
    "Participation": N_("Trường trong đợt"),
    "PlanItem": N_("Việc trong kế hoạch"),
    "Result": N_("Kết quả"),
    "Round": N_("Đợt đánh giá"),
    "User": N_("Tài khoản"),
    "UserSession": N_("Phiên làm việc"),
    "VetoEvent": N_("Sự việc loại trừ"),
    "route": N_("Trang"),
}
LONGEST = 200
_ROLES = {str(role): name for role, name in ROLE_NAMES.items()}
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d[\d:.]*(Z|[+-]\d\d:\d\d)", re.ASCII)
_STATES: dict[str, str] = {**ROUND_STATE_NAMES, **{str(state): name for state, name in STATE_NAMES.items()}}


def act_of(event: AuditEvent) -> str:
    """What was done, or what was refused; an act without a name of its own shows its code."""
    if event.outcome == "denied" and event.subject_type == "route":
        unknown = event.action == "NotFound"
        return str(
            gettext("Bị từ chối: đối tượng không có hoặc không được xem")
            if unknown
            else gettext("Bị từ chối: không có quyền dùng trang")
        )
    name = ACTION_NAMES.get(event.action)
    if event.outcome == "denied":
        return str(gettext("Không thành công: %(act)s", act=gettext(name) if name else event.action))
    return str(gettext(name)) if name else event.action


def subject_of(event: AuditEvent) -> str:
    """What kind of thing an act was done to."""
    name = SUBJECT_NAMES.get(event.subject_type)
    return str(gettext(name)) if name else event.subject_type


def changes_of(
    event: AuditEvent, names: Mapping[tuple[str, int], str] | None = None
) -> Iterator[tuple[str, str, str]]:
    """What changed, as (name, old, new) in words; "" where there was or is nothing.

    `names` are those of units and people by ("unit_id" | "user_id", key).
    """
    old, new = _as_dict(event.old), _as_dict(event.new)
    for key in [*old, *(key for key in new if key not in old)]:
        if key in UNSHOWN:
            continue
        before, after = (_named(key, value, names or {}) for value in (old.get(key), new.get(key)))
        if before != after:
            yield gettext(FIELD_NAMES.get(key, key)), before, after


def _named(key: str, value: Any, names: Mapping[tuple[str, int], str]) -> str:
    known = names.get((key, value)) if isinstance(value, int) else None
    return known or _words(key, value)


def _as_dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {} if value is None else {"value": value}


def _words(key: str, value: Any) -> str:
    if value is None or value == "":
        return ""
    if key == "state" and isinstance(value, str) and value in _STATES:
        return str(gettext(_STATES[value]))
    if key == "role" and value in _ROLES:
        return str(gettext(_ROLES[value]))
    if key == "number_pattern":
        return show_pattern(str(value))
    if key == "purpose" and value in PURPOSE_NAMES:
        return str(gettext(PURPOSE_NAMES[value]))
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        return write_minute(datetime.fromisoformat(value))
    if isinstance(value, str) and _DAY.fullmatch(value):
        return write_date(date.fromisoformat(value))
    if isinstance(value, bool):
        return str(gettext("có") if value else gettext("không"))
    if isinstance(value, list):
        text = ", ".join(str(part) for part in value)
    elif isinstance(value, dict):
        text = ", ".join(f"{gettext(FIELD_NAMES.get(name, name))}: {part}" for name, part in value.items())
    else:
        text = str(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
