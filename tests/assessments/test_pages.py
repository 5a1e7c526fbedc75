"""The school's pages over HTTP: saving by script and by button, bad input, walls, the pages themselves."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from survey_app.assessments import profile
from survey_app.assessments.models import Assessment
from survey_app.core.db import unit_of_work
from survey_app.rules.permissions import Role
from survey_app.rules.workflow import State
from tests.assessments.desk import Desk, clock, desk
from tests.factories.accounts import make_actor
from tests.factories.organisations import make_school
from tests.journeys.browser import read_page

__all__ = ["clock", "desk"]


# ---- saving ----


def test_the_script_gets_version_time_and_progress(desk: Desk) -> None:
    answer = desk.save(comment="Đủ bình")
    assert answer.status_code == 200
    assert answer.json == {
        "version": 1,
        "saved_at": "14:05:32",
        "progress": {"answered": 1, "applicable": 4, "needed": 1, "had": 0},
    }
    assert desk.stored() and desk.stored().comment == "Đủ bình"  # type: ignore[union-attr]


def test_the_button_works_without_a_script(desk: Desk) -> None:
    answer = desk.save(script=False, key="")
    assert answer.status_code == 302 and answer.location.endswith("/fill/AT1?saved=AT1.2#AT1.2")
    assert "Đã lưu lúc 14:05:32" in desk.client.get(answer.location).get_data(as_text=True)


def test_a_value_is_given_to_every_site_without_a_script(desk: Desk) -> None:
    main, other = desk.stage.sites
    desk.save(indicator="AT1.1", site=str(other), value="0", comment="cổng sau", key="x")
    page = read_page("/", 200, desk.get("/fill/AT1"))
    form = next(form for form in page.forms if form.fields.get("site") == [str(main)])
    assert "Lưu và áp dụng cho tất cả điểm trường" in form.buttons
    fields = {name: values[0] for name, values in form.fields.items() if values}
    fields |= {"value": "2", "comment": "cổng chính", "everywhere": "1"}
    for _ in range(2):  # a double click
        assert desk.client.post(desk.url("/answers"), data=fields).status_code == 302
    kept = [desk.stored("AT1.1", site) for site in (main, other)]
    assert [(one.value, one.comment) for one in kept if one] == [(2, "cổng chính"), (2, "cổng sau")]
    assert [one.version for one in kept if one] == [1, 2]
    assert "Lưu và áp dụng" not in desk.get("/fill/LM1")


def test_a_stale_save_gets_409_with_both_texts(desk: Desk) -> None:
    desk.save(comment="bản của tôi", key="a")
    answer = desk.save(comment="bản thứ hai", value="3", key="b")
    assert answer.status_code == 409 and answer.json is not None
    assert answer.json["theirs"] | {"by": ""} == {
        "value": 2,
        "comment": "bản của tôi",
        "version": 1,
        "by": "",
        "at": "14:05:32",
        "key": "a",
    }
    assert answer.json["mine"] == {"value": 3, "comment": "bản thứ hai"}
    assert desk.stored().comment == "bản của tôi"  # type: ignore[union-attr]


def test_only_who_made_the_last_change_is_told_its_key(desk: Desk) -> None:
    """A browser that knows the key goes on from its own save; anybody else is asked to choose."""
    desk.save(key="a")
    desk.save(key="b", base_version="1", comment="của tôi")
    own = desk.save(key="c", base_version="1", comment="gửi sau")
    desk.sit(desk.stage.member)
    other = desk.save(key="d", base_version="1", comment="của người khác")
    assert own.json and other.json and own.status_code == other.status_code == 409
    assert (own.json["theirs"]["key"], other.json["theirs"]["key"]) == ("b", "")


def test_without_a_script_a_conflict_shows_both_texts_and_one_press_keeps_mine(desk: Desk) -> None:
    desk.save(comment="bản của người khác", key="a")
    answer = desk.save(script=False, comment="bản <b>của tôi</b>", key="b")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409 and "Có hai bản khác nhau" in page
    assert "bản của người khác" in page and "bản &lt;b&gt;của tôi&lt;/b&gt;</textarea>" in page
    assert 'name="base_version" value="1"' in page


def test_a_double_click_has_one_effect(desk: Desk) -> None:
    assert [desk.save(key="same").json["version"] for _ in range(3)] == [1, 1, 1]  # type: ignore[index]


def test_a_double_click_without_a_script_has_one_effect(desk: Desk) -> None:
    """As the page's own button sends it: twice the same fields, the hidden ones among them."""
    forms = read_page(desk.url("/fill/AT1"), 200, desk.get("/fill/AT1")).forms
    form = next(form for form in forms if form.fields.get("indicator") == ["AT1.2"])
    fields = {name: values[0] for name, values in form.fields.items() if values} | {"value": "2"}
    answers = [desk.client.post(desk.url("/answers"), data=fields | {"comment": "Đủ"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert desk.stored() and desk.stored().version == 1  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"value": "9"}, "không có giá trị này"),
        ({"value": "-1"}, "Giá trị gửi lên chưa đúng"),
        ({"value": "abc"}, ""),
        ({"value": "2.5"}, ""),
        ({"indicator": "ZZ9.9"}, "không có tiêu chí"),
        ({"indicator": "<script>"}, "Không có tiêu chí"),
        ({"site": "77777"}, "điểm trường"),
        ({"site": "x"}, ""),
        ({"site": "9" * 400}, ""),
        ({"base_version": ""}, ""),
        ({"base_version": "-5"}, ""),
        ({"base_version": "99999999999999999999"}, ""),
        ({"comment": "a" * 10_000}, "dài quá 1000 ký tự"),
        ({"comment": "có \x00 trong"}, "ký tự điều khiển"),
        ({"comment": "có \x07 chuông"}, "ký tự điều khiển"),
        ({"comment": "đảo \u202e chiều"}, "ký tự điều khiển"),
        ({"key": "x" * 200}, "tải lại trang"),
        ({"key": "a b;--"}, "tải lại trang"),
    ],
)
@pytest.mark.parametrize("script", [True, False])
def test_bad_input_gets_a_sentence_and_changes_nothing(
    desk: Desk, fields: dict[str, str], words: str, script: bool
) -> None:
    answer = desk.save(script=script, **fields)
    text = answer.json["error"] if script else answer.get_data(as_text=True)  # type: ignore[index]
    assert answer.status_code == 422 and words in text
    assert desk.stored() is None


def test_a_refused_text_stays_in_the_page(desk: Desk) -> None:
    page = desk.save(script=False, comment="ý " * 600).get_data(as_text=True)
    assert "ý ý ý ý" in page and "Hãy rút gọn" in page


def test_text_is_stored_in_one_form(desk: Desk) -> None:
    desk.save(comment="Đa\u0302\u0301t\r\nhai dòng  ")
    assert desk.stored().comment == "Đấ\u0074\nhai dòng"  # type: ignore[union-attr]


def test_markup_is_shown_as_text(desk: Desk) -> None:
    desk.save(comment="<script>alert(1)</script>")
    page = desk.get("/fill/AT1")
    assert "<script>alert(1)</script>" not in page and "&lt;script&gt;alert(1)" in page


def test_fields_that_are_not_ours_are_ignored(desk: Desk) -> None:
    desk.save(state="approved", verified_score="3", assessment_id="1", version="50", met="9")
    assert desk.state() == State.DRAFT and desk.stored().version == 1  # type: ignore[union-attr]


def test_saving_needs_the_token_when_it_is_on(desk: Desk, app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    answer = desk.save()
    assert answer.status_code == 400 and "tải lại" in answer.json["error"]  # type: ignore[index]
    assert desk.stored() is None


def test_autosave_takes_few_statements(desk: Desk, count_queries: Callable[[], Any]) -> None:
    desk.save(key="warm")
    with count_queries() as seen:
        desk.save(key="b", base_version="1", value="3")
    assert len(seen) <= 9, seen.statements


# ---- walls ----


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/fill/AT1",
        "/profile",
        "/veto",
        "/check",
        "/receipt",
        "/continue",
        "/history/AT1.2",
        "/evidence/AT1.2",
    ],
)
def test_another_school_finds_nothing(desk: Desk, path: str) -> None:
    with unit_of_work():
        stranger = make_actor(Role.UNIT_HEAD, make_school())
    desk.sit(stranger)
    assert desk.client.get(desk.url(path)).status_code == 404
    assert desk.save().status_code == 404 and desk.stored() is None


@pytest.mark.parametrize(
    "path", ["/submit", "/withdraw", "/profile", "/settle/AT1.2", "/evidence/AT1.2/choose"]
)
def test_another_school_changes_nothing(desk: Desk, path: str) -> None:
    with unit_of_work():
        stranger = make_actor(Role.UNIT_HEAD, make_school())
    desk.sit(stranger)
    assert desk.client.post(desk.url(path)).status_code == 404
    assert desk.state() == State.DRAFT


@pytest.mark.parametrize("path", ["", "/profile", "/check", "/receipt", "/history/AT1.2"])
def test_a_draft_is_the_schools_alone(desk: Desk, path: str) -> None:
    desk.save(comment="chưa định nói")
    with unit_of_work():
        department = desk.stage.form().round.department
        people = [make_actor(role, department) for role in (Role.DEPARTMENT_OFFICER, Role.DEPARTMENT_ADMIN)]
    for person in (desk.stage.officer, *people):
        desk.sit(person)
        assert "Trường chưa nộp phiếu này" in desk.get(path, status=404)


def test_the_officer_reads_but_does_not_write(desk: Desk) -> None:
    with unit_of_work() as session:
        session.get_one(Assessment, desk.stage.assessment.id).state = State.SUBMITTED
    desk.sit(desk.stage.officer)
    assert "Phiếu đã nộp" in desk.get("/check")
    assert desk.save().status_code == 403
    assert desk.client.post(desk.url("/submit")).status_code == 403


def test_a_stranger_is_sent_to_sign_in_and_a_save_gets_401(desk: Desk) -> None:
    desk.sit(None)
    assert desk.client.get(desk.url()).status_code == 302
    answer = desk.save()
    assert answer.status_code == 401 and answer.json is not None and answer.json["sign_in"]


@pytest.mark.parametrize("path", ["/fill/XX1", "/history/XX1.1", "/evidence/XX1.1"])
def test_an_unknown_code_is_not_found(desk: Desk, path: str) -> None:
    desk.get(path, status=404)


# ---- pages ----


def test_the_list_leads_to_the_only_form(desk: Desk) -> None:
    assert desk.client.get("/assessments").location == desk.url()


def test_a_school_without_a_round_is_told_so(desk: Desk) -> None:
    with unit_of_work():
        desk.sit(make_actor(Role.UNIT_HEAD, make_school()))
    assert "Chưa có đợt đánh giá nào" in desk.client.get("/assessments").get_data(as_text=True)


def test_the_task_list_shows_what_is_left_and_until_when(desk: Desk) -> None:
    desk.save()
    page = desk.get()
    assert "Đã xong 1/4 tiêu chí áp dụng" in page
    assert "17g00, ngày 20/05/2027" in page and "còn 8 ngày" in page
    assert "Cần 1 minh chứng, đã có 0" in page


def test_the_fill_page_shows_every_sentence_at_every_site(desk: Desk) -> None:
    page = desk.get("/fill/AT1")
    assert page.count("data-autosave") == 3  # two sites of AT1.1, one place of AT1.2
    assert all(f"AT1.1 ở mức {value}" in page for value in range(4))
    assert "Áp dụng cho tất cả điểm trường" in page and "Điểm lẻ 1" in page


def test_the_fill_page_says_what_raises_the_level_and_which_evidence_is_wanted(desk: Desk) -> None:
    page = desk.get("/fill/LM1")
    assert 'data-next-for="1">Để đạt mức 2 cần: …</p>' in page
    assert "<b>Minh chứng gợi ý:</b> photo." in page


def at_sites(desk: Desk, *values: str) -> str:
    """The filling page after AT1.1 was answered at the sites in turn."""
    sites = [site["id"] for site in desk.stage.form().participation.sites]
    for site, value in zip(sites, values, strict=False):
        desk.save(indicator="AT1.1", site=str(site), value=value, key=f"s{site}")
    return desk.get("/fill/AT1").partition('id="AT1.1"')[2].partition("</article>")[0]


def test_sites_that_differ_stand_in_one_grid_under_the_sentences_said_once(desk: Desk) -> None:
    card = at_sites(desk, "3", "1")
    grid = card.partition('class="sites-grid"')[2]
    assert "Khác nhau giữa các điểm" in card and '<details class="fold sites"' not in card
    assert grid.count('class="at-site"') == 2 and "Điểm chính" in grid and "Điểm lẻ 1" in grid
    assert all(card.count(f"AT1.1 ở mức {value}") == 1 for value in range(4))
    assert re.findall(r'value="(\d)" data-name="[^"]*" checked', grid) == ["3", "1"]
    assert re.findall(r'data-next-for="(\d)"(?! hidden)', grid) == ["3", "1"]  # each row its own step alone


@pytest.mark.parametrize(("values", "said"), [((), "chưa chọn mức"), (("2", "2"), "cùng mức với điểm chính")])
def test_sites_that_are_alike_are_chosen_by_the_sentences_of_the_main_one(
    desk: Desk, values: tuple[str, ...], said: str
) -> None:
    card = at_sites(desk, *values)
    assert f"Điểm lẻ (1): <span>{said}</span>" in card and 'class="levels"' not in card
    assert card.count('class="at-site"') == 1


def test_an_indicator_that_does_not_apply_says_why(desk: Desk, now) -> None:
    with unit_of_work():
        profile.save_profile(
            desk.stage.form(), {"bep_an": False}, base_version=1, actor=desk.stage.head, now=now
        )
    page = desk.get("/fill/LM1")
    assert "Không áp dụng" in page and "Trường có bếp ăn không?" in page
    assert 'id="LM1.1-0"' not in page


def test_continue_goes_to_the_first_unanswered_indicator(desk: Desk) -> None:
    assert desk.client.get(desk.url("/continue")).location.endswith("/fill/AT1#AT1.1")
    for number, site in enumerate(desk.stage.sites):
        desk.save(indicator="AT1.1", site=str(site), key=f"s{number}")
    assert desk.client.get(desk.url("/continue")).location.endswith("/fill/AT1#AT1.2")


def test_the_profile_page_saves_and_says_what_is_left(desk: Desk) -> None:
    answer = desk.client.post(desk.url("/profile"), data={"base_version": "1", "bep_an": "no", "hack": "yes"})
    assert answer.status_code == 302
    assert "Đã lưu thông tin nhà trường" in desk.client.get(answer.location).get_data(as_text=True)
    assert desk.client.post(desk.url("/profile"), data={"base_version": "1"}).status_code == 409


def test_pages_take_few_statements(desk: Desk, count_queries: Callable[[], Any]) -> None:
    for path in ("", "/fill/AT1", "/check"):
        desk.get(path)
        with count_queries() as seen:
            desk.get(path)
        assert len(seen) <= 12, (path, seen.statements)
