"""HTML to PDF with WeasyPrint: our fonts, our assets, no network, no file of the machine.

Figures (one certificate with QR on two shared cores, median): 77 ms with everything anew, 63 ms with the
fonts and style sheets this process keeps, 31 ms when the same design does without flex boxes. Slow to draw:
flex (10 ms a box) and dotted borders (25 ms a line). Laying out twenty in one document and cutting it into
pages saved a sixth but gives other bytes than a paper made alone; certificates are stored by their hash, so
there is one way to make one. A worker grew by 10 MB over its first 400 certificates and by nothing over the
next 400 (WeasyPrint 70, one font configuration): it need not be restarted.
"""

import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from functools import lru_cache
from io import StringIO
from pathlib import Path
from types import MappingProxyType, ModuleType

from survey_app.rules.errors import N_, RuleError

FONTS = Path(__file__).parent / "fonts"
NO_ASSETS: Mapping[str, bytes] = MappingProxyType({})


class PdfMissing(RuleError):
    """A library that WeasyPrint draws with is not on this machine: PDF is missing, everything else works."""

    status = 503
    message = N_(
        "Máy chủ chưa có thư viện Pango nên chưa tạo được tệp PDF. Người quản trị chạy lệnh: "
        "sudo apt-get install -y libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
    )


def render_pdf(
    html: str,
    *,
    stylesheets: Sequence[str] = (),
    assets: Mapping[str, bytes] = NO_ASSETS,
    title: str,
    lang: str = "vi",
) -> bytes:
    """The PDF of the body `html`, tagged for reading aloud; equal arguments give equal bytes.

    `stylesheets` are CSS texts, kept parsed (write a few constant ones, not one a paper). A picture is named
    `asset:<name>` in HTML, CSS or SVG and given in `assets`; every other address is refused and logged, and
    the PDF is made without it. Raises `PdfMissing` without Pango and LookupError for an asset that was not
    given. Takes 50–150 ms of one core, one paper at a time in a process: never inside a write transaction.
    """
    return bytes(_renderer().render(html, stylesheets, assets, title, lang))


def pdf_available() -> bool:
    """True when this machine can make PDF files (loads WeasyPrint: 0.5 s the first time)."""
    try:
        _renderer()
    except PdfMissing:
        return False
    return True


@lru_cache(maxsize=1)
def _renderer() -> ModuleType:
    """WeasyPrint, imported at first use; a failure is tried again, so installing Pango needs no restart."""
    try:
        with _our_fonts_only(), redirect_stdout(StringIO()):  # it prints advice for its own users
            from survey_app.documents import renderer
    except OSError as error:
        raise PdfMissing() from error
    return renderer


@contextmanager
def _our_fonts_only() -> Iterator[None]:
    """Hide the machine's fonts while Fontconfig is set up.

    Otherwise a letter that our font lacks is silently taken from whatever is installed, and an installed
    Tinos may take the place of ours: the same paper would look different on two machines.
    """
    before = os.environ.get("FONTCONFIG_FILE")
    os.environ["FONTCONFIG_FILE"] = str(FONTS / "fonts.conf")
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="No fonts configured")
            yield
    finally:
        if before is None:
            del os.environ["FONTCONFIG_FILE"]
        else:
            os.environ["FONTCONFIG_FILE"] = before
