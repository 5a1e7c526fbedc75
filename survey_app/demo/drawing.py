"""Photographs for the demo, drawn rather than taken: places of a school, no people, no real building."""

import io
import random
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

Paint = Callable[["ImageDraw", random.Random], None]
SIZE = (1200, 900)
FLOOR = 620
EXIF_IFD, DATE_TIME_ORIGINAL = 0x8769, 0x9003


def _wall(draw: "ImageDraw", chance: random.Random) -> None:
    shade = chance.choice([(244, 226, 180), (226, 236, 214), (240, 214, 200), (214, 228, 240)])
    draw.rectangle((0, 0, *SIZE), fill=(196, 223, 243))
    draw.rectangle((80, 180, 1120, FLOOR), fill=shade)
    draw.polygon([(40, 190), (600, 70), (1160, 190)], fill=(176, 78, 60))
    draw.rectangle((0, FLOOR, *SIZE), fill=(206, 196, 178))


def _yard(draw: "ImageDraw", chance: random.Random) -> None:
    _wall(draw, chance)
    for x in range(140, 1060, 190):
        draw.rectangle((x, 280, x + 110, 430), fill=(120, 160, 190), outline=(90, 80, 70), width=6)
    for x in (180, 950 + chance.randint(-40, 40)):
        draw.rectangle((x - 12, 520, x + 12, 760), fill=(110, 80, 50))
        draw.ellipse((x - 110, 380, x + 110, 580), fill=(74, 138, 76))


def _fence(draw: "ImageDraw", chance: random.Random) -> None:
    _wall(draw, chance)
    draw.rectangle((0, 560, 1200, 580), fill=(70, 90, 100))
    draw.rectangle((0, 760, 1200, 780), fill=(70, 90, 100))
    for x in range(10, 1200, 46):
        draw.rectangle((x, 520, x + 12, 800), fill=(86, 108, 120))
    draw.rectangle((480, 430, 720, 520), fill=(20, 90, 84))


def _extinguisher(draw: "ImageDraw", chance: random.Random) -> None:
    draw.rectangle((0, 0, *SIZE), fill=(236, 232, 222))
    draw.rectangle((0, 760, *SIZE), fill=(170, 160, 150))
    for x in (430, 660 + chance.randint(0, 30)):
        draw.rounded_rectangle((x, 330, x + 120, 720), 40, fill=(196, 32, 38))
        draw.rectangle((x + 44, 280, x + 76, 340), fill=(40, 40, 40))
        draw.rectangle((x + 20, 470, x + 100, 590), fill=(250, 246, 236))
    draw.rectangle((500, 120, 740, 230), fill=(196, 32, 38))


def _stairs(draw: "ImageDraw", chance: random.Random) -> None:
    draw.rectangle((0, 0, *SIZE), fill=(228, 224, 210))
    for step in range(9):
        x, y = 120 + step * 100, 800 - step * 70
        draw.rectangle((x, y, 1200, y + 70), fill=(160 + step * 6, 150 + step * 6, 136 + step * 6))
        draw.line((x + 50, y, x + 50, y - 170), fill=(80, 70, 64), width=10)
    draw.line((170, 630, 1070, 0), fill=(120, 70, 40), width=18)


def _kitchen(draw: "ImageDraw", chance: random.Random) -> None:
    draw.rectangle((0, 0, *SIZE), fill=(240, 244, 244))
    for x in range(0, 1200, 80):
        for y in range(0, 420, 80):
            draw.rectangle((x, y, x + 76, y + 76), fill=(250, 252, 252), outline=(214, 222, 224))
    draw.rectangle((60, 500, 1140, 560), fill=(150, 160, 166))
    draw.rectangle((60, 560, 1140, 840), fill=(190, 198, 202))
    for x in (200, 460, 720):
        draw.rounded_rectangle((x, 380, x + 190, 500), 16, fill=(176, 182, 188))
        draw.rectangle((x - 14, 366, x + 204, 384), fill=(120, 128, 134))


def _basins(draw: "ImageDraw", chance: random.Random) -> None:
    draw.rectangle((0, 0, *SIZE), fill=(206, 230, 234))
    draw.rectangle((0, 520, 1200, 600), fill=(238, 240, 240))
    for x in range(90, 1100, 260):
        draw.ellipse((x, 500, x + 190, 620), fill=(250, 252, 252), outline=(150, 170, 176), width=5)
        draw.rectangle((x + 86, 400, x + 104, 520), fill=(140, 150, 158))
        draw.rectangle((x + 86, 400, x + 150, 418), fill=(140, 150, 158))


def _cabinet(draw: "ImageDraw", chance: random.Random) -> None:
    draw.rectangle((0, 0, *SIZE), fill=(232, 238, 228))
    draw.rounded_rectangle((340, 150, 860, 760), 18, fill=(252, 252, 250), outline=(120, 130, 126), width=8)
    for y in (330, 520):
        draw.line((350, y, 850, y), fill=(150, 160, 156), width=6)
    draw.rectangle((575, 190, 625, 300), fill=(190, 40, 44))
    draw.rectangle((545, 220, 655, 270), fill=(190, 40, 44))
    for x in range(390, 820, 70):
        draw.rounded_rectangle((x, 440, x + 44, 514), 8, fill=(110, 150 + chance.randint(0, 60), 170))


SUBJECTS: dict[str, tuple[str, Paint]] = {
    "yard": ("Sân trường và dãy phòng học", _yard),
    "fence": ("Cổng và tường rào", _fence),
    "extinguisher": ("Bình chữa cháy ở hành lang", _extinguisher),
    "stairs": ("Cầu thang và tay vịn", _stairs),
    "kitchen": ("Bếp ăn một chiều", _kitchen),
    "basins": ("Nơi rửa tay", _basins),
    "cabinet": ("Tủ thuốc phòng y tế", _cabinet),
}


def draw_photo(subject: str, *, seed: int, taken_at: datetime) -> bytes:
    """A JPEG of 1200 × 900 showing `subject` (a key of SUBJECTS), with the date a camera would write."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", SIZE)
    draw, chance = ImageDraw.Draw(image), random.Random(seed)
    SUBJECTS[subject][1](draw, chance)
    for _ in range(60):  # a little dust, so that no two pictures are the same file
        x, y = chance.randrange(SIZE[0]), chance.randrange(SIZE[1])
        draw.point((x, y), fill=(chance.randrange(256),) * 3)
    draw.rectangle((0, 846, 1200, 900), fill=(11, 90, 84))
    draw.text((24, 858), f"DEMO  {taken_at:%d/%m/%Y %H:%M}", fill=(255, 255, 255), font_size=30)
    exif = Image.Exif()
    exif.get_ifd(EXIF_IFD)[DATE_TIME_ORIGINAL] = f"{taken_at:%Y:%m:%d %H:%M:%S}"
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=72, exif=exif)
    return buffer.getvalue()
