"""Photographs, what pretends to be one, and files that are refused by their ending alone."""

import io
import struct
import zlib
from collections.abc import Iterator

from PIL import Image

from tests.evidence.case import (
    BROKEN_PICTURE,
    EXE,
    HEAVY,
    HTML,
    KINDS,
    MACROS,
    MISMATCH,
    OLE,
    PIXELS,
    SVG,
    Case,
    same,
)
from tests.factories.evidence import draw_picture, make_office, make_pdf, make_photo, make_picture


def png_chunk(kind: bytes, body: bytes) -> bytes:
    """One chunk of a PNG with its checksum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_claiming(width: int, height: int, data: bytes = b"\0" * 10) -> bytes:
    """A PNG whose header claims a size that its few bytes do not hold."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", head)
        + png_chunk(b"IDAT", zlib.compress(data))
        + png_chunk(b"IEND", b"")
    )


def flat_png(width: int, height: int, mode: str = "L") -> bytes:
    """A whole PNG of one colour: few bytes, many pixels."""
    target = io.BytesIO()
    Image.new(mode, (width, height)).save(target, "PNG")
    return target.getvalue()


def flat_jpeg(width: int, height: int, **options: bool) -> bytes:
    """A whole JPEG of one colour."""
    target = io.BytesIO()
    Image.new("L", (width, height)).save(target, "JPEG", quality=10, **options)
    return target.getvalue()


def jpeg_with_many_scans(scans: int) -> bytes:
    """A progressive JPEG whose last scan comes again and again: little to send, much to decode."""
    whole = make_picture("JPEG", (4000, 4000), progressive=True)
    last = whole.rindex(b"\xff\xda")
    return whole[:-2] + whole[last:-2] * scans + b"\xff\xd9"


def jpeg_claiming(width: int, height: int) -> bytes:
    """A small JPEG whose header claims another size."""
    whole = bytearray(make_picture("JPEG"))
    at = whole.index(b"\xff\xc0") + 5
    whole[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(whole)


def webp_claiming(width: int, height: int) -> bytes:
    """A WebP whose extended header claims a large canvas."""
    body = b"VP8X" + struct.pack("<I", 10) + b"\0" * 4
    body += (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


def animated(format: str) -> bytes:
    """Three pictures in one file."""
    target = io.BytesIO()
    frames = [draw_picture((40, 30)).rotate(90 * n) for n in range(3)]
    frames[0].save(target, format, save_all=True, append_images=frames[1:])
    return target.getvalue()


def huge_exif() -> bytes:
    """A JPEG with 60 KB of camera data."""
    exif = Image.Exif()
    exif[0x010E] = "x" * 60_000
    return make_picture("JPEG", exif=exif)


def png_text_bomb() -> bytes:
    """A PNG whose compressed comment unfolds to 64 MB."""
    whole = make_picture("PNG")
    return whole[:33] + png_chunk(b"zTXt", b"a\0\0" + zlib.compress(b"\0" * 64_000_000, 9)) + whole[33:]


def heic_claiming() -> bytes:
    """A HEIC whose size is overwritten with a large one."""
    whole = bytearray(make_picture("HEIF"))
    at = whole.index(b"ispe") + 8
    whole[at : at + 8] = struct.pack(">II", 60_000, 60_000)
    return bytes(whole)


def pictures() -> Iterator[Case]:
    """Photographs and what pretends to be one."""
    yield from good_pictures()
    yield from broken_pictures()
    yield from pretended_pictures()


def good_pictures() -> Iterator[Case]:
    """Whatever a telephone or a program may write and we can read."""
    jpeg, png = make_picture("JPEG"), make_picture("PNG")
    webp, heic = make_picture("WEBP"), make_picture("HEIF")
    yield Case("jpeg", "a.jpg", same(jpeg))
    yield Case("jpeg in capitals", "A.JPG", same(jpeg))
    yield Case("jfif", "a.jfif", same(jpeg))
    yield Case("progressive jpeg", "a.jpeg", same(make_picture("JPEG", progressive=True)))
    yield Case("grey jpeg", "a.jpg", same(make_picture("JPEG", mode="L")))
    yield Case("cmyk jpeg", "a.jpg", same(make_picture("JPEG", mode="CMYK")))
    yield Case("camera jpeg", "a.jpg", same(make_photo()))
    yield Case("jpeg with much camera data", "a.jpg", huge_exif)
    yield Case("several pictures in a jpeg", "a.jpg", lambda: animated("MPO"))
    yield Case("png", "a.png", same(png))
    yield Case("palette png", "a.png", same(make_picture("PNG", mode="P")))
    yield Case("one bit png", "a.png", same(make_picture("PNG", mode="1")))
    yield Case("transparent png", "a.png", same(make_picture("PNG", mode="RGBA")))
    yield Case("grey and transparent png", "a.png", same(make_picture("PNG", mode="LA")))
    yield Case("sixteen bit png", "a.png", same(make_picture("PNG", mode="I;16")))
    yield Case("animated png", "a.png", lambda: animated("PNG"))
    yield Case("webp", "a.webp", same(webp))
    yield Case("transparent webp", "a.webp", same(make_picture("WEBP", mode="RGBA", lossless=True)))
    yield Case("animated webp", "a.webp", lambda: animated("WEBP"))
    yield Case("heic", "a.heic", same(heic))
    yield Case("heic named by Zalo", "a.jpg", same(heic))
    yield Case("webp named jpg", "a.jpg", same(webp))
    yield Case("one pixel", "a.png", lambda: flat_png(1, 1))
    yield Case("a line of pixels", "a.png", lambda: flat_png(20_000, 1))
    yield Case("jpeg with a zip behind it", "a.jpg", lambda: jpeg + make_office())
    yield Case("jpeg with a page behind it", "a.jpg", lambda: jpeg + HTML)
    yield Case("many pixels that fit", "a.jpg", lambda: flat_jpeg(10_000, 10_000))


def broken_pictures() -> Iterator[Case]:
    """Cut, scrambled, or claiming more than they hold."""
    png, webp, heic = make_picture("PNG"), make_picture("WEBP"), make_picture("HEIF")
    yield Case("cut jpeg", "a.jpg", lambda: make_photo((400, 300))[:-1200], BROKEN_PICTURE)
    yield Case("jpeg head only", "a.jpg", same(b"\xff\xd8\xff\xe0"), BROKEN_PICTURE)
    yield Case("cut png", "a.png", lambda: make_picture("PNG", (400, 300))[:-60], BROKEN_PICTURE)
    yield Case("png with a wrong checksum", "a.png", lambda: png[:30] + b"\0\0" + png[32:], BROKEN_PICTURE)
    yield Case("cut webp", "a.webp", lambda: webp[: len(webp) // 2], BROKEN_PICTURE)
    yield Case("cut heic", "a.heic", lambda: heic[: len(heic) // 2], BROKEN_PICTURE)
    yield Case("scrambled heic", "a.heic", lambda: heic[:40] + bytes(reversed(heic[40:])), BROKEN_PICTURE)
    yield Case("png of 50,000 by 50,000", "a.png", lambda: png_claiming(50_000, 50_000), PIXELS)
    yield Case("png of 2 by 2,000,000,000", "a.png", lambda: png_claiming(2, 2_000_000_000), PIXELS)
    yield Case("png of no width", "a.png", lambda: png_claiming(0, 10), BROKEN_PICTURE)
    yield Case("png that claims 5,000 by 5,000", "a.png", lambda: png_claiming(5_000, 5_000), BROKEN_PICTURE)
    yield Case("png bomb", "a.png", lambda: flat_png(20_000, 20_000, "1"), PIXELS)
    yield Case("png comment bomb", "a.png", png_text_bomb, BROKEN_PICTURE)
    yield Case("jpeg of 65,000 by 65,000", "a.jpg", lambda: jpeg_claiming(65_000, 65_000), PIXELS)
    yield Case(
        "progressive jpeg of 100 megapixels",
        "a.jpg",
        lambda: flat_jpeg(10_000, 10_000, progressive=True),
        PIXELS,
    )
    yield Case("jpeg of a thousand scans", "a.jpg", lambda: jpeg_with_many_scans(1000), HEAVY)
    yield Case("webp of 16,000 by 16,000", "a.webp", lambda: webp_claiming(16_000, 16_000), PIXELS)
    yield Case("heic of 60,000 by 60,000", "a.heic", heic_claiming, BROKEN_PICTURE)


def pretended_pictures() -> Iterator[Case]:
    """Something else under the ending of a picture."""
    yield Case("page named png", "a.png", same(HTML), MISMATCH)
    yield Case("page named jpg", "a.jpg", same(HTML), MISMATCH)
    yield Case("svg named jpg", "a.jpg", same(SVG), MISMATCH)
    yield Case("pdf named jpg", "a.jpg", make_pdf, MISMATCH)
    yield Case("gif named jpg", "a.jpg", lambda: make_picture("GIF"), MISMATCH)
    yield Case("program named jpg", "a.jpg", same(EXE), MISMATCH)
    yield Case("mp4 named heic", "a.heic", same(b"\0\0\0\x18ftypmp42" + b"\0" * 40), MISMATCH)
    yield Case("avif named heic", "a.heic", lambda: make_picture("AVIF"), MISMATCH)


def others() -> Iterator[Case]:
    """What we do not take, by its ending alone."""
    yield Case("nothing", "a.jpg", same(b""), "Tệp trống")
    yield Case("no ending", "anh", same(make_picture()), KINDS)
    yield Case("only an ending", ".jpg", same(make_picture()), KINDS)
    yield Case("page", "a.html", same(HTML), KINDS)
    yield Case("program", "a.exe", same(EXE), KINDS)
    yield Case("script", "a.js", same(b"alert(1)"), KINDS)
    yield Case("double ending", "a.jpg.exe", same(make_picture()), KINDS)
    yield Case("svg", "a.svg", same(SVG), "Không nhận ảnh kiểu .svg")
    yield Case("gif", "a.gif", lambda: make_picture("GIF"), "Không nhận ảnh kiểu .gif")
    yield Case("tiff", "a.tiff", lambda: make_picture("TIFF"), "Không nhận ảnh kiểu .tiff")
    yield Case("film", "a.mp4", same(b"\0\0\0\x18ftypmp42"), "Không nhận video")
    yield Case("zip", "a.zip", make_office, "Không nhận tệp nén")
    yield Case("old word", "a.doc", same(OLE), "Không nhận tệp kiểu .doc")
    yield Case("old excel", "a.xls", same(OLE), "Không nhận tệp kiểu .xls")
    yield Case("slides", "a.pptx", make_office, "Không nhận tệp kiểu .pptx")
    yield Case("word with macros", "a.docm", make_office, MACROS)
    yield Case("excel with macros", "a.xlsm", make_office, MACROS)
