"""The switch of a result page: what the school claims, what was confirmed, or both beside each other."""

import re

import pytest

from survey_app.core.db import session
from tests.results.conftest import OWN, Site, shown

BARS, CRITERIA, LINES = "bars-title", "criteria-title", "lines-title"


def heads(text: str, section: str) -> list[str]:
    """The headings of the table in one section of the page, without what only readers hear."""
    part = text.partition(f'aria-labelledby="{section}"')[2].partition("</thead>")[0]
    return [re.sub(r"<[^>]+>", "", one) for one in re.findall(r"<th scope=\"col\"[^>]*>(.*?)</th>", part)]


def row(text: str, name: str) -> list[str]:
    """The cells of the table row whose heading begins with `name`."""
    part = re.search(rf"<tr><th scope=\"row\"[^>]*>{re.escape(name)}.*?</tr>", text, re.DOTALL)
    assert part is not None
    return [" ".join(re.sub(r"<[^>]+>", " ", one).split()) for one in re.findall(r"<td.*?</td>", part[0])]


@pytest.fixture
def address(site: Site) -> str:
    shown(site, OWN, others=5)
    uid = shown(site, OWN, others=5)
    session.commit()
    return f"/results/forms/{uid}"


def test_both_sides_stand_beside_each_other_until_one_is_chosen(site: Site, address: str) -> None:
    text = site.page(address)
    assert heads(text, BARS)[2:] == ["Tự đánh giá", "Kết quả kiểm tra", "Đợt trước"]
    assert heads(text, CRITERIA)[1:] == ["Tự đánh giá", "Kết quả kiểm tra", "Tiêu chí chưa đạt"]
    assert heads(text, LINES)[1:] == ["Tự đánh giá", "Kết quả kiểm tra", "Chênh lệch", "Tiêu chí", "Lý do"]
    assert f'<a href="{address}#sides" aria-current="page">Cả hai</a>' in text
    assert f'<a href="{address}?show=own#sides">Tự đánh giá</a>' in text
    assert f'<a href="{address}?show=verified#sides">Kết quả kiểm tra</a>' in text
    assert heads(site.page(address + "?show=%3Cb%3E"), BARS) == heads(text, BARS)


def test_the_claim_alone_says_nothing_that_others_found(site: Site, address: str) -> None:
    text = site.page(address + "?show=own")
    assert heads(text, BARS)[2:] == ["Tự đánh giá"]
    assert heads(text, CRITERIA)[1:] == ["Tự đánh giá", "Tiêu chí chưa đạt"]
    assert heads(text, LINES)[1:] == ["Tự đánh giá", "Tiêu chí"]
    assert 'class="solid"' not in text and 'class="tick"' not in text and 'class="dashes"' not in text
    assert "Hồ sơ chưa đủ" not in text  # why the authority found less
    assert row(text, "AT1.") == ["2/2", "–"] and row(text, "LM1.") == ["1/2", "LM1.1"]


def test_the_confirmed_side_alone_keeps_its_reasons_and_what_it_is_compared_with(
    site: Site, address: str
) -> None:
    text = site.page(address + "?show=verified")
    assert heads(text, BARS)[2:] == ["Kết quả kiểm tra", "Đợt trước"]
    assert heads(text, LINES)[1:] == ["Kết quả kiểm tra", "Tiêu chí", "Lý do"]
    assert 'class="self"' not in text and 'class="tick"' in text and 'class="dashes"' in text
    assert "Hồ sơ chưa đủ" in text
    assert row(text, "AT1.") == ["1/2", "AT1.1"]


def test_a_criterion_with_two_levels_shows_their_names(site: Site, address: str) -> None:
    lines = site.page(address).partition('id="lines-title"')[2]
    assert re.findall(r'class="(lv[^"]*)">([^<]+)', lines.partition('id="line-LM1.2"')[2]) == [
        ("lv", "Đạt"),
        ("lv solid lv3", "Đạt"),
    ]


def test_before_publication_there_is_nothing_to_choose(site: Site) -> None:
    uid = site.round_of(OWN, publish=False)
    session.commit()
    text = site.page(f"/results/forms/{uid}?show=verified")
    assert 'id="sides"' not in text and heads(text, CRITERIA)[1:] == ["Tự đánh giá", "Tiêu chí chưa đạt"]


def test_only_what_is_to_be_read_is_open_and_the_result_comes_first(site: Site) -> None:
    uid, met = shown(site, OWN), shown(site, {"AT1.1": 1, "AT1.2": 3, "LM1.1": 3, "LM1.2": 1})
    session.commit()
    text = site.page(f"/results/forms/{uid}")
    lines = text.partition(f'aria-labelledby="{LINES}"')[2].partition("</section>")[0]
    folds = re.findall(r'<details class="fold"( open)?><summary>(\w+)\.', lines)
    assert folds == [(" open", "AT1"), (" open", "LM1")]  # AT1.1 was lowered, LM1.1 is not met
    lines = site.page(f"/results/forms/{met}").partition(f'aria-labelledby="{LINES}"')[2]
    assert re.findall(r'<details class="fold"( open)?><summary>(\w+)\.', lines)[1] == ("", "LM1")
    assert text.index("Kết quả: Chưa đạt") < text.index("tiêu chí áp dụng · bắt buộc")
    assert 'href="#why-title">Vì sao có kết quả này' in text
