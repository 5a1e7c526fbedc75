"""How to work with the system, one page for each kind of user: words as data, for screen and paper."""

from dataclasses import dataclass

from survey_app.rules.errors import N_
from survey_app.rules.permissions import ADMIN, HEAD, LEADERS, OFFICERS, SCHOOL, Role


@dataclass(frozen=True)
class Step:
    """One thing to do: a heading and its sentences, Vietnamese message ids."""

    heading: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Guide:
    """The page of one kind of user, in the order in which the work is done."""

    title: str
    steps: tuple[Step, ...]


_SIGN_IN, _ANSWER, _OFFLINE, _EVIDENCE = (
    Step(
        N_("Đăng nhập"),
        (
            N_("Lần đầu: mở trang Kích hoạt tài khoản, nhập mã trên phiếu cấp tài khoản, đặt mật khẩu."),
            N_(
                "Những lần sau: đăng nhập bằng mã đơn vị hoặc tên đăng nhập. "
                "Điện thoại và máy tính đều dùng được."
            ),
        ),
    ),
    Step(
        N_("Tự đánh giá"),
        (
            N_("Mỗi nội dung một trang. Đọc câu mô tả, chọn mức đúng với thực tế của trường."),
            N_(
                "Mỗi thay đổi tự lưu trong vài giây; dòng “Đã lưu lúc …” cho biết đã lưu. Có "
                "thể dừng bất cứ lúc nào và bấm Tiếp tục để về đúng chỗ."
            ),
            N_(
                "Trường có nhiều điểm trường: chọn cho điểm chính rồi áp dụng "
                "cho tất cả, hoặc chọn riêng từng điểm."
            ),
            N_(
                "Năm trước đã đánh giá cùng bộ tiêu chí: xem lại từng tiêu chí "
                "rồi bấm Giữ như năm trước nếu vẫn đúng."
            ),
        ),
    ),
    Step(
        N_("Khi mất mạng"),
        (
            N_(
                "Cứ nhập tiếp. Dòng “Đã giữ trên máy này, sẽ tự lưu khi có mạng” nghĩa "
                "là chưa mất gì; đừng đăng xuất trước khi đã lưu."
            ),
        ),
    ),
    Step(
        N_("Minh chứng"),
        (
            N_(
                "Chỉ cần ở tiêu chí có yêu cầu. Bấm Chụp ảnh hoặc chọn tệp; một "
                "tệp dùng được cho nhiều tiêu chí và nhiều năm."
            ),
            N_(
                "Không để lộ mặt, tên học sinh. Chỉ tải quy trình, biểu mẫu trống, "
                "số liệu tổng hợp ở tiêu chí có ghi như vậy."
            ),
        ),
    ),
)

_SCHOOL = Guide(
    N_("Hướng dẫn cho nhà trường"),
    (
        _SIGN_IN,
        Step(
            N_("Khai thông tin nhà trường"),
            (
                N_(
                    "Trả lời các câu có hoặc không. Tiêu chí không áp dụng cho "
                    "trường được bỏ ra, không tính vào kết quả."
                ),
            ),
        ),
        Step(
            N_("Cùng làm trong Tổ tự đánh giá"),
            (
                N_(
                    "Thêm người, giao cho mỗi người một số nội dung; mỗi người thấy phần của mình trước. "
                    "Quyết định, biên bản, báo cáo tải ở trang này."
                ),
            ),
        ),
        _ANSWER,
        _OFFLINE,
        _EVIDENCE,
        Step(
            N_("Kiểm tra và nộp"),
            (
                N_("Trang Kiểm tra và nộp kể tên những chỗ còn thiếu, bấm vào là đến đúng chỗ."),
                N_("In phiếu, ký, đóng dấu (nếu có), chụp hoặc quét rồi tải lên ở cùng trang."),
                N_(
                    "Thủ trưởng đơn vị nộp phiếu trước hạn ghi trên trang; mã "
                    "hồ sơ và giờ nộp hiện trên biên nhận."
                ),
            ),
        ),
        Step(
            N_("Sau khi nộp"),
            (
                N_("Rút phiếu được cho đến khi cơ quan kiểm tra bắt đầu xem."),
                N_(
                    "Khi có yêu cầu bổ sung, chỉ những tiêu chí được nêu mở lại; lý do "
                    "ghi ngay tại tiêu chí. Bổ sung xong thì nộp lại."
                ),
                N_("Trang Kết quả chỉ cách ngắn nhất để đạt. Lập kế hoạch từ đó, xuất ra Word, Excel."),
                N_("Phiếu có chữ THỬ NGHIỆM để tập làm, không tính vào kết quả."),
            ),
        ),
    ),
)

_MEMBER = Guide(
    N_("Hướng dẫn cho thành viên Tổ tự đánh giá"),
    (
        _SIGN_IN,
        Step(
            N_("Phần của tôi"),
            (
                N_(
                    "Trang chủ và danh sách nội dung nêu phần được giao trước; "
                    "bấm Tiếp tục để đến tiêu chí chưa trả lời."
                ),
                N_("Hai người cùng sửa một ô thì cả hai bản hiện cạnh nhau để chọn, không bản nào bị mất."),
            ),
        ),
        _ANSWER,
        _OFFLINE,
        _EVIDENCE,
        Step(
            N_("Khi đã nhập xong"),
            (N_("Báo thủ trưởng đơn vị; chỉ thủ trưởng xác nhận và nộp phiếu."),),
        ),
    ),
)

_OFFICER = Guide(
    N_("Hướng dẫn cho cán bộ kiểm tra"),
    (
        Step(
            N_("Nhận hồ sơ"),
            (
                N_(
                    "Mở Kiểm tra, đánh giá. Hồ sơ chờ lâu nhất đứng đầu; lọc "
                    "theo xã phường, cấp học, trạng thái."
                ),
                N_(
                    "Bấm Bắt đầu kiểm tra thì hồ sơ thuộc về Thầy/Cô; người khác chỉ "
                    "xem. Không kiểm tra trường mình công tác."
                ),
            ),
        ),
        Step(
            N_("Xem từng tiêu chí"),
            (
                N_(
                    "Mức trường chọn, mô tả và minh chứng ở bên cạnh kết quả kiểm tra. "
                    "Bắt đầu từ kết quả tự đánh giá, chỉ đổi chỗ khác."
                ),
                N_(
                    "Kết quả kiểm tra khác mức trường chọn thì phải ghi lý do. "
                    "Mục Cần lưu ý chỉ ra chỗ nên xem trước."
                ),
                N_("Ảnh lộ mặt, tên học sinh: bấm Ẩn ảnh này và ghi lý do; trường được báo."),
            ),
        ),
        Step(
            N_("Kết thúc"),
            (
                N_(
                    "Yêu cầu bổ sung: đánh dấu tiêu chí, ghi lý do, đặt hạn; "
                    "chỉ các tiêu chí đó mở lại cho trường."
                ),
                N_(
                    "Đã xem đủ thì xác nhận, hoặc trình lãnh đạo khi đợt có hai cấp. "
                    "Cần thêm thời gian thì chọn Để xử lý sau."
                ),
            ),
        ),
    ),
)

_LEADER = Guide(
    N_("Hướng dẫn cho lãnh đạo cơ quan kiểm tra"),
    (
        Step(
            N_("Duyệt hồ sơ"),
            (
                N_(
                    "Mở Kiểm tra, đánh giá, mục chờ duyệt. Xem chỗ khác nhau giữa trường và cán "
                    "bộ kiểm tra rồi duyệt hoặc trả lại cán bộ kèm lý do."
                ),
            ),
        ),
        Step(
            N_("Theo dõi và gia hạn"),
            (
                N_("Tổng quan cho biết trường nào chưa nộp; mỗi con số mở ra danh sách của nó."),
                N_("Gia hạn cho một trường kèm lý do; trường được báo và thấy hạn mới."),
            ),
        ),
        Step(
            N_("Sự việc loại trừ"),
            (
                N_(
                    "Chỉ ghi khi đã có văn bản kết luận: số, ngày. Ghi số lượng, không ghi "
                    "tên người; chỉ cơ quan quản lý và trường xem được."
                ),
            ),
        ),
    ),
)

_ADMINISTRATOR = Guide(
    N_("Hướng dẫn cho quản trị của Sở"),
    (
        Step(
            N_("Chuẩn bị"),
            (
                N_("Nhập danh sách trường từ Excel: chạy thử trước, sửa những dòng được nêu, rồi ghi."),
                N_(
                    "Xem bộ tiêu chí; bộ của Sở nhập từ Excel theo mẫu. Khóa phiên "
                    "bản và đưa vào áp dụng khi đã có quyết định."
                ),
                N_("Cấp tài khoản theo xã phường: phiếu A4 có mã QR hoặc tệp Excel. Mã dùng một lần."),
            ),
        ),
        Step(
            N_("Mở đợt đánh giá"),
            (
                N_(
                    "Chọn năm học, bộ tiêu chí từng cấp, trường tham gia, hạn của trường và "
                    "của từng cấp kiểm tra. Mở đợt thì danh sách được chốt."
                ),
                N_("Nhắc trường chưa nộp trong mục Thông báo; thấy được ai đã đọc."),
            ),
        ),
        Step(
            N_("Kết quả và Excel"),
            (
                N_(
                    "Công bố kết quả khi hồ sơ đã xác nhận. Kết quả đã công "
                    "bố không đổi theo dữ liệu sửa sau."
                ),
                N_(
                    "Xuất Excel từ trang Tổng quan: theo xã phường, danh sách "
                    "trường, từng tiêu chí, dữ liệu mã."
                ),
            ),
        ),
        Step(
            N_("Giấy chứng nhận"),
            (
                N_(
                    "Chọn trường đủ điều kiện, nhập số và ngày quyết định, xem trước "
                    "rồi phát hành; in, ký và đóng dấu trên giấy."
                ),
                N_("Thu hồi hay cấp lại đều cần lý do và quyết định; trang tra cứu đổi ngay."),
            ),
        ),
        Step(
            N_("An toàn"),
            (
                N_(
                    "Trang Hệ thống cho biết việc chạy nền, dung lượng, lần sao "
                    "lưu và lần kiểm tra nhật ký gần nhất."
                ),
            ),
        ),
    ),
)

_VIEWER = Guide(
    N_("Hướng dẫn cho người xem số liệu"),
    (
        Step(
            N_("Xem số liệu"),
            (
                N_(
                    "Tổng quan có tiến độ, phân bố kết quả, tiêu chí nhiều trường chưa đạt nhất, "
                    "bảng màu theo phường, xã. Mẫu số là các đơn vị được áp dụng."
                ),
                N_("Minh chứng, lý do và sự việc loại trừ không hiện với người xem."),
            ),
        ),
    ),
)


def guide_for(role: Role) -> Guide:
    """The guide of a role."""
    if role in SCHOOL:
        return _SCHOOL if role == HEAD else _MEMBER
    if role in OFFICERS:
        return _OFFICER
    if role in LEADERS:
        return _LEADER
    return _ADMINISTRATOR if role in ADMIN else _VIEWER
