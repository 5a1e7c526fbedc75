"""What is kept of an honest file: the picture upright and plain, its date, nothing of camera or author."""

import io
import os
import threading
import zipfile
from datetime import date
from pathlib import Path

import pytest
from PIL import Image
from pypdfium2 import PdfDocument

from survey_app.core.files import StoreFull
from survey_app.evidence import intake as intake_module
from survey_app.evidence.intake import Intake, take_in
from survey_app.evidence.kinds import DOCUMENT, IMAGE, PDF
from survey_app.evidence.names import clean_stem, ending_of
from survey_app.evidence.refusals import FileRefused
from tests.evidence.hostile_papers import SCRIPT, SIGNATURE, SIGNED
from tests.factories.evidence import make_office, make_pdf, make_photo, make_picture

SECRETS = (b"MayAnhBiMat", b"Exif", b"GPS", b"http://ns.adobe.com", b"2027:05:03")


def take(content: bytes, name: str = "Bình chữa cháy.jpg") -> Intake:
    return take_in(io.BytesIO(content), name)


def opened(picture: bytes | None) -> Image.Image:
    assert picture is not None
    image = Image.open(io.BytesIO(picture))
    image.load()
    return image


def brightness(picture: bytes, x: float, y: float) -> int:
    """0–255 at a place given in parts of width and height."""
    grey = opened(picture).convert("L")
    value = grey.getpixel((int(grey.width * x), int(grey.height * y)))
    assert isinstance(value, int)
    return value


def test_camera_data_is_gone_and_its_date_is_kept() -> None:
    photo = make_photo()
    assert all(secret in photo for secret in (b"MayAnhBiMat", b"2027:05:03"))
    taken = take(photo)
    assert taken.captured_on == date(2027, 5, 3)
    for kept in (taken.content, taken.thumb):
        assert kept is not None and not any(secret in kept for secret in SECRETS)
        assert not opened(kept).getexif() and set(opened(kept).info) <= {
            "jfif",
            "jfif_version",
            "jfif_unit",
            "jfif_density",
            "progressive",
            "progression",
        }


@pytest.mark.parametrize(
    "taken", ["0000:00:00 00:00:00", "2027:13:40 00:00:00", "hôm qua", "", "1970:01:01 00:00:00"]
)
def test_a_date_that_cannot_be_is_no_date(taken: str) -> None:
    assert take(make_photo(taken=taken)).captured_on is None


def test_a_heic_keeps_its_date_too() -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[36867] = "2027:05:03 09:15:00"
    taken = take(make_picture("HEIF", exif=exif), "IMG_1.HEIC")
    assert (taken.captured_on, taken.file_name, taken.media_type) == (
        date(2027, 5, 3),
        "IMG_1.jpg",
        "image/jpeg",
    )


@pytest.mark.parametrize(
    ("orientation", "dark"), [(1, (0.1, 0.5)), (3, (0.9, 0.5)), (6, (0.5, 0.1)), (8, (0.5, 0.9))]
)
def test_a_turned_picture_is_kept_upright(orientation: int, dark: tuple[float, float]) -> None:
    taken = take(make_photo((200, 100), orientation=orientation))
    assert opened(taken.content).size == ((200, 100) if orientation < 5 else (100, 200))
    assert brightness(taken.content, *dark) < 60 < 200 < brightness(taken.content, 1 - dark[0], 1 - dark[1])


@pytest.mark.parametrize(
    ("format", "mode"),
    [
        ("JPEG", "CMYK"),
        ("JPEG", "L"),
        ("PNG", "P"),
        ("PNG", "1"),
        ("PNG", "RGBA"),
        ("PNG", "LA"),
        ("WEBP", "RGB"),
        ("HEIF", "RGB"),
    ],
)
def test_every_kind_of_picture_looks_as_before(format: str, mode: str) -> None:
    taken = take(make_picture(format, mode=mode))
    assert brightness(taken.content, 0.2, 0.5) < 60 < 200 < brightness(taken.content, 0.8, 0.5)


def test_sixteen_bits_of_grey_keep_their_shades() -> None:
    target = io.BytesIO()
    Image.new("I;16", (60, 40), 0x8000).save(target, "PNG")
    assert 120 < brightness(take(target.getvalue(), "a.png").content, 0.5, 0.5) < 136


def test_what_is_transparent_becomes_white() -> None:
    target = io.BytesIO()
    Image.new("RGBA", (60, 40), (0, 0, 0, 0)).save(target, "PNG")
    assert brightness(take(target.getvalue(), "a.png").content, 0.5, 0.5) > 250


def test_a_large_photograph_becomes_small() -> None:
    taken = take(make_photo((4000, 3000)))
    assert opened(taken.content).size == (1600, 1200) and opened(taken.content).info["progressive"]
    assert opened(taken.thumb).size == (320, 240)


def test_a_small_picture_is_not_blown_up() -> None:
    assert opened(take(make_picture(size=(64, 48))).content).size == (64, 48)


def test_a_picture_in_a_picture_loses_what_is_behind_it() -> None:
    taken = take(make_picture() + make_office())
    assert b"PK\x03\x04" not in taken.content and taken.kind == IMAGE


def test_a_pdf_keeps_its_pages_and_loses_author_and_scripts() -> None:
    link = b"/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/Launch/F(x.exe)>>>>]"
    link += b"/AA<</O<</S/JavaScript/JS(a)>>>>"
    taken = take(make_pdf(2, catalog=SCRIPT, page=link, info=b"/Author(Nguyen Van Tac Gia)"), "Kế hoạch.pdf")
    assert (taken.kind, len(taken.pages), taken.file_name) == (PDF, 2, "Kế hoạch.pdf")
    assert "Trang" in PdfDocument(taken.content)[1].get_textpage().get_text_range()
    assert not any(word in taken.content for word in (b"Tac Gia", b"JavaScript", b"Launch", b"app.alert"))
    assert max(opened(taken.pages[0]).size) == 1600 and max(opened(taken.thumb).size) == 320


def test_camera_data_inside_a_pdf_is_gone_too() -> None:
    photo = make_photo()
    head = b"<</Type/XObject/Subtype/Image/Width 64/Height 48/BitsPerComponent 8/ColorSpace/DeviceRGB"
    image = head + b"/Filter/DCTDecode/Length %d>>stream\n" % len(photo) + photo + b"\nendstream"
    show = b"q 300 0 0 300 0 0 cm /I Do Q"
    content = b"<</Length %d>>stream\n%s\nendstream" % (len(show), show)
    taken = take(
        make_pdf(page=b"/Resources<</XObject<</I 6 0 R>>>>/Contents 7 0 R", more=(image, content)), "a.pdf"
    )
    assert b"2027:05:03" not in taken.content
    assert brightness(taken.pages[0], 0.1, 0.9) < 60


def test_a_signed_pdf_is_kept_byte_for_byte() -> None:
    signed = make_pdf(catalog=SIGNED, more=SIGNATURE, info=b"/Author(Nguyen Van A)")
    assert take(signed, "a.pdf").content == signed


def test_a_word_file_is_kept_as_it_was_and_has_no_picture() -> None:
    content = make_office()
    taken = take(content, "Sổ tự kiểm tra.docx")
    assert (taken.kind, taken.content, taken.thumb, taken.pages) == (DOCUMENT, content, None, ())
    assert taken.media_type.endswith("wordprocessingml.document")


def test_a_word_file_tells_neither_who_wrote_it_nor_where_its_photo_was_taken() -> None:
    core = "<c><dc:creator>Nguyễn Văn Mật</dc:creator><dc:title>Sổ</dc:title></c>"
    content = make_office(None, **{"word/media/image1.jpeg": make_photo(), "docProps/core.xml": core})
    taken = take(content, "Sổ.docx")
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(io.BytesIO(taken.content)) as after:
        assert before.namelist() == after.namelist()
        assert after.read("word/document.xml") == before.read("word/document.xml")
        photo, said = after.read("word/media/image1.jpeg"), after.read("docProps/core.xml").decode()
    assert "Mật" not in said and "<dc:title>Sổ</dc:title>" in said
    assert b"2027:05:03" in make_photo() and b"2027:05:03" not in photo
    assert Image.open(io.BytesIO(photo)).size == (64, 48)


def test_a_file_over_the_limit_is_refused_before_it_is_opened() -> None:
    with pytest.raises(FileRefused) as refusal:
        take_in(io.BytesIO(make_picture() + b"\0" * 2**20), "a.jpg", most=2**20)
    assert refusal.value.status == 413 and "lớn hơn 1 MB" in str(refusal.value)


def test_the_fifth_file_at_once_is_asked_to_wait() -> None:
    inside, go = threading.Barrier(5), threading.Event()

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            inside.wait(10)
            go.wait(10)
            return b""

    def upload() -> None:
        with pytest.raises(FileRefused):
            take_in(Slow(), "a.jpg")

    threads = [threading.Thread(target=upload) for _ in range(4)]
    for thread in threads:
        thread.start()
    inside.wait(10)
    with pytest.raises(FileRefused) as refusal:
        take(make_picture())
    assert refusal.value.status == 503 and "chờ vài giây" in str(refusal.value)
    go.set()
    for thread in threads:
        thread.join()
    assert take(make_picture()).kind == IMAGE


def test_the_decoder_sees_no_secret_and_stops_when_its_time_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = tmp_path / "seen"
    spy = tmp_path / "decoder.py"
    spy.write_text(f"import os, time; open({str(seen)!r}, 'w').write(repr(dict(os.environ))); time.sleep(60)")
    monkeypatch.setenv("SECRET_KEY", "khong-duoc-lo")
    monkeypatch.setattr(intake_module, "DECODER", spy)
    monkeypatch.setattr(intake_module, "WALL_SECONDS", 1)
    with pytest.raises(FileRefused) as refusal:
        take(make_picture())
    assert "quá nặng" in str(refusal.value)
    assert "khong-duoc-lo" not in seen.read_text() and "PATH" in os.environ


def test_no_room_to_work_in_is_not_blamed_on_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_module.tempfile, "TemporaryFile", lambda: Path("/dev/full").open("r+b", 0))
    for content, name in ((make_photo(), "anh.jpg"), (make_pdf(), "van ban.pdf"), (make_office(), "a.docx")):
        with pytest.raises(StoreFull):
            take(content, name)


@pytest.mark.parametrize(
    ("given", "stem"),
    [
        ("Kế hoạch số 15.pdf", "Kế hoạch số 15"),
        ('bien "ban".pdf', "bien ban"),
        ("a\r\nSet-Cookie: x.jpg", "a Set-Cookie x"),
        ("a\x00b.jpg", "ab"),
        ("anh\u202egpj.exe.jpg", "anhgpj.exe"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\Ba\\anh.jpg", "anh"),
        ("CON.jpg", "tệp CON"),
        ("aux.tar.jpg", "tệp aux.tar"),
        ("x" * 300 + ".jpg", "x" * 120),
        (" . .jpg", ""),
        ("a/b\\c<d>|e?*.jpg", "c d e"),
        ("e\u0302.jpg", "ê"),
    ],
)
def test_a_name_is_made_safe(given: str, stem: str) -> None:
    assert clean_stem(given) == stem


@pytest.mark.parametrize(
    ("name", "ending"), [("a.JPG", "jpg"), ("a.jpg.exe", "exe"), (".jpg", ""), ("jpg", ""), ("a.jpg ", "jpg")]
)
def test_an_ending_is_what_stands_behind_the_last_dot(name: str, ending: str) -> None:
    assert ending_of(name) == ending
