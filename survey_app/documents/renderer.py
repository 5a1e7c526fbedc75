"""WeasyPrint set up once for the process; only `pdf.py` imports this, at first use."""

import html as markup
import mimetypes
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from threading import Lock

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from survey_app.documents.pdf import FONTS

PACKAGED = {file.name: file for file in FONTS.glob("*.ttf")}
FONT_FACES = FONTS.joinpath("fonts.css").read_text("utf-8")
PREFIX = "asset:"


class AssetFetcher(URLFetcher):
    """Serves `asset:` names, ours and those of the paper at hand; opens nothing else, whatever the address.

    WeasyPrint turns a refusal into a log line and goes on. A name that was not given is our own mistake, so
    it is kept in `missing` for the caller to raise.
    """

    def __init__(self) -> None:
        super().__init__(allowed_protocols=("asset",), allow_redirects=False)
        self.given: Mapping[str, bytes] = {}
        self.missing: list[str] = []

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        """The bytes behind `url`; raises ValueError for anything but an asset at hand."""
        if not url.startswith(PREFIX):
            raise ValueError("only assets of the paper are served")
        name = url.removeprefix(PREFIX)
        if name in PACKAGED:
            content = PACKAGED[name].read_bytes()
        elif name in self.given:
            content = self.given[name]
        else:
            self.missing.append(name)
            raise ValueError("no such asset")
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return URLFetcherResponse(url, content, {"Content-Type": kind})

    @contextmanager
    def serving(self, assets: Mapping[str, bytes]) -> Iterator[None]:
        """Serve `assets` inside the block; raises LookupError at its end when one was asked for in vain."""
        self.given, self.missing = assets, []
        yield
        if self.missing:
            raise LookupError(f"assets not given: {', '.join(sorted(set(self.missing)))}")


_fetcher = AssetFetcher()
_fonts = FontConfiguration()
_one_at_a_time = Lock()  # Pango's font map is not made for two threads


@lru_cache(maxsize=64)
def _parsed(stylesheet: str) -> CSS:
    return CSS(string=stylesheet, base_url=PREFIX, url_fetcher=_fetcher, font_config=_fonts)


def render(
    body: str, stylesheets: Sequence[str], assets: Mapping[str, bytes], title: str, lang: str
) -> bytes:
    """See `pdf.render_pdf`."""
    page = (
        f'<!doctype html><html lang="{markup.escape(lang)}"><title>{markup.escape(title)}</title><body>{body}'
    )
    with _one_at_a_time, _fetcher.serving(assets):
        styles = [_parsed(text) for text in (FONT_FACES, *stylesheets)]
        paper = HTML(string=page, base_url=PREFIX, url_fetcher=_fetcher)
        # No date and an identifier made of the content: the same paper is the same bytes.
        pdf: bytes = paper.write_pdf(
            stylesheets=styles,
            font_config=_fonts,
            presentational_hints=False,
            pdf_tags=True,
            pdf_identifier=True,
        )
    return pdf
