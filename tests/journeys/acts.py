"""What the people of a round do, one function for each act, in whatever browser they use."""

import io
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import python_calamine
from flask import Flask

from survey_app.core import clock
from survey_app.core.clock import to_local
from tests.factories.evidence import make_photo
from tests.factories.jobs import run_queued_jobs
from tests.journeys.browser import Browser, Form, Page

PASSWORD = "mùa phượng đỏ 2027"
SCHOOLS = """Mã trường,Tên trường,Cấp,Địa chỉ,Mã xã 2026,Tên xã 2026,Loại hình,Điểm lẻ
99000001,THCS Mẫu Hướng Dương,THCS,"Số 1, đường Mẫu",31168,Phường Bình Thuỷ,Công lập,Điểm Ấp Mẫu 1
99000F02,Mầm non Mẫu Sen Hồng,Mầm non,"Số 2, đường Mẫu",31168,Phường Bình Thuỷ,Công lập,
99000003,THPT Mẫu Phượng Vĩ,THPT,"Số 3, đường Mẫu",31135,Phường Ninh Kiều,Công lập,
"""


def written(moment: datetime) -> str:
    """A moment as people type it."""
    return f"{to_local(moment):%H}g{to_local(moment):%M}, {to_local(moment):%d/%m/%Y}"


class Story:
    """Everybody who takes part, each with a browser of their own, and the clock they share."""

    def __init__(self, app: Flask, new_browser: Callable[[str], Browser]) -> None:
        self.app, self.people, self.new_browser = app, dict[str, Browser](), new_browser

    def browser(self, who: str) -> Browser:
        """The browser of this person."""
        if who not in self.people:
            self.people[who] = self.new_browser(who)
        return self.people[who]

    def activate(self, who: str, code: str) -> Browser:
        """Use a one-time code, choose a password, be signed in."""
        browser = self.browser(who)
        browser.get("/account/activate")
        browser.fill("/account/activate", code=code, password=PASSWORD, phone="0292 000 0000")
        return browser

    def work(self) -> None:
        """Let the worker do what waits."""
        assert run_queued_jobs(self.app) > 0


def run(app: Flask, *words: str) -> str:
    """A command of the administrator of the machine."""
    done = app.test_cli_runner().invoke(args=list(words))
    assert done.exit_code == 0, done.output
    return done.output


def code_in(text: str) -> str:
    """The activation code that a command or a page shows."""
    found = re.search(r"\b[0-9A-Z]{5}-[0-9A-Z]{5}\b", text)
    assert found is not None, text
    return found.group()


def hire(admin: Browser, ward: str, name: str, login: str, role: str) -> str:
    """The administrator makes an account at a commune; returns its activation code."""
    admin.get("/accounts/units?kind=commune&q=" + ward)
    admin.follow(ward)
    admin.fill("/people", login=login, name=name, role=role)
    return code_in(admin.page.text)


def found_units(story: Story) -> Browser:
    """The first administrator loads wards and schools and gives out accounts."""
    run(story.app, "organisations", "load-communes")
    output = run(story.app, "accounts", "create-admin", "--login", "so.quantri", "--name", "Trần Thị Mẫu")
    admin = story.activate("admin", code_in(output))
    admin.get("/organisations/import")
    admin.fill("/organisations/import", file=(SCHOOLS.encode(), "truong.csv"))
    assert "chưa ghi gì" in admin.page.text and "THPT Mẫu Phượng Vĩ" in admin.page.text
    admin.fill("/organisations/import/", button="Ghi 3 dòng đúng")
    assert "thêm 3 trường" in admin.page.text
    return admin


def school_codes(admin: Browser) -> dict[str, str]:
    """The codes of the schools' head accounts, as the workbook hands them out."""
    admin.get("/accounts/codes")
    form = admin.page.form("/accounts/codes", button="Cấp mã")
    content = admin.file_from(form.pressed("Cấp mã"), form="xlsx")
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    rows = book.get_sheet_by_index(0).to_python()
    found = {}
    for row in rows:
        cells = [str(cell) for cell in row]
        login = next((cell for cell in cells if re.fullmatch(r"99000[0-9A-F]{3}", cell)), "")
        if login:
            found[login] = code_in(" ".join(cells))
    return found


def open_round(admin: Browser) -> None:
    """A round for every school, closing in twelve days at 17g00."""
    now = clock.now()
    admin.get("/rounds/new")
    form = admin.page.form("/rounds/new")
    values: dict[str, Any] = {
        "title": "Đánh giá cuối năm học 2026 – 2027",
        "purpose": "end_of_year",
        "school_year": "2026-2027",
        "opens_at": written(now - timedelta(hours=1)),
        "closes_at": written(now + timedelta(days=12)),
        "commune_closes_at": written(now + timedelta(days=32)),
        "department_closes_at": written(now + timedelta(days=42)),
        "checking_levels": "2",
    }
    admin.send(form, **values)
    admin.follow("Xem trước khi mở đợt")
    assert "BẢN NHÁP" in admin.page.text
    admin.fill("/open", button="Mở đợt với 3 đơn vị")


def answer_everything(school: Browser, form_url: str, *, value: int) -> int:
    """Fill in every nội dung by its buttons, as a browser without scripts does; returns how many answers."""
    pages = [address for text, address in school.get(form_url).links if "/fill/" in address]
    count = 0
    for address in dict.fromkeys(pages):
        page = school.get(address)
        for number in range(len([form for form in page.forms if form.action.endswith("/answers")])):
            form = answer_forms(school.page)[number]
            school.send(form, value=level(form, value), comment="Có sổ theo dõi.")
            count += 1
    return count


def answer_forms(page: Page) -> list[Form]:
    """The forms of a filling page, one for each place of each indicator."""
    return [form for form in page.forms if form.action.endswith("/answers")]


def level(form: Form, value: int) -> str:
    """The wanted level, or the highest of a scale with two."""
    return str(min(value, 1)) if form.fields["indicator"] == ["BL1.5"] else str(value)


def fill_in(head: Browser) -> str:
    """The principal fills in and hands in the form; returns its address."""
    head.get("/assessments")
    form = head.page.address
    head.get(form + "/profile")
    profile = head.page.form("/profile")
    size = {"classes": "18", "pupils": "640"}
    questions = sorted(profile.names - {"csrf_token", "base_version", *size})
    head.send(profile, **dict.fromkeys(questions, "no") | {"nha_lau": "yes"} | size)
    assert "Đã lưu thông tin nhà trường" in head.page.text
    head.get(form + "/veto")
    head.fill("/veto", answer="xac_nhan")
    assert answer_everything(head, form, value=2) > 70
    head.get(form + "/evidence/AT3.2")
    head.fill("/evidence/AT3.2", title="Bình chữa cháy", no_personal="y", file=(make_photo(), "binh.jpg"))
    assert "MC-AT3.2-01" in head.page.text
    head.get(form + "/check")
    assert "Đã đủ điều kiện nộp" in head.page.text
    head.fill("/submit", signatory="Nguyễn Thị Mẫu", agreed="y")
    assert "Đã nộp phiếu" in head.page.text and "Phường Bình Thuỷ" in head.page.text
    return form


def examine(officer: Browser, uid: str) -> None:
    """The officer confirms what she agrees with, lowers one value with a reason, gives one back."""
    officer.get("/reviews")
    assert "THCS Mẫu Hướng Dương" in officer.page.text
    officer.get(f"/reviews/{uid}")
    officer.fill("/start", button="bắt đầu kiểm tra")
    officer.get(f"/reviews/{uid}")
    officer.fill("/copy")
    officer.get(f"/reviews/{uid}/AT1.4")
    officer.fill("/AT1.4", status=422, value="1", reason="")
    officer.fill("/AT1.4", value="1", reason="Xe đạp điện sạc không có người trông.")
    officer.get(f"/reviews/{uid}/AT3.2")
    officer.fill(
        "/AT3.2", button="Đánh dấu trả lại", return_reason="Ảnh chưa thấy hạn của bình, đề nghị chụp lại."
    )
    officer.get(f"/reviews/{uid}/return")
    officer.fill("/return", button="Trả lại 1 tiêu chí")


def answer_the_return(head: Browser, form: str) -> None:
    """Only the returned indicator is open; the principal adds to it and hands in again."""
    head.get(form)
    assert "Còn 1/1 mục cần bổ sung" in head.page.text
    head.get(form + "/fill/AT3")
    assert "Ảnh chưa thấy hạn của bình" in head.page.text
    open_forms = [one for one in answer_forms(head.page) if "value" in one.fields]
    at = next(one for one in open_forms if one.fields["indicator"] == ["AT3.2"])
    head.send(at, comment="Hạn của bình: 12/2027, đã chụp lại.")
    other = next(one for one in answer_forms(head.page) if one.fields["indicator"] == ["AT3.1"])
    head.send(other, status=409, value="3")
    head.get(form + "/check")
    head.fill("/submit", signatory="Nguyễn Thị Mẫu", agreed="y")
    assert "Đã nộp phiếu" in head.page.text


def look_at_the_rest(officer: Browser, uid: str) -> None:
    """What the copying left open needs the officer's own eye, one after the other."""
    for _ in range(100):
        officer.get(f"/reviews/{uid}/conclude")
        left = [address for text, address in officer.page.links if "Kiểm tra tiếp" in text]
        if not left:
            return
        officer.get(left[0])
        verdict = officer.page.form(left[0].rpartition("/")[2].partition("?")[0], button="Lưu")
        officer.send(verdict, value=level_of(officer.page))
    raise AssertionError("there is always more to look at")


def level_of(page: Page) -> str:
    """The school's own value: 1 on the scale with two values, else 2."""
    return "1" if "/BL1.5" in page.address else "2"


def confirm(officer: Browser, leader: Browser, uid: str) -> None:
    """The officer looks at what came back and proposes; the leader approves."""
    officer.get(f"/reviews/{uid}")
    officer.fill("/start", button="Kiểm tra tiếp")
    officer.get(f"/reviews/{uid}/AT3.2")
    assert "Hạn của bình: 12/2027" in officer.page.text
    officer.fill("/AT3.2", value="2")
    look_at_the_rest(officer, uid)
    officer.fill("/conclude", button="Trình lãnh đạo", conclusion="Trường thực hiện tốt.")
    leader.get(f"/reviews/{uid}/conclude")
    leader.fill("/approve", button="Duyệt")
    assert "Đã xác nhận" in leader.page.text


def finalise(story: Story, admin: Browser) -> str:
    """The administrator publishes; the worker freezes the results; returns the round's address."""
    admin.get("/results")
    overview = admin.page.address
    admin.get(overview + "/finalise")
    assert "1" in admin.page.text
    admin.fill("/finalise", button="Công bố")
    story.work()
    return overview


def export(story: Story, admin: Browser) -> list[list[list[Any]]]:
    """The round as a workbook: the cells of every sheet."""
    admin.get("/exports/new")
    admin.fill("/exports/new", button="Tạo tệp Excel", kind="full")
    story.work()
    admin.get("/exports")
    admin.follow(".xlsx")
    content = admin.download(admin.page.link("Tải tệp Excel"))
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    return [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]


def certify(story: Story, admin: Browser) -> bytes:
    """Who issues is declared once; then certificates under a Decision. Returns the PDF of the first."""
    today = f"{to_local(clock.now()):%d/%m/%Y}"
    admin.get("/certificates/issuers/new")
    admin.fill(
        "/issuers/new",
        superior="Ủy ban nhân dân thành phố Cần Thơ",
        agency="Sở Giáo dục và Đào tạo",
        heading="Giám đốc Sở Giáo dục và Đào tạo thành phố Cần Thơ",
        place="Cần Thơ",
        signer_title="Giám đốc",
        number_pattern="{number:04}/GCN-SGDĐT",
        valid_from=today,
    )
    admin.get("/certificates/new")
    admin.fill("/certificates/new", button="Tiếp: ghi quyết định")
    admin.fill("/decision", decision_number="345/QĐ-SGDĐT", decision_date=today, signer_title="Giám đốc")
    admin.fill("/issue", button="Phát hành")
    story.work()
    admin.get("/certificates")
    admin.follow("0001/")
    return admin.download(admin.page.address + "/certificate.pdf")
