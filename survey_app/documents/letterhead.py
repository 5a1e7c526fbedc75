"""How a Vietnamese official paper begins and ends: plain values for papers and workbooks.

Form: Nghị định 30/2020/NĐ-CP, Appendix I. Names are given as people write them ("Sở Giáo dục và Đào tạo");
the capitals the form asks for are made here, so that a PDF, a workbook and a copied text all carry them.
"""

from dataclasses import dataclass
from datetime import date as Date

NATION = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"
SIGN_HERE = "(Ký, ghi rõ họ tên, đóng dấu (nếu có))"
SIGN_NAME = "(Ký, ghi rõ họ tên)"
DOTS = "……"
SUPERIOR_FITS = 28
SHORT_FORMS = (("ỦY BAN NHÂN DÂN", "UBND"), ("UỶ BAN NHÂN DÂN", "UBND"), ("THÀNH PHỐ", "TP."))


@dataclass(frozen=True)
class Letterhead:
    """The block on top: who is above, who issues, under which number, where and when.

    A school's paper has its managing authority as `superior` and the school as `agency`. `number` is
    "12/QĐ-SGDĐT", "/QĐ-SGDĐT" for one still to be numbered by hand, "" for a paper without a number.
    `day` None leaves day, month and year to be filled in by hand; without `place` there is no date line.
    """

    superior: str
    agency: str
    number: str = ""
    place: str = ""
    day: Date | None = None

    @property
    def superior_line(self) -> str:
        """Line 1, in capitals; the usual short forms, which the decree allows, where it is too long."""
        line = self.superior.upper()
        if len(line) > SUPERIOR_FITS:
            for words, short in SHORT_FORMS:
                line = line.replace(words, short)
        return line

    @property
    def agency_line(self) -> str:
        """Line 2, in capitals."""
        return self.agency.upper()

    @property
    def number_line(self) -> str:
        """ "Số: 12/QĐ-SGDĐT", with dots where the number is still to come; empty without a number."""
        if not self.number:
            return ""
        return f"Số: {DOTS if self.number.startswith('/') else ''}{self.number}"

    @property
    def dated(self) -> str:
        """ "Cần Thơ, ngày 05 tháng 02 năm 2026"; empty without a place."""
        return write_place_and_date(self.place, self.day) if self.place else ""


@dataclass(frozen=True)
class Signature:
    """Who signs: "Hiệu trưởng"; a deputy "Phó Hiệu trưởng" with `on_behalf` "KT. Hiệu trưởng".

    `name` is printed under the space for signature and seal; without one the paper asks for it. `note` is the
    line in brackets under the title of a paper that is signed by hand.
    """

    title: str
    on_behalf: str = ""
    name: str = ""
    note: str = SIGN_HERE

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines above the signature, in capitals."""
        return tuple(line.upper() for line in (self.on_behalf, self.title) if line)


def write_number(number: int, symbol: str) -> str:
    """ "05/QĐ-SGDĐT": numbers below ten take a zero."""
    return f"{number:02d}/{symbol}"


def write_long_date(day: Date | None) -> str:
    """ "ngày 05 tháng 02 năm 2026": a zero before days 1–9 and months 1–2, none before 3–9; dots for None."""
    if day is None:
        return f"ngày {DOTS} tháng {DOTS} năm {DOTS}…"
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"


def write_place_and_date(place: str, day: Date | None) -> str:
    """ "Cần Thơ, ngày 05 tháng 02 năm 2026"."""
    return f"{place}, {write_long_date(day)}"
