"""One whole round, over HTTP and in Chromium, from an empty database to a certificate that is looked up.

Nothing is prepared but the program: the criteria are the real ones, the wards are real, the schools invented.
"""

import io
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import python_calamine
import time_machine
from flask import Flask
from playwright.sync_api import Browser as Chromium

from survey_app.core import clock
from survey_app.core.clock import to_local
from survey_app.core.db import unit_of_work
from survey_app.frameworks import service as frameworks
from tests.factories.evidence import make_photo
from tests.factories.jobs import run_queued_jobs
from tests.journeys.browser import Browser, Form, Page, PlainBrowser
from tests.journeys.chromium import WIDTHS, ChromiumBrowser, served

CRITERIA = Path(__file__).parents[2] / "criteria"
ON_THE_PHONE = {"head", "head at home", "stranger"}
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


@pytest.fixture
def opened(app: Flask) -> Iterator[Flask]:
    """An app as `flask db upgrade` and the first start leave it, on a working day in May."""
    app.config["TESTING"] = False
    with time_machine.travel(datetime.fromisoformat("2027-05-03T08:00:00+07:00"), tick=True):
        with app.app_context(), unit_of_work():
            frameworks.import_criteria_folder(CRITERIA, now=clock.now())
        yield app


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
    questions = sorted(profile.names - {"csrf_token", "base_version"})
    head.send(profile, **dict.fromkeys(questions, "no") | {"nha_lau": "yes"})
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
    assert "còn 1/1 tiêu chí chưa xong" in head.page.text
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


def test_one_round(opened: Flask) -> None:
    live_one_round(Story(opened, lambda who: PlainBrowser(opened)))


@pytest.mark.browser
def test_one_round_in_chromium(opened: Flask, chromium: Chromium) -> None:
    """The same round on phones and office screens; every page it meets is free of faults."""
    faults: list[str] = []

    def window(who: str) -> Browser:
        size = {"width": WIDTHS["phone" if who in ON_THE_PHONE else "office"], "height": 844}
        return ChromiumBrowser(chromium.new_context(locale="vi-VN", viewport=size), url, faults)

    with served(opened) as url:
        live_one_round(Story(opened, window))
    assert faults == []


def live_one_round(story: Story) -> None:
    admin = found_units(story)
    codes = school_codes(admin)
    assert set(codes) == {"99000001", "99000F02", "99000003"}
    ward = "Phường Bình Thuỷ"
    officer = story.activate("officer", hire(admin, ward, "Lê Văn Mẫu", "binhthuy.canbo", "commune_officer"))
    leader = story.activate("leader", hire(admin, ward, "Phạm Thị Mẫu", "binhthuy.lanhdao", "commune_leader"))
    open_round(admin)
    head = story.activate("head", codes["99000001"])
    form = fill_in(head)
    uid = form.rpartition("/")[2]
    examine(officer, uid)
    answer_the_return(head, form)
    confirm(officer, leader, uid)
    overview = finalise(story, admin)
    the_school_reads_its_result(story.browser("head at home"), uid)
    the_overview_adds_up(admin, overview)
    the_workbook_holds_what_was_typed(export(story, admin))
    code = the_certificate_can_be_looked_up(story, certify(story, admin))
    nobody_else_gets_in(story, codes, form, uid)
    the_certificate_is_revoked(story, admin, code)
    everything_was_noted(admin)


def the_school_reads_its_result(head: Browser, uid: str) -> None:
    head.sign_in("99000001", PASSWORD)
    head.get(f"/results/forms/{uid}")
    assert "Đạt" in head.page.text and "Xe đạp điện sạc không có người trông." in head.page.text
    assert "65/65" not in head.page.text  # one criterion was lowered
    head.get("/plans")
    assert "AT1.4" in head.page.text


def the_overview_adds_up(admin: Browser, overview: str) -> None:
    page = admin.get(overview)
    numbers = [int(n) for n in re.findall(r'class="tile"[^>]*><b[^>]*>(\d+)</b>', page.text)]
    assert numbers[0] == 3 == sum(numbers[1:])


def the_workbook_holds_what_was_typed(sheets: list[list[list[Any]]]) -> None:
    cells = {str(cell) for sheet in sheets for row in sheet for cell in row}
    assert {"99000001", "99000F02", "THCS Mẫu Hướng Dương", "AT1.4"} <= cells
    assert any("BẢN NHÁP" in cell for cell in cells)


def the_certificate_can_be_looked_up(story: Story, pdf: bytes) -> str:
    """The code on the paper answers to anybody; returns it."""
    assert pdf.startswith(b"%PDF")
    document = pypdfium2.PdfDocument(pdf)
    text = document[0].get_textpage().get_text_range()
    assert "GIẤY CHỨNG NHẬN" in text and "Hướng Dương" in text and "345/QĐ-SGDĐT" in text
    assert "BẢN THỬ NGHIỆM" in text and "không thay thế" in text.lower().replace("\r\n", " ")
    stranger = story.browser("stranger")
    stranger.get("/tra-cuu")
    stranger.fill("/tra-cuu", so="0001/GCN-SGDĐT") if "so" in stranger.page.form("/tra-cuu").names else None
    code = certificate_code(text)
    page = stranger.get("/tra-cuu/" + code)
    assert "Còn hiệu lực" in page.text and "THCS Mẫu Hướng Dương" in page.text
    stranger.get("/tra-cuu/" + "A" * len(code), status=404)
    assert "Không tìm thấy" in stranger.page.text
    return code


def certificate_code(text: str) -> str:
    """The look-up code printed on a certificate, without its blanks."""
    found = re.search(r"(?:[0-9A-Z]{4,5}[ -]){4,6}[0-9A-Z]{1,5}", text)
    assert found is not None, text
    return re.sub(r"[ -]", "", found.group())


def nobody_else_gets_in(story: Story, codes: dict[str, str], form: str, uid: str) -> None:
    """Another school finds none of it; a stranger is asked to sign in."""
    other = story.activate("other", codes["99000003"])
    for address in (form, f"/results/forms/{uid}", f"{form}/fill/AT1"):
        other.get(address, status=404)
    other.get(f"/reviews/{uid}", status=403)
    stranger = story.browser("stranger")
    stranger.get(form)
    assert stranger.page.address == "/account/login"


def the_certificate_is_revoked(story: Story, admin: Browser, code: str) -> None:
    admin.get("/certificates")
    admin.follow("0001/")
    admin.follow("Thu hồi")
    today = f"{to_local(clock.now()):%d/%m/%Y}"
    form = admin.page.form("/revoke")
    values = {"reason": "Cấp nhầm.", "decision_number": "400/QĐ-SGDĐT", "decision_date": today}
    admin.send(form, **{name: value for name, value in values.items() if name in form.names})
    page = story.browser("stranger").get("/tra-cuu/" + code)
    assert "Đã thu hồi" in page.text and "400/QĐ-SGDĐT" in page.text


def everything_was_noted(admin: Browser) -> None:
    admin.get("/audit")
    assert "Trần Thị Mẫu" in admin.page.text
