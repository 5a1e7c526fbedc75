"""QR codes as SVG: black on white, no style attribute, so the same bytes serve a page and a paper."""

import io
from base64 import b64encode

QUIET = 4  # modules of white around the code that readers expect


def qr_svg(text: str, *, quiet: int = QUIET, title: str = "") -> bytes:
    """The code of `text` as an `<svg>` without size (error level M or better); `title` is read aloud.

    Inline in HTML, or as an asset of a PDF. The mask is fixed: every reader takes any mask, and searching for
    the prettiest takes three times as long. Raises ValueError for a text too long for a code (2,300 bytes).
    """
    import segno

    buffer = io.BytesIO()
    code = segno.make(text, error="m", mask=3, micro=False)
    code.save(
        buffer,
        kind="svg",
        border=quiet,
        light="#fff",
        title=title or None,
        xmldecl=False,
        omitsize=True,
        svgclass=None,
        lineclass=None,
        nl=False,
    )
    return buffer.getvalue()


def qr_picture(text: str) -> str:
    """The code as the address of a picture (`<img src>`): no request of its own, no markup in the page."""
    return "data:image/svg+xml;base64," + b64encode(qr_svg(text)).decode()
