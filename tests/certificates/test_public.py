"""The public look-up: facts as frozen, in two languages, small, and nothing else."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import html5lib
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from survey_app.certificates import service
from survey_app.certificates.models import Certificate
from survey_app.certificates.service import Revocation
from survey_app.certificates.views import public
from survey_app.core.db import session as db_session
from survey_app.core.db import unit_of_work
from tests.conftest import Seat
from tests.factories.certificates import (
    BASE_URL,
    ISSUED_AT,
    a_decision,
    issue_now,
    make_batch,
    make_town,
    thaw,
)

NOW = "2027-06-20T03:00:05+00:00"


@pytest.fixture(autouse=True)
def in_june() -> Iterator[None]:
    """After the Decision."""
    with time_machine.travel(NOW, tick=False):
        yield


class Public:
    """A certificate as the public may ask for it, and ways to change it."""

    def __init__(self, app: Flask, client: FlaskClient, **values: Any) -> None:
        self.app, self.client = app, client
        with app.app_context(), unit_of_work():
            self.town = make_town(1, **values)
            one = issue_now(self.town, make_batch(self.town, allow_draft=True))[0]
            self.id, self.code, self.number = one.id, one.code, one.printed_number

    def ask(self, address: str = "", status: int = 200) -> str:
        answer = self.client.get(address or f"/tra-cuu/{self.code}")
        assert answer.status_code == status, answer.get_data(as_text=True)
        text = answer.get_data(as_text=True)
        html5lib.HTMLParser(strict=True).parse(text)
        return text

    def change(self, act: Any) -> None:
        with self.app.app_context(), unit_of_work():
            thaw()
            act(db_session.get_one(Certificate, self.id))


@pytest.fixture
def lookup(app: Flask, client: FlaskClient) -> Public:
    """One valid certificate."""
    return Public(app, client)


def test_a_valid_certificate_says_so_with_its_facts_in_two_languages(lookup: Public) -> None:
    text = lookup.ask()
    for part in (
        "Còn hiệu lực",
        "Valid",
        "Phường Ô Môn, thành phố Cần Thơ",
        "Danh hiệu thử",
        "Đạt, xếp loại Tốt",
        "2026 – 2027",
        "0001/GCN-SGDĐT",
        "345/QĐ-SGDĐT, 10/05/2027",
        "10/05/2029",
        "Không thay thế kết quả công nhận trường học an toàn",
        "Kiểm tra lúc 10:00:05, 20/06/2027",
        "Checked at",
    ):
        assert part in text, part


def test_no_score_leaves_the_house(lookup: Public) -> None:
    text = lookup.ask()
    assert not re.search(r"\d+/\d+ tiêu chí|điểm chất lượng|AT1\.1|100/100", text)


def test_what_the_public_reads_is_what_was_frozen(lookup: Public) -> None:
    before = lookup.ask()
    with lookup.app.app_context(), unit_of_work():
        lookup.town.parts[0].unit.name = "THCS Đã Đổi Tên"
    assert lookup.ask() == before


def test_an_expired_one(lookup: Public) -> None:
    with time_machine.travel("2029-05-10T16:59:00+00:00", tick=False):
        assert "Còn hiệu lực" in lookup.ask()
    with time_machine.travel("2029-05-10T17:01:00+00:00", tick=False):
        text = lookup.ask()
    assert "Hết hạn, có giá trị đến ngày 10/05/2029" in text and "Còn hiệu lực" not in text


def test_a_revoked_one_names_day_and_decision_but_not_the_reason(lookup: Public) -> None:
    revocation = Revocation("Lý do riêng", "12/QĐ-SGDĐT", date(2027, 6, 15))
    now = ISSUED_AT + timedelta(days=34)
    lookup.change(lambda one: service.revoke(one, revocation, actor=lookup.town.admin, now=now))
    text = lookup.ask()
    assert "Đã thu hồi ngày 15/06/2027, theo Quyết định số 12/QĐ-SGDĐT" in text
    assert "Lý do riêng" not in text and "Còn hiệu lực" not in text


def test_a_replaced_one_names_its_successor(lookup: Public) -> None:
    now = ISSUED_AT + timedelta(days=34)
    decision = a_decision(day=date(2027, 6, 15))
    lookup.change(
        lambda one: service.reissue(one, decision, base_url=BASE_URL, actor=lookup.town.admin, now=now)
    )
    assert "Được thay thế bởi giấy chứng nhận số 0002/GCN-SGDĐT" in lookup.ask()
    assert "Còn hiệu lực" in lookup.ask("/tra-cuu?q=0002/GCN-SGDĐT")


def test_a_tampered_one_shows_no_fact(lookup: Public) -> None:
    def tamper(one: Certificate) -> None:
        one.content = one.content.replace("Ô Môn", "Khác")

    lookup.change(tamper)
    text = lookup.ask()
    assert "Không xác minh được" in text and "Phường" not in text and "Còn hiệu lực" not in text


def test_a_trial_is_not_called_valid(app: Flask, client: FlaskClient) -> None:
    text = Public(app, client, draft=True).ask()
    assert "BẢN THỬ NGHIỆM, không có giá trị sử dụng" in text and "Còn hiệu lực" not in text


def test_an_unknown_code_is_a_page_with_404(lookup: Public) -> None:
    rubbish = ("%00", "<script>alert(1)</script>", "ắ" * 90, "a" * 3000, "..%2f..%2fx")
    for code in ("A" * 26, "x", "0" * 32, *rubbish):
        answer = lookup.client.get(f"/tra-cuu/{code}")
        assert answer.status_code == 404, code
        text = answer.get_data(as_text=True)
        assert "Không tìm thấy" in text and "<script>alert" not in text


def test_a_number_is_found_however_it_is_typed(lookup: Public) -> None:
    for typed in (
        "0001/GCN-SGDĐT",
        "1/gcn-sgddt",
        "Số: 0001/GCN-SGDĐT",
        " 0001 / GCN - SGDĐT ",
        "1",
        "0001",
        "số 1 năm 2027",
    ):
        answer = lookup.client.get("/tra-cuu", query_string={"q": typed})
        assert answer.status_code == 200 and "Còn hiệu lực" in answer.get_data(as_text=True), typed


def test_an_unknown_number_finds_nothing(lookup: Public) -> None:
    for typed in (
        "0009/GCN-SGDĐT",
        "1/GCN-SGDĐT năm 2026",
        "THCS Mẫu",
        "9" * 12,
        "GCN",
        "%",
        "1' OR 1=1 --",
        "đ" * 500,
    ):
        answer = lookup.client.get("/tra-cuu", query_string={"q": typed})
        assert answer.status_code == 404 and "Không tìm thấy" in answer.get_data(as_text=True), typed


def test_a_typed_code_leads_to_its_own_address(lookup: Public) -> None:
    spaced = " ".join(lookup.code[place : place + 4] for place in range(0, 26, 4)).lower()
    answer = lookup.client.get("/tra-cuu", query_string={"q": spaced})
    assert answer.location == f"/tra-cuu/{lookup.code}"
    for pasted in (f"https://truonghoc.example/tra-cuu/{lookup.code}", f" http://x/tra-cuu/{spaced}?a=b"):
        answer = lookup.client.get("/tra-cuu", query_string={"q": pasted})
        assert answer.location == f"/tra-cuu/{lookup.code}", pasted


def test_the_number_of_two_years_shows_both(lookup: Public, app: Flask) -> None:
    with app.app_context(), unit_of_work():
        first = db_session.get_one(Certificate, lookup.id)
        twin = make_town(1, school_year="2027-2028")
        issue_now(twin, make_batch(twin))
        assert first.number_key
    text = lookup.ask("/tra-cuu?q=0001/GCN-SGDĐT")
    assert text.count('role="status"') == 2


def test_guessing_numbers_is_slowed_down_but_a_qr_code_never_is(
    lookup: Public, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public, "TRIES", 3)
    answers = [lookup.client.get(f"/tra-cuu?q={n}/GCN-SGDĐT").status_code for n in (1, 2, 3, 4)]
    assert answers == [200, 404, 404, 429]
    assert lookup.client.get("/tra-cuu/" + "B" * 26).status_code == 429
    assert [lookup.client.get(f"/tra-cuu/{lookup.code}").status_code for _ in range(5)] == [200] * 5


def test_the_page_is_small_has_no_script_and_tells_a_preview_nothing(lookup: Public) -> None:
    text = lookup.ask()
    assert '<meta name="robots" content="noindex">' in text
    assert "<script" not in text and 'name="description"' not in text
    previews = re.findall(r'property="og:[^>]*>', text)
    empty = lookup.client.get("/tra-cuu").get_data(as_text=True)
    assert len(previews) == 4 and previews == re.findall(r'property="og:[^>]*>', empty)
    title = re.search(r"<title>(.*?)</title>", text, re.S)
    assert title is not None and "Mẫu" not in title[1]
    size = len(text.encode())
    for address in re.findall(r'<link rel="stylesheet" href="([^"]+)"', text):
        size += len(lookup.client.get(address).data)
    assert size < 50_000, size


def test_the_words_stay_in_both_languages_on_an_english_page(lookup: Public) -> None:
    lookup.client.get("/language/en")
    text = lookup.ask()
    assert "Còn hiệu lực" in text and ">Valid<" in text


def test_an_answer_takes_few_statements(lookup: Public, count_queries: Any, seat: Seat) -> None:
    with count_queries() as seen:
        lookup.ask()
    assert len(seen) <= 3, seen.statements
