"""Forms of rounds: the plan, the deadlines, an extension, who checks, a fact that excludes a level."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from unicodedata import normalize

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, HiddenField, RadioField, SelectChoice, SelectField
from wtforms.widgets import TextInput

from survey_app.core.clock import from_local, to_local
from survey_app.core.forms import (
    DateField,
    Form,
    TextAreaField,
    TextField,
    length,
    read_date,
    required,
    typed,
)
from survey_app.organisations.models import OrganisationUnit
from survey_app.organisations.stages import STAGE_NAMES
from survey_app.rounds.models import PURPOSE_NAMES
from survey_app.rounds.queries import Edition, RoundSet
from survey_app.rules.framework import Framework

_HOUR = re.compile(r"(\d{1,2})\s*(?:g|h|giờ|:)\s*(?:(\d{2})\s*(?:p|phút)?)?", re.ASCII | re.IGNORECASE)
_DAY = re.compile(r"\d{1,2}\s*[/.-]\s*\d{1,2}\s*[/.-]\s*\d{2,4}", re.ASCII)
_FILLERS = re.compile(r"\b(?:ngày|lúc)\b|[,;]", re.IGNORECASE)


def read_moment(text: str, *, hour: int) -> datetime | None:
    """The instant in "17g00, 20/05/2027", "20/5/27 17:00" or "17h ngày 20.5.2027", on Vietnam's wall clock.

    Hour and day in either order; without an hour it is `hour` o'clock. None for anything else.
    """
    words = " ".join(_FILLERS.sub(" ", normalize("NFC", text)).split())
    found = _DAY.search(words)
    day = read_date(found.group()) if found else None
    if found is None or day is None:
        return None
    rest = (words[: found.start()] + " " + words[found.end() :]).strip()
    clock = _HOUR.fullmatch(rest)
    if rest and clock is None:
        return None
    at, minute = (int(clock[1]), int(clock[2] or 0)) if clock else (hour, 0)
    return from_local(day, at, minute) if at < 24 and minute < 60 else None


class LocalMoment(Field):
    """A minute typed as text on Vietnam's wall clock; `data` is an aware instant or None.

    Without an hour it is `hour` o'clock: 17g00, as the Department's papers close.
    """

    widget = TextInput()
    data: Any

    def __init__(self, *args: Any, hour: int = 17, **options: Any) -> None:
        super().__init__(*args, **options)
        self.hour = hour

    def process_formdata(self, valuelist: list[str]) -> None:
        text = valuelist[0] if valuelist else ""
        self.data = read_moment(text, hour=self.hour)
        if text.strip() and self.data is None:
            raise ValueError(gettext("Giờ, ngày chưa đúng. Hãy ghi như 17g00, 20/05/2027."))

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return to_local(self.data).strftime("%Hg%M, %d/%m/%Y") if self.data else ""


def _reason(label: Any) -> TextAreaField:
    return TextAreaField(label, validators=[required(_l("Hãy ghi lý do.")), length(500)])


def _deadline(label: Any, missing: Any) -> LocalMoment:
    return LocalMoment(label, validators=[typed(missing)])


def _set_field(stage: str) -> SelectField:
    return SelectField(_l(STAGE_NAMES[stage]), default="", validate_choice=False)


class RoundForm(Form):
    """The plan of a round. Each stage has a field of its own for its set: none is used twice."""

    title = TextField(_l("Tên đợt"), validators=[required(_l("Hãy đặt tên đợt.")), length(160)])
    purpose = RadioField(
        _l("Loại đợt"),
        choices=[SelectChoice(code, _l(name)) for code, name in PURPOSE_NAMES.items()],
        validators=[typed(_l("Hãy chọn loại đợt."))],
        validate_choice=False,
    )
    school_year = TextField(_l("Năm học"), validators=[required(_l("Hãy ghi năm học.")), length(20)])
    mam_non = _set_field("mam_non")
    tieu_hoc = _set_field("tieu_hoc")
    thcs = _set_field("thcs")
    thpt = _set_field("thpt")
    gdtx = _set_field("gdtx")
    opens_at = LocalMoment(_l("Mở đợt từ"), hour=0, validators=[typed(_l("Hãy ghi lúc mở đợt."))])
    closes_at = _deadline(_l("Hạn nộp của trường"), _l("Hãy ghi hạn nộp của trường."))
    commune_closes_at = _deadline(
        _l("Hạn kiểm tra của xã, phường"), _l("Hãy ghi hạn kiểm tra của xã, phường.")
    )
    department_closes_at = _deadline(_l("Hạn kiểm tra, xác nhận của Sở"), _l("Hãy ghi hạn của Sở."))
    grace_minutes = TextField(
        _l("Số phút chờ thêm"), default="10", validators=[typed(_l("Hãy ghi số phút, 0 nếu không chờ."))]
    )
    checking_levels = RadioField(
        _l("Cách xác nhận kết quả kiểm tra"),
        choices=[
            SelectChoice("2", _l("Hai cấp: cán bộ kiểm tra đề nghị, lãnh đạo duyệt")),
            SelectChoice("1", _l("Một cấp: cán bộ kiểm tra xác nhận")),
        ],
        default="2",
        validators=[typed()],
        validate_choice=False,
    )
    signed_copy_required = BooleanField(
        _l("Trường phải tải lên bản phiếu đã ký, đóng dấu (nếu có) trước khi nộp")
    )
    note = TextAreaField(_l("Ghi chú cho các đơn vị"), validators=[length(1000)])
    version = HiddenField(default="0")

    def offer_editions(self, editions: Sequence[Edition]) -> None:
        """Let each stage choose among the editions written for it."""
        for stage in STAGE_NAMES:
            fitting = [edition for edition in editions if stage in edition.stages]
            self[stage].choices = [
                SelectChoice("", gettext("Không đánh giá cấp này")),
                *(SelectChoice(str(edition.version_id), edition_name(edition)) for edition in fitting),
            ]

    def propose_editions(self, editions: Sequence[Edition]) -> None:
        """Choose for each stage the latest edition written for it: what a department mostly wants."""
        for stage in STAGE_NAMES:
            fitting = [str(edition.version_id) for edition in editions if stage in edition.stages]
            self[stage].data = next(iter(fitting), "")

    def show_sets(self, sets: Sequence[RoundSet]) -> None:
        """Choose for each stage the edition that a stored round uses."""
        for used in sets:
            for stage in used.stages:
                self[stage].data = str(used.version_id)

    def sets(self) -> dict[int, list[str]]:
        """{framework version id: stages} as chosen; an id that cannot be one is 0."""
        found: dict[int, list[str]] = {}
        for stage in STAGE_NAMES:
            if chosen := self[stage].data:
                found.setdefault(whole_number(chosen), []).append(stage)
        return found


def edition_name(edition: Edition) -> str:
    """How an edition stands in a list: title, edition, and whether it is a draft."""
    # The edition first: a phone cuts the end of a long name, and two editions would look the same.
    name = gettext("Phiên bản %(version)s – %(title)s", title=edition.title, version=edition.version)
    return f"{name} ({gettext('BẢN NHÁP')})" if edition.is_draft else name


def whole_number(text: str | None, wrong: int = 0) -> int:
    """A typed whole number of at most nine digits; `wrong` for anything else."""
    words = (text or "").strip()
    return int(words) if words.isascii() and words.isdigit() and len(words) < 10 else wrong


class DeadlinesForm(Form):
    """New deadlines for everybody in an open round, and why."""

    closes_at = _deadline(_l("Hạn nộp của trường"), _l("Hãy ghi hạn nộp của trường."))
    commune_closes_at = _deadline(
        _l("Hạn kiểm tra của xã, phường"), _l("Hãy ghi hạn kiểm tra của xã, phường.")
    )
    department_closes_at = _deadline(_l("Hạn kiểm tra, xác nhận của Sở"), _l("Hãy ghi hạn của Sở."))
    reason = _reason(_l("Lý do thay đổi"))
    version = HiddenField(default="0")


class ExtensionForm(Form):
    """A later deadline for one unit, and why."""

    until = LocalMoment(_l("Gia hạn đến"), validators=[typed(_l("Hãy ghi hạn mới."))])
    reason = _reason(_l("Lý do gia hạn"))


class ReviewerForm(Form):
    """Another unit that checks this one, and why."""

    unit = SelectField(
        _l("Đơn vị kiểm tra mới"),
        validators=[typed(_l("Hãy chọn đơn vị kiểm tra."))],
        validate_choice=False,
    )
    reason = _reason(_l("Lý do thay đổi"))

    def offer_units(self, units: Sequence[OrganisationUnit]) -> None:
        """Let the person choose among the units that may check."""
        self.unit.choices = [SelectChoice(unit.uid, unit.name) for unit in units]


class WithdrawForm(Form):
    """Why a recorded fact is withdrawn."""

    reason = _reason(_l("Lý do rút ghi nhận"))


class ReopenForm(Form):
    """Why an ended round is opened again."""

    reason = _reason(_l("Lý do mở lại đợt"))


class VetoForm(Form):
    """A concluded fact: which kind, when and where, in which document. No pupil is named."""

    kind = RadioField(_l("Sự việc"), validators=[typed(_l("Hãy chọn loại sự việc."))], validate_choice=False)
    event_date = DateField(_l("Ngày xảy ra"), validators=[typed(_l("Hãy ghi ngày xảy ra."))])
    place = TextField(_l("Nơi xảy ra"), validators=[required(_l("Hãy ghi nơi xảy ra.")), length(120)])
    document_number = TextField(
        _l("Số văn bản kết luận"), validators=[required(_l("Hãy ghi số văn bản.")), length(64)]
    )
    document_date = DateField(_l("Ngày văn bản"), validators=[typed(_l("Hãy ghi ngày văn bản."))])
    concluding_authority = TextField(
        _l("Cơ quan kết luận"), validators=[required(_l("Hãy ghi cơ quan kết luận.")), length(255)]
    )

    def offer_kinds(self, frameworks: Sequence[tuple[int, Framework]], language: str) -> None:
        """Let the person choose among the kinds of the unit's sets; the value names the set too."""
        self.kind.choices = [
            SelectChoice(f"{version_id}:{kind.code}", kind.sentence.spoken(language))
            for version_id, framework in frameworks
            for kind in framework.veto_kinds
        ]
