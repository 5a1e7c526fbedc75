"""The one way to make a PDF: same paper same bytes, our assets, and life without Pango."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pypdfium2
import pytest

from survey_app.documents.pdf import PdfMissing, pdf_available, render_pdf
from survey_app.documents.qr import qr_svg
from tests.documents.reading import text_of

ROOT = Path(__file__).parents[2]
BODY = "<h1>Trường Tiểu học Mẫu</h1><p>Đạt <b>mức Tốt</b></p><img src='asset:qr.svg' width=90 alt='Mã QR'>"
ASSETS = {"qr.svg": qr_svg("https://example.test/tra-cuu/ABC")}
CSS = "@page{size:A4 landscape} h1{color:#9c1c1f}"
RENDER = "render_pdf(BODY, stylesheets=[CSS], assets=ASSETS, title='Giấy chứng nhận')"


def make(title: str = "Giấy chứng nhận") -> bytes:
    return render_pdf(BODY, stylesheets=[CSS], assets=ASSETS, title=title)


def test_the_same_paper_has_the_same_bytes_in_any_process() -> None:
    code = (
        "import hashlib; from tests.documents.test_pdf import *; "
        f"render_pdf('<p>trước', title='x'); print(hashlib.sha256({RENDER}).hexdigest())"
    )
    other = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert make() == make()
    assert other.stdout.strip() == hashlib.sha256(make()).hexdigest()


def test_other_papers_have_other_bytes() -> None:
    assert make() != make("Giấy khác")


def test_the_title_the_language_and_the_tags_are_in_the_file() -> None:
    pdf = make("Giấy <b>&</b> chứng nhận")
    document = pypdfium2.PdfDocument(pdf)
    assert document.get_metadata_value("Title") == "Giấy <b>&</b> chứng nhận"
    assert document.is_tagged()
    assert document.get_metadata_value("CreationDate") == ""
    assert "Trường Tiểu học Mẫu Đạt mức Tốt" in text_of(pdf)


def test_an_asset_is_drawn_and_a_forgotten_one_is_our_mistake() -> None:
    assert len(make()) > len(render_pdf("<h1>Trường Tiểu học Mẫu</h1>", stylesheets=[CSS], title="x")) + 1000
    with pytest.raises(LookupError, match="logo.png, qr.svg"):
        render_pdf(BODY + "<img src='asset:logo.png'>", title="x")
    with pytest.raises(LookupError):
        render_pdf(BODY, title="the assets of the paper before are gone")
    make()


THREADS = """
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
import sys; sys.setswitchinterval(1e-5)
from survey_app.documents import renderer
from tests.documents.test_pdf import BODY, qr_svg, render_pdf
def make(number):
    return render_pdf(BODY, assets={"qr.svg": qr_svg(f"https://example.test/{number}")}, title="x")
alone = [make(number) for number in range(6)]
if not GUARDED:
    renderer._one_at_a_time = nullcontext()
with ThreadPoolExecutor(4) as pool:
    print("same" if list(pool.map(make, list(range(6)) * 4)) == alone * 4 else "mixed")
"""


def make_in_threads(guarded: bool) -> subprocess.CompletedProcess[str]:
    code = f"from survey_app.documents.pdf import pdf_available; pdf_available(); GUARDED = {guarded}\n"
    return subprocess.run(
        [sys.executable, "-c", code + THREADS], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_without_the_lock_papers_of_threads_are_mixed_up() -> None:
    """The canary of the next test: another paper's picture, a picture not found, or the process dies."""
    run = make_in_threads(guarded=False)
    assert run.stdout == "mixed\n" or "LookupError" in run.stderr or run.returncode < 0, run


def test_threads_make_their_own_papers() -> None:
    run = make_in_threads(guarded=True)
    assert run.stdout == "same\n", run.stderr


def test_the_machine_keeps_its_own_font_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    assert pdf_available()
    assert "survey_app" not in os.environ.get("FONTCONFIG_FILE", "")


def test_without_pango_only_pdf_is_missing() -> None:
    code = """
import cffi
real = cffi.FFI.dlopen
def dlopen(self, name, flags=0):
    if name and "pango" in name:
        raise OSError(name)
    return real(self, name, flags)
cffi.FFI.dlopen = dlopen
from survey_app.documents.pdf import PdfMissing, pdf_available, render_pdf
from survey_app.documents import charts, chart_specs, paper, qr, xlsx
assert not pdf_available()
try:
    render_pdf("<p>x", title="x")
except PdfMissing as error:
    print(error)
qr.qr_svg("x")
paper.fill("documents/letterhead.html", {})
cffi.FFI.dlopen = real
assert pdf_available() and render_pdf("<p>x", title="x")
"""
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == str(PdfMissing())


def test_the_refusal_names_the_one_command_the_makefile_runs() -> None:
    packages = next(
        line.removeprefix("PANGO := ")
        for line in (ROOT / "Makefile").read_text("utf-8").splitlines()
        if line.startswith("PANGO := ")
    )
    assert str(PdfMissing()).endswith(f"sudo apt-get install -y {packages}")
    assert PdfMissing.status == 503
