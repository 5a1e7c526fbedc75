"""What the papers of a form say, as plain values: the filled form, the empty copy, the receipt."""

from dataclasses import dataclass

from survey_app.documents.letterhead import Letterhead, Signature
from survey_app.rules.scoring import Tally


@dataclass(frozen=True)
class Choice:
    """One level to tick: its name, its sentence ("" where the name says it all)."""

    name: str
    sentence: str


@dataclass(frozen=True)
class Line:
    """One row: an indicator, or with `heading` the lĩnh vực or nội dung of the rows below it.

    `level` is what the school chose, `sites` its choice at each site where they differ, `notes` its words and
    the codes of its evidence. An empty copy has `choices` and, for several sites, `places` in their stead.
    """

    code: str = ""
    text: str = ""
    heading: str = ""
    mandatory: bool = False
    level: str = ""
    sites: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    places: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sum:
    """One row of the sums."""

    name: str
    tally: Tally


@dataclass(frozen=True)
class FormPaper:
    """Everything a printed form says. `mark` stands on every page ("" or BẢN NHÁP, THỬ NGHIỆM)."""

    head: Letterhead
    title: str
    set_name: str
    mark: str
    facts: tuple[tuple[str, str], ...]
    profile: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    sums: tuple[Sum, ...]
    total: Tally
    veto: str
    signature: Signature
    dated: str
    made: str

    @property
    def result(self) -> str:
        """The sums in one sentence, as the pages say it."""
        t = self.total
        words = f"Đạt {t.met}/{t.applicable} tiêu chí áp dụng · bắt buộc {t.mandatory_met}/{t.mandatory}"
        more = [f"{t.not_applicable} không áp dụng"] if t.not_applicable else []
        more += [f"{t.applicable - t.answered} chưa trả lời"] if not t.complete else []
        return " · ".join((words, *more))


@dataclass(frozen=True)
class ReceiptPaper:
    """What a receipt says: that and when the form came in, and what follows; nothing of what is in it."""

    head: Letterhead
    number: str
    at: str
    mark: str
    facts: tuple[tuple[str, str], ...]
    next_step: str
    contact: str
