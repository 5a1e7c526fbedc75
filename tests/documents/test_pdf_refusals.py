"""The renderer opens no file and no connection, whatever a page asks for."""

import base64
import socket
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium
import pytest

from survey_app.documents.pdf import render_pdf
from tests.documents.reading import text_of

SECRET = "BIMAT20270512"
SVG = f'<svg xmlns="http://www.w3.org/2000/svg" width="300" height="40"><text y="30">{SECRET}</text></svg>'
CSS = f'p::after{{content:"{SECRET}"}}'
CHANNELS = {
    "img": '<img src="{svg}">',
    "picture with a set": '<img srcset="{svg} 1x" src="{svg}">',
    "object": '<object data="{svg}" type="image/svg+xml"></object>',
    "embed": '<embed src="{svg}">',
    "stylesheet": '<link rel="stylesheet" href="{css}">',
    "import": '<style>@import url("{css}");</style>',
    "background": '<style>p{{background:url("{svg}")}}</style>',
    "content": '<style>p::after{{content:url("{svg}")}}</style>',
    "list": '<ul style="list-style-image:url({svg})"><li>x</ul>',
    "font": '<style>@font-face{{font-family:a;src:url("{svg}"),local("Arial")}}p{{font-family:a}}</style>',
    "attached link": '<link rel="attachment" href="{svg}">',
    "attached anchor": '<a rel="attachment" href="{svg}">x</a>',
    "svg image": '<svg xmlns="http://www.w3.org/2000/svg"><image href="{svg}" width="9" height="9"/></svg>',
    "svg use": '<svg xmlns="http://www.w3.org/2000/svg"><use href="{svg}#a"/></svg>',
    "svg style": '<svg xmlns="http://www.w3.org/2000/svg"><style>@import url("{css}");</style></svg>',
    "base": '<base href="{svg}"><img src="secret.svg">',
    "asset": '<img src="asset:given.svg">',
}


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A local server that only notes who calls."""
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(0.05)
    yield server
    server.close()


def was_called(server: socket.socket) -> bool:
    """True when somebody connected; answers nothing."""
    try:
        server.accept()[0].close()
    except TimeoutError:
        return False
    return True


def render(channel: str, svg: str, css: str) -> bytes:
    given = f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{svg}" width="90" height="90"/></svg>'
    html = CHANNELS[channel].format(svg=svg, css=css)
    return render_pdf(
        f"<p>giấy</p>{html}",
        stylesheets=[f'@import url("{css}"); body{{background:url("{svg}")}}'],
        assets={"given.svg": given.encode()},
        title="x",
    )


def assert_nothing_got_in(pdf: bytes) -> None:
    document = pypdfium2.PdfDocument(pdf)
    assert "giấy" in text_of(pdf)
    assert SECRET not in text_of(pdf)
    assert document.count_attachments() == 0
    assert not list(document[0].get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE]))


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_file_of_the_machine_is_not_read(channel: str, tmp_path: Path) -> None:
    (tmp_path / "secret.svg").write_text(SVG, "utf-8")
    (tmp_path / "secret.css").write_text(CSS, "utf-8")
    for address in (
        tmp_path.as_uri(),
        str(tmp_path),
        f"FILE://{tmp_path}",
        f"asset:{tmp_path}",
        "asset:../fonts",
    ):
        try:
            assert_nothing_got_in(render(channel, f"{address}/secret.svg", f"{address}/secret.css"))
        except LookupError:
            assert address.startswith("asset:")


@pytest.mark.parametrize("channel", CHANNELS)
def test_nothing_is_fetched_over_the_network(channel: str, listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    for scheme in ("http", "https", "ftp"):
        address = f"{scheme}://127.0.0.1:{port}"
        assert_nothing_got_in(render(channel, f"{address}/a.svg", f"{address}/a.css"))
        assert not was_called(listener)


@pytest.mark.parametrize("channel", CHANNELS)
def test_data_addresses_are_refused(channel: str) -> None:
    def data(kind: str, text: str) -> str:
        return f"data:{kind};base64,{base64.b64encode(text.encode()).decode()}"

    assert_nothing_got_in(render(channel, data("image/svg+xml", SVG), data("text/css", CSS)))


def test_a_colour_profile_stops_the_paper(tmp_path: Path) -> None:
    profile = f'@color-profile --x{{src:url("{tmp_path.as_uri()}/secret.icc")}}'
    with pytest.raises(OSError, match="only assets"):
        render_pdf("<p>giấy", stylesheets=[profile], title="x")


def test_an_svg_asset_cannot_name_entities_of_files(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text(SECRET, "utf-8")
    hostile = (
        f'<!DOCTYPE svg [<!ENTITY x SYSTEM "{(tmp_path / "secret.txt").as_uri()}">]>'
        '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="40"><text y="30">&x;</text></svg>'
    )
    pdf = render_pdf("<p>giấy<img src='asset:a.svg'>", assets={"a.svg": hostile.encode()}, title="x")
    assert_nothing_got_in(pdf)


def test_the_same_channels_leak_with_the_library_s_own_fetcher(
    tmp_path: Path, listener: socket.socket
) -> None:
    """The canary: without our fetcher the file is read and the listener is called."""
    import weasyprint

    (tmp_path / "secret.svg").write_text(SVG, "utf-8")
    leak = weasyprint.HTML(string=f'<p>giấy<img src="{(tmp_path / "secret.svg").as_uri()}">').write_pdf()
    assert SECRET in text_of(leak)
    weasyprint.HTML(
        string=f'<p><img src="http://127.0.0.1:{listener.getsockname()[1]}/a.svg">',
        url_fetcher=weasyprint.urls.URLFetcher(timeout=0.2),
    ).write_pdf()
    assert was_called(listener)
