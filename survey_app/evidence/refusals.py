"""Why a file is not taken, or cannot be changed: each as one sentence that says what to do."""

from typing import Any

from survey_app.rules.errors import N_, BadInput, RuleError

SENTENCES = {
    "empty": N_("Tệp trống. Hãy chọn lại tệp."),
    "too_large": N_("Tệp lớn hơn %(most)s MB. Hãy chụp lại với cỡ ảnh nhỏ hơn hoặc nén tệp PDF."),
    "kind": N_("Tệp phải là JPG, PNG, WebP, HEIC, PDF, DOCX hoặc XLSX."),
    "picture_kind": N_("Không nhận ảnh kiểu .%(ending)s. Hãy lưu ảnh thành JPG hoặc PNG rồi tải lên."),
    "video": N_("Không nhận video, âm thanh. Hãy chụp ảnh, hoặc dán đường dẫn tới nơi đã đăng."),
    "compressed": N_("Không nhận tệp nén. Hãy giải nén rồi tải lên từng tệp."),
    "old_office": N_(
        "Không nhận tệp kiểu .%(ending)s. Hãy mở tệp, lưu lại thành .docx, .xlsx hoặc PDF rồi tải lên."
    ),
    "macros": N_("Tệp có macro. Hãy lưu lại thành .docx, .xlsx không có macro, hoặc PDF, rồi tải lên."),
    "mismatch": N_("Nội dung tệp không đúng với đuôi .%(ending)s. Hãy mở tệp, lưu lại cho đúng rồi tải lên."),
    "password": N_("Tệp có mật khẩu. Hãy bỏ mật khẩu rồi tải lên."),
    "broken_picture": N_("Không đọc được ảnh: tệp hỏng hoặc chưa tải đủ. Hãy chụp lại hoặc chọn tệp khác."),
    "broken_pdf": N_("Không đọc được tệp PDF. Hãy mở tệp, in lại thành PDF mới rồi tải lên."),
    "broken_office": N_("Không đọc được tệp. Hãy mở bằng Word hoặc Excel, lưu lại rồi tải lên."),
    "too_many_pixels": N_("Ảnh có quá nhiều điểm ảnh. Hãy giảm cỡ ảnh hoặc chụp lại ở chế độ thường."),
    "too_many_pages": N_("Tệp PDF có hơn 50 trang. Hãy chia thành nhiều tệp, hoặc chỉ lấy các trang cần."),
    "too_heavy": N_("Tệp quá nặng, không xử lý được. Hãy chia nhỏ tệp PDF hoặc giảm cỡ ảnh rồi tải lên."),
    "active": N_("Tệp PDF có mã lệnh hoặc tệp khác bên trong. Hãy in lại thành PDF mới rồi tải lên."),
    "remote": N_("Tệp tự lấy nội dung từ nơi khác khi mở. Hãy lưu thành PDF rồi tải lên."),
    "malware": N_(
        "Máy chủ phát hiện mã độc trong tệp nên không nhận. Hãy quét máy bằng phần mềm diệt vi-rút "
        "rồi chọn tệp khác."
    ),
    "unscanned": N_("Chưa kiểm tra được mã độc nên chưa nhận tệp. Hãy chờ vài phút rồi tải lên lại."),
    "busy": N_("Đang có nhiều tệp được tải lên cùng lúc. Hãy chờ vài giây rồi tải lên lại."),
}
STATUSES = {"too_large": 413, "busy": 503, "unscanned": 503}


class FileRefused(BadInput):
    """An upload that is not taken; `reason` is a key of SENTENCES."""

    def __init__(self, reason: str, **params: Any) -> None:
        self.reason = reason
        self.message = SENTENCES[reason]
        self.status = STATUSES.get(reason, 422)
        super().__init__(**params)


class StoreQuotaReached(RuleError):
    """The unit has used up its room for evidence."""

    message = N_(
        "Kho minh chứng của trường đã dùng %(used)s MB trong %(quota)s MB nên không còn chỗ cho tệp này. "
        "Hãy xóa tệp không còn dùng hoặc liên hệ Sở."
    )


class HiddenFile(RuleError):
    """The same bytes were hidden by the authority before."""

    message = N_("Tệp này đã bị cơ quan kiểm tra ẩn: %(reason)s. Hãy dùng tệp khác.")


class FileInUse(RuleError):
    """A form that was handed in relies on the file."""

    message = N_("Minh chứng này nằm trong phiếu đã nộp nên không xóa được.")


class FileChanged(RuleError):
    """Somebody else was faster."""

    message = N_("Minh chứng này vừa được người khác sửa, ẩn hoặc xóa. Hãy tải lại trang rồi làm lại.")
