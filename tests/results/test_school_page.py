"""A school's own result page: the shortest way, the round before, its peers, one page of paper, sharing."""

import html
import io
import re
from dataclasses import replace
from typing import Any

import pypdfium2
import pytest
from sqlalchemy import select

from survey_app.assessments.models import SchoolProfile
from survey_app.core.db import session
from survey_app.rounds.models import BEFORE_YEAR, Participation, VetoEvent
from survey_app.rules.framework import Framework
from survey_app.rules.permissions import Role
from tests.factories.accounts import make_user
from tests.factories.assessments import make_submitted
from tests.factories.frameworks import plain_framework, plain_indicator
from tests.factories.results import CHECKED
from tests.factories.rounds import make_framework_version, make_participation, make_round
from tests.results.conftest import OWN, Site, shown

LONG = "Trường Trung học cơ sở và Trung học phổ thông Nguyễn Thị Minh Khai " * 2


@pytest.fixture
def form_uid(site: Site) -> str:
    return shown(site, OWN)


def test_the_way_says_what_is_missing_from_where_to_where_and_is_planned_once(
    site: Site, form_uid: str
) -> None:
    session.commit()
    text = site.page(f"/results/forms/{form_uid}")
    assert "Cách ngắn nhất để có kết quả “Đạt”" in text
    assert "Còn 1 tiêu chí bắt buộc chưa đạt: có 0/1, cần tất cả." in text
    assert "Thiếu 2 tiêu chí đạt: có 2/4, cần ít nhất 80%." in text
    assert "Cần nâng ít nhất 2 tiêu chí" in text and "tổng cộng 3 bậc" in text
    assert "Mức 1 → <b>Mức 2</b>" in text and "Mức 0 → <b>Mức 2</b>" in text
    one = site.client.post(f"/plans/{form_uid}/way", data={"indicator": "LM1.1"})
    assert one.location.endswith(f"/results/forms/{form_uid}#way")
    assert site.page(f"/results/forms/{form_uid}").count("Đã có trong kế hoạch") == 1
    for _ in range(2):
        assert site.client.post(f"/plans/{form_uid}/way").location.endswith(f"/plans/{form_uid}")
    assert [(code, priority) for code, _, priority in site.planned()] == [("LM1.1", 2), ("AT1.1", 1)]
    assert site.planned()[0][1] == "…\n…"  # the set's own steps, one a line
    text = site.page(f"/results/forms/{form_uid}")
    assert text.count("Đã có trong kế hoạch") == 2 and "Thêm tất cả vào kế hoạch" not in text
    wrong = site.client.post(f"/plans/{form_uid}/way", data={"indicator": "AT1.2"})
    assert wrong.status_code == 422 and len(site.planned()) == 2


def test_others_see_no_button_and_a_viewer_no_way(site: Site, form_uid: str) -> None:
    session.commit()
    site.sit(Role.COMMUNE_OFFICER, site.commune_id)
    text = site.page(f"/results/forms/{form_uid}")
    assert "Cách ngắn nhất" in text and "Thêm vào kế hoạch" not in text
    assert site.client.post(f"/plans/{form_uid}/way").status_code == 403
    site.sit(Role.VIEWER, site.commune_id)
    assert "Cách ngắn nhất" not in site.page(f"/results/forms/{form_uid}")


def test_what_the_school_says_of_itself_has_a_way_once_it_is_complete(site: Site) -> None:
    uid = site.round_of(OWN | {"AT1.1": 0}, publish=False)
    half = site.round_of({"AT1.1": 1}, publish=False)
    session.commit()
    assert "Cách ngắn nhất để có kết quả “Đạt”" in site.page(f"/results/forms/{uid}")
    assert "khi mọi tiêu chí áp dụng đã có mức" in site.page(f"/results/forms/{half}")


def test_the_receipt_of_a_submission_leads_to_its_way(site: Site) -> None:
    round_ = make_round(site.department, [site.version])
    form = make_submitted(make_participation(round_, site.school), OWN, receipt_number="CT-1")
    uid, address = form.uid, f"/results/forms/{form.uid}"
    session.commit()
    assert f'href="{address}"' in site.page(f"/assessments/{uid}/receipt")
    assert "Cách ngắn nhất để có kết quả “Đạt, xếp loại Khá”" in site.page(address)


def test_an_excluding_fact_leaves_no_way(site: Site) -> None:
    uid = site.round_of(OWN, publish=False)
    part = session.scalars(select(Participation).order_by(Participation.id.desc())).first()
    session.add(
        VetoEvent(
            participation_id=part.id,
            framework_version_id=site.version.id,
            code="V1",
            event_date=CHECKED.date(),
            place="Sân trường",
            document_number="1/KL",
            document_date=CHECKED.date(),
            concluding_authority="Công an",
            recorded_by_id=make_user().id,
            recorded_at=CHECKED,
        )
    )
    session.commit()
    text = site.page(f"/results/forms/{uid}")
    assert "Có 1 sự việc loại trừ được ghi nhận." in text and "Thêm vào kế hoạch" not in text
    assert "không có cách nào để đạt bằng nâng mức" in text


def test_the_check_before_the_year_shows_no_way_beyond_a_pass(site: Site) -> None:
    full = {"AT1.1": 2, "AT1.2": 2, "LM1.1": 2, "LM1.2": 1}
    passed = site.round_of(full, publish=False, purpose=BEFORE_YEAR)
    ranked = site.round_of(full, publish=False)
    session.commit()
    assert "Cách ngắn nhất" not in site.page(f"/results/forms/{passed}")
    assert "“Đạt, xếp loại Khá”" in site.page(f"/results/forms/{ranked}")


def changed_set() -> Framework:
    """The small set a year later: one indicator is gone, one is new."""
    kept = [plain_indicator("AT1.1"), plain_indicator("LM1.1")]
    return replace(
        plain_framework([("AT", 60, kept[:1]), ("LM", 40, [kept[1], plain_indicator("LM1.9")])]), version="2"
    )


def test_the_round_before_is_beside_it_over_common_indicators_when_the_set_changed(site: Site) -> None:
    shown(site, OWN)
    same = shown(site, OWN)
    version = make_framework_version(changed_set(), framework_id=site.version.framework_id)
    other = shown(site, {"AT1.1": 3, "LM1.1": 2, "LM1.9": 3}, version=version)
    session.commit()
    text = site.page(f"/results/forms/{same}")
    assert "Đợt trước" in text and "Năm học 2027 – 2028: 2/4 · bắt buộc 0/1" in text
    assert "chỉ so sánh" not in text
    text = site.page(f"/results/forms/{other}")
    assert "chỉ so sánh 2 tiêu chí chung: đợt trước đạt 0/2, đợt này đạt 1/2." in text


def test_five_similar_schools_are_a_mean_and_a_third_and_four_are_nothing(site: Site) -> None:
    four, five = shown(site, OWN, others=4), shown(site, OWN, others=5)
    session.commit()
    text = site.page(f"/results/forms/{four}")
    assert "Chưa đủ 5 trường để so sánh." in text and "Trung bình" not in text
    text = site.page(f"/results/forms/{five}")
    assert "Trung bình 5 trường tương đồng" in text and "Trường ở một phần ba thấp nhất" in text
    assert "chưa xét quy mô vì trường chưa ghi số học sinh" in text


def test_a_practice_round_says_so_wherever_its_result_stands(site: Site) -> None:
    uid = site.round_of(OWN, publish=False, purpose="practice")
    session.commit()
    for path in (f"/results/forms/{uid}", "/results/own"):
        assert "THỬ NGHIỆM" in site.page(path), path
    text = site.page(f"/results/forms/{uid}")
    assert "Đợt thử nghiệm để làm quen, không công bố kết quả." in text and "sau khi Sở công bố" not in text


def test_the_page_says_between_which_sizes_schools_are_compared(site: Site) -> None:
    uid = shown(site, OWN, others=5)
    for profile in session.scalars(select(SchoolProfile)):
        profile.pupils = 1345
    session.commit()
    text = site.page(f"/results/forms/{uid}")
    assert "từ một nửa đến gấp đôi (673 đến 2.690 học sinh)" in text
    assert "Trung bình 5 trường tương đồng" in text


def words_of(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    return [" ".join(page.get_textpage().get_text_range().split()) for page in document]


def test_the_report_is_one_page_with_every_number_printed(site: Site) -> None:
    draft = site.round_of(OWN, publish=False)
    shown(site, OWN, others=5, unit_name=LONG)
    uid = shown(site, OWN, others=5, unit_name=LONG)
    session.commit()
    answer = site.client.get(f"/results/forms/{uid}/report.pdf")
    assert answer.status_code == 200 and answer.mimetype == "application/pdf"
    (text,) = words_of(answer.data)
    for words in (
        "Đạt 2/4 tiêu chí áp dụng · bắt buộc 0/1",
        "Tự đánh giá: 3/4 · bắt buộc 1/1",
        "Năm học 2028 – 2029: 2/4, Chưa đạt",
        "2/2 (100%) 1/2 (50%) 1/2 (50%) 100%",
        "trung bình 5 trường tương đồng",
        "AT1.1 (bắt buộc)",
        "Cách ngắn nhất để có kết quả “Đạt”",
        "HIỆU TRƯỞNG",
    ):
        assert words in text, (words, text)
    assert "BẢN NHÁP" not in text
    site.page(f"/results/forms/{draft}/report.pdf", 404)


def test_the_report_of_a_draft_set_says_so_and_names_no_mean_of_few(site: Site) -> None:
    version = make_framework_version(plain_framework(status="draft"))
    uid = shown(site, OWN, others=4, version=version)
    session.commit()
    (text,) = words_of(site.client.get(f"/results/forms/{uid}/report.pdf").data)
    assert "BẢN NHÁP" in text and "Chưa đủ 5 trường để so sánh." in text


def test_claimed_and_confirmed_bars_differ_without_any_colour(site: Site) -> None:
    uid = shown(site, {"AT1.1": 3, "AT1.2": 3, "LM1.1": 3, "LM1.2": 1})
    session.commit()
    pdf = site.client.get(f"/results/forms/{uid}/report.pdf").data
    picture = pypdfium2.PdfDocument(io.BytesIO(pdf))[0].render(scale=4).to_pil()
    colours = {pixel for _, pixel in picture.getcolors(1 << 24) if max(pixel) - min(pixel) > 8}
    assert not colours  # black, white and the greys between them alone
    grey = picture.convert("L")
    width, points = grey.width, grey.tobytes()
    dark = [
        sum(value < 60 for value in points[row * width : (row + 1) * width]) for row in range(grey.height)
    ]
    # A solid bar is a block of rows of hundreds of dark points; an outline has two such rows around white.
    wide = [row for row, count in enumerate(dark) if 300 < count < 1200]
    assert len(wide) > 20


def test_a_shared_link_asks_to_sign_in_and_its_preview_tells_no_result(site: Site, form_uid: str) -> None:
    session.commit()
    text = site.page(f"/results/forms/{form_uid}")
    address = f"http://localhost/results/forms/{form_uid}"
    assert f'data-copy="{address}"' in text and "data:image/svg+xml;base64," in text
    previews = re.findall(r'property="og:[a-z_]+" content="([^"]*)"', text)
    assert len(previews) == 4
    site.seat.actor = None
    answer = site.client.get(f"/results/forms/{form_uid}", follow_redirects=True)
    stranger = html.unescape(answer.get_data(as_text=True))
    for secret in (site.school_name, "Đạt 2/4", "Chưa đạt", "2/4"):
        assert secret not in "".join(previews) and secret not in stranger
    assert "og:title" in stranger


def test_the_pages_of_a_result_take_few_statements(site: Site, count_queries: Any) -> None:
    own = site.round_of(OWN, publish=False)
    shown(site, OWN, others=5)
    uid = shown(site, OWN, others=5)
    session.commit()
    for path in (f"/results/forms/{uid}", f"/results/forms/{uid}/report.pdf", f"/results/forms/{own}"):
        with count_queries() as seen:
            assert site.client.get(path).status_code == 200
        assert len(seen) <= 12, "\n".join(seen.statements)
