"""Opens one uploaded file in a process of its own, with little memory and time; imports nothing of ours.

Run as `python -I decoder.py TASK`, the file on stdin; TASK is picture:JPEG, picture:PNG, picture:WEBP,
picture:HEIF, pdf, office:word or office:xl. Answers on stdout in frames: one letter, four bytes of length,
the bytes. C: content to keep, P: picture of a page, T: small picture, J: what was read, as JSON, last; a
refusal is a J frame with "refused". A crash or a missing J frame means that the file cannot be opened; the
exit status `NO_ROOM` means that the answer could not be written, which says nothing of the file.
"""

import io
import json
import os
import re
import resource
import struct
import sys
import zipfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image
    from pypdfium2 import PdfDocument

MEGABYTE = 1024 * 1024
NO_ROOM = 74  # EX_IOERR
DATA_LIMIT, OUTPUT_LIMIT, CPU_SECONDS = 270 * MEGABYTE, 96 * MEGABYTE, 5
LONGEST_SIDE, THUMB_SIDE, QUALITY = 1600, 320, 82
# Pixels that each decoder takes within DATA_LIMIT (measured); JPEG is scaled while decoding.
MOST_PIXELS = {"JPEG": 120_000_000, "PNG": 36_000_000, "WEBP": 14_500_000, "HEIF": 30_000_000}
MOST_PIXELS_PROGRESSIVE, MOST_PIXELS_ALPHA = 60_000_000, 22_500_000
MOST_SIDE = 30_000
EXIF_IFD, ORIGINAL, DIGITISED = 0x8769, 36867, 36868
MOST_PAGES, PAGE_QUALITY = 50, 78
MOST_ENTRIES, MOST_UNPACKED, MOST_RATIO = 2_000, 200 * MEGABYTE, 200
METADATA_IN_JPEG = re.compile(rb"\xff\xe1(..)(?:Exif\0|http://ns\.adobe\.com/)", re.DOTALL)
ACTIVE_LINK = re.compile(rb"/S/(?:JavaScript|Launch|SubmitForm|ImportData|GoToE)\b")
AUTHOR = re.compile(
    rb"(<(?:dc:creator|cp:lastModifiedBy|cp:contentStatus|Company|Manager)\b[^>]*>)([^<]+)(</)", re.IGNORECASE
)
REMOTE = re.compile(
    rb"<Relationship\b(?=[^>]*Type=[\"'][^\"']*/(?:attachedTemplate|oleObject|frame|subDocument)[\"'])"
    rb"(?=[^>]*Target=[\"'](?:https?:|ftp:|\\\\|//|file://[^/]))[^>]*>",
    re.IGNORECASE,
)


class Refused(Exception):
    """The file is whole but not one we take; the argument is the reason's name."""


def send(letter: bytes, content: bytes) -> None:
    """One frame of the answer."""
    sys.stdout.buffer.write(struct.pack(">cI", letter, len(content)) + content)


# ---- pictures ----


def open_picture(content: bytes, kind: str) -> None:
    """Send the picture upright, at most 1,600 px, as a fresh JPEG without metadata, and its small picture."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None  # our own limits below depend on the decoder
    if kind == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener(
            thumbnails=False, depth_images=False, aux_images=False, decode_threads=1
        )
    if kind == "WEBP" and _webp_pixels(content) > MOST_PIXELS[kind]:
        raise Refused("too_many_pixels")  # its decoder takes the whole canvas when it opens
    picture = Image.open(io.BytesIO(content), formats=[kind])
    _check_size(picture, kind)
    picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    picture.load()
    exif = picture.getexif()
    captured_on = _capture_date(exif)
    small: Image.Image = _to_colours(picture)
    small.thumbnail((LONGEST_SIDE, LONGEST_SIDE), reducing_gap=2.0)
    small = _on_white(small)
    small.getexif().update({0x0112: exif.get(0x0112, 1)})
    small = ImageOps.exif_transpose(small)
    send(b"C", _jpeg(small, QUALITY))
    _send_thumb(small)
    send(b"J", json.dumps({"captured_on": captured_on}).encode())


def _check_size(picture: "Image", kind: str) -> None:
    most = MOST_PIXELS[kind]
    if picture.info.get("progressive"):
        most = MOST_PIXELS_PROGRESSIVE
    elif kind == "PNG" and (picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info):
        most = MOST_PIXELS_ALPHA
    if picture.width * picture.height > most or max(picture.size) > MOST_SIDE:
        raise Refused("too_many_pixels")


def _webp_pixels(content: bytes) -> int:
    """Width times height by the header of the first chunk."""
    chunk, head = content[12:16], content[20:30]
    if chunk == b"VP8X":
        return (1 + int.from_bytes(head[4:7], "little")) * (1 + int.from_bytes(head[7:10], "little"))
    if chunk == b"VP8L":
        bits = int.from_bytes(head[1:5], "little")
        return (1 + (bits & 0x3FFF)) * (1 + (bits >> 14 & 0x3FFF))
    return (int.from_bytes(head[6:8], "little") & 0x3FFF) * (int.from_bytes(head[8:10], "little") & 0x3FFF)


def _capture_date(exif: Any) -> str | None:
    taken = exif.get_ifd(EXIF_IFD)
    for tag in (ORIGINAL, DIGITISED):
        found = re.match(r"(\d{4}):(\d\d):(\d\d)\b", str(taken.get(tag, "")))
        if found:
            return "-".join(found.groups())
    return None


def _to_colours(picture: "Image") -> "Image":
    if picture.mode.startswith("I"):  # 16 bits of grey
        return picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if picture.mode in ("P", "PA"):
        return picture.convert("RGBA" if "transparency" in picture.info else "RGB")
    return picture.convert("L") if picture.mode == "1" else picture


def _on_white(picture: "Image") -> "Image":
    from PIL import Image

    if "A" not in picture.getbands():
        return picture.convert("RGB")
    ground = Image.new("RGB", picture.size, "white")
    ground.paste(picture.convert("RGB"), mask=picture.getchannel("A"))
    return ground


def _jpeg(picture: "Image", quality: int) -> bytes:
    target = io.BytesIO()
    clean = picture.copy()
    clean.info = {}
    clean.save(target, "JPEG", quality=quality, progressive=True, optimize=True)
    return target.getvalue()


def _send_thumb(picture: "Image") -> None:
    thumb = picture.copy()
    thumb.thumbnail((THUMB_SIDE, THUMB_SIDE))
    send(b"T", _jpeg(thumb, QUALITY))


# ---- PDF ----


def open_pdf(content: bytes) -> None:
    """Send every page as a picture, and the file to keep: as it was when signed, else its pages alone."""
    import pypdfium2
    import pypdfium2.raw as pdfium

    try:
        source = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        locked = pdfium.FPDF_GetLastError() == pdfium.FPDF_ERR_PASSWORD
        raise Refused("password" if locked else "broken") from error
    if not 1 <= len(source) <= MOST_PAGES:
        raise Refused("too_many_pages" if len(source) else "broken")
    source.init_forms()
    if pdfium.FPDF_GetSignatureCount(source) > 0:
        if pdfium.FPDFDoc_GetJavaScriptActionCount(source) or pdfium.FPDFDoc_GetAttachmentCount(source):
            raise Refused("active")
        if zipfile.is_zipfile(io.BytesIO(content)):
            raise Refused("active")
        kept, shown = content, source
    else:
        kept = _without_extras(source)
        shown = pypdfium2.PdfDocument(kept)
    send(b"C", kept)
    for number in range(len(shown)):
        _send_page(shown, number)
    send(b"J", b"{}")


def _without_extras(source: "PdfDocument") -> bytes:
    """The pages in a new file: no author, scripts, attached files, camera data; filled-in fields as paint."""
    import pypdfium2
    import pypdfium2.raw as pdfium

    for page in source:
        pdfium.FPDFPage_Flatten(page, pdfium.FLAT_NORMALDISPLAY)
        page.close()
    fresh = pypdfium2.PdfDocument.new()
    fresh.import_pages(source)
    target = io.BytesIO()
    fresh.save(target)
    content = bytearray(_without_camera(target.getvalue()))  # no offset moves here, nor in what follows
    for found in ACTIVE_LINK.finditer(content):
        content[found.start() : found.end()] = b"/S/None".ljust(len(found[0]))
    return bytes(content)


def _without_camera(content: bytes) -> bytes:
    """The same bytes with what cameras write into JPEGs blanked; every length stays."""
    blank = bytearray(content)
    for found in METADATA_IN_JPEG.finditer(content):
        end = min(found.start() + 2 + int.from_bytes(found[1]), len(content))
        blank[found.start() + 4 : end] = bytes(end - found.start() - 4)
    return bytes(blank)


def _send_page(document: "PdfDocument", number: int) -> None:
    page = document[number]
    picture = page.render(scale=LONGEST_SIDE / max(*page.get_size(), 1)).to_pil().convert("RGB")
    page.close()
    send(b"P", _jpeg(picture, PAGE_QUALITY))
    if number == 0:
        _send_thumb(picture)


# ---- Word and Excel ----


def open_office(content: bytes, folder: str) -> None:
    """Look at a .docx ("word") or .xlsx ("xl"): kept as it is but for author and camera data."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        _check_entries(archive.infolist(), folder, len(content))
        for entry in archive.infolist():
            _check_part(archive, entry)
        clean = {
            entry.filename: cleaned
            for entry in archive.infolist()
            if (cleaned := _without_traces(archive, entry)) is not None
        }
        if clean:
            send(b"C", _packed_anew(archive, clean))
    send(b"J", b"{}")


def _without_traces(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes | None:
    """A part without camera data or author; None where there is none of either."""
    name = entry.filename.lower()
    if name.endswith((".jpg", ".jpeg")):
        part = archive.read(entry)
        cleaned = _without_camera(part)
    elif name.startswith("docprops/") and name.endswith(".xml"):
        part = archive.read(entry)
        cleaned = AUTHOR.sub(rb"\1\3", part)
    else:
        return None
    return cleaned if cleaned != part else None


def _packed_anew(archive: zipfile.ZipFile, clean: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as fresh:
        for entry in archive.infolist():
            fresh.writestr(entry.filename, clean.get(entry.filename) or archive.read(entry))
    return target.getvalue()


def _check_entries(entries: list[zipfile.ZipInfo], folder: str, size: int) -> None:
    names = [entry.filename for entry in entries]
    unpacked = sum(entry.file_size for entry in entries)
    if (
        len(entries) > MOST_ENTRIES
        or len(set(names)) != len(names)
        or unpacked > min(MOST_UNPACKED, MOST_RATIO * max(size, 4096))
        or sum(entry.compress_size for entry in entries) > size  # entries that overlap
        or any(name.startswith("/") or "\\" in name or ".." in name.split("/") for name in names)
    ):
        raise Refused("broken")
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise Refused("password")
    main = {"word": "word/document.xml", "xl": "xl/workbook.xml"}[folder]
    if main not in names or "[Content_Types].xml" not in names:
        raise Refused("mismatch")


def _check_part(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    name = entry.filename.lower()
    if "vbaproject" in name or "/macrosheets/" in name:
        raise Refused("macros")
    with archive.open(entry) as part:
        if name.endswith((".rels", "[content_types].xml")):
            text = part.read(4 * MEGABYTE).replace(b"\0", b"")
            if b"macroEnabled" in text or b"vbaProject" in text:
                raise Refused("macros")
            if REMOTE.search(text):
                raise Refused("remote")
        while part.read(MEGABYTE):  # to the end: the checksum must be right
            pass


# ---- the process ----


def _set_limits() -> None:
    os.nice(10)  # a save of an answer goes first
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_DATA, DATA_LIMIT),
        (resource.RLIMIT_FSIZE, OUTPUT_LIMIT),
        (resource.RLIMIT_CPU, CPU_SECONDS),
    ):
        resource.setrlimit(what, (most, most))


def main(task: str) -> None:
    """Do one task on stdin."""
    _set_limits()
    content = sys.stdin.buffer.read()
    what, _, detail = task.partition(":")
    try:
        if what == "picture":
            open_picture(content, detail)
        elif what == "pdf":
            open_pdf(content)
        else:
            open_office(content, detail)
    except Refused as refusal:
        send(b"J", json.dumps({"refused": str(refusal)}).encode())
    except MemoryError:
        send(b"J", b'{"refused": "too_heavy"}')
    except Exception:
        send(b"J", b'{"refused": "broken"}')
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except OSError:  # what is wrong with the file is caught inside
        os._exit(NO_ROOM)
