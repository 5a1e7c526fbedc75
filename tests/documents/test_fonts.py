"""Papers are set in our own fonts, every Vietnamese letter of them."""

import pytest
from fontTools.ttLib import TTFont

from survey_app.documents.pdf import FONTS, render_pdf
from tests.documents.reading import VIETNAMESE, fonts_of, text_of

FILES = sorted(FONTS.glob("*.ttf"))
STYLES = "<p>{0}</p><p><b>{0}</b></p><p><i>{0}</i></p><p><b><i>{0}</i></b></p>"


def test_there_are_134_letters_beyond_ascii() -> None:
    assert len([letter for letter in VIETNAMESE if not letter.isascii()]) == 134


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_font_has_every_vietnamese_letter(file) -> None:
    letters = TTFont(file).getBestCmap()
    assert not [letter for letter in VIETNAMESE + "–…“”₫0123456789" if ord(letter) not in letters]


def test_each_font_lies_beside_its_licence() -> None:
    assert {file.name.split("-")[0] for file in FILES} == {"Tinos", "BeVietnamPro"}
    for name in ("Tinos", "BeVietnamPro"):
        assert "SIL OPEN FONT LICENSE" in (FONTS / f"OFL-{name}.txt").read_text("utf-8")


def test_all_letters_in_all_styles_are_drawn_by_our_fonts_and_read_back() -> None:
    pdf = render_pdf(STYLES.format(VIETNAMESE), title="Chữ")
    assert fonts_of(pdf) == {("Tinos", True)}
    assert "".join(text_of(pdf).split()) == VIETNAMESE * 4


def test_a_letter_we_lack_and_a_family_we_do_not_ship_bring_in_no_other_font() -> None:
    families = "".join(
        f'<p style="font-family:{name}">Đỗ</p>' for name in ("Arial", "serif", "monospace", "'DejaVu Sans'")
    )
    pdf = render_pdf(f"<p>😀 漢字 ✓ ع</p>{families}", title="Chữ lạ")
    assert {family for family, _ in fonts_of(pdf)} <= {"Tinos", "Be Vietnam Pro"}
    assert text_of(pdf).count("Đỗ") == 4
