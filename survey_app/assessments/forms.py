"""Forms of the school's side."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, HiddenField, RadioField, SelectField, SelectMultipleField
from wtforms.validators import InputRequired, NumberRange, Regexp
from wtforms.validators import Optional as Maybe
from wtforms.widgets import CheckboxInput, ListWidget

from survey_app.assessments.profile import Size
from survey_app.assessments.signing import Office
from survey_app.core.forms import (
    DateField,
    Form,
    TextAreaField,
    TextField,
    ThousandsField,
    WholeNumberField,
    length,
    required,
)
from survey_app.evidence.forms import LinkForm, UploadForm
from survey_app.rules.framework import Indicator

LATEST_VERSION = 1_000_000
MOST_CLASSES, MOST_PUPILS = 2_000, 100_000


def whole_number(least: int, most: int) -> NumberRange:
    """A whole number in a range; the sentence does not name fields that people never see."""
    return NumberRange(least, most, _l("Giá trị gửi lên chưa đúng. Hãy tải lại trang rồi chọn lại."))


class AnswerForm(Form):
    """One answer, from our script or from the page's own button. The text's length is a rule of saving.

    It comes a hundred times a second and is never drawn: no field makes up a label, and the token, which the
    edge has checked before the view, gets no field of its own. Together that was a seventeenth of a save.
    """

    class Meta(Form.Meta):
        csrf = False

    indicator = HiddenField(
        "", validators=[Regexp(r"[A-Z]{1,4}\d[\d.]{0,9}\Z", message=_l("Không có tiêu chí này."))]
    )
    site = WholeNumberField("", default=0, validators=[whole_number(0, 2_000_000_000)])
    value = WholeNumberField("", validators=[Maybe(), whole_number(0, 1000)])
    comment = TextAreaField("")
    base_version = WholeNumberField("", validators=[InputRequired(), whole_number(0, LATEST_VERSION)])
    everywhere = HiddenField("")  # the button that gives the value to every site, pressed without our script
    key = HiddenField("", validators=[Regexp(r"[0-9a-zA-Z-]{0,48}\Z", message=_l("Hãy tải lại trang."))])


class SizeForm(Form):
    """How many classes and pupils the unit has; neither must be known to fill the form in."""

    classes = ThousandsField(
        _l("Số lớp (nhóm, lớp)"),
        validators=[Maybe(), NumberRange(1, MOST_CLASSES, _l("Hãy ghi số lớp từ %(min)d đến %(max)d."))],
    )
    pupils = ThousandsField(
        _l("Số học sinh (trẻ, học viên)"),
        validators=[Maybe(), NumberRange(1, MOST_PUPILS, _l("Hãy ghi số học sinh từ %(min)d đến %(max)d."))],
    )

    @property
    def size(self) -> Size:
        """What was written."""
        return Size(self.classes.data, self.pupils.data)


class SettleForm(Form):
    """Why a returned answer is kept. That something is written, and how much, are rules of the service."""

    because = TextAreaField(_l("Vì sao giữ nguyên"))


class VetoForm(Form):
    """The school has read what the authority recorded."""

    answer = HiddenField()
    comment = TextAreaField(_l("Ý kiến của trường"), validators=[length(1000)])


class SignatureForm(Form):
    """Who signs the print: the head, or a deputy where the type of unit has one."""

    signatory = TextField(_l("Người ký"), validators=[required(), length(120)])
    deputy = BooleanField(_l("Cấp phó ký thay thủ trưởng"))

    def offer_deputy(self, office: Office) -> None:
        """Name the deputy's title, or leave the choice out."""
        if "deputy" not in self:
            return
        if not office.deputy:
            del self.deputy
            return
        words = {"deputy": office.deputy, "head": office.head.upper()}
        self.deputy.label.text = gettext("%(deputy)s ký thay (KT. %(head)s)", **words)

    @property
    def by_deputy(self) -> bool:
        """True when a deputy signs."""
        return "deputy" in self and bool(self.deputy.data)


class SubmitForm(SignatureForm):
    """Who signs, and that what is written is right."""

    agreed = BooleanField(
        _l("Tôi xác nhận thông tin trong phiếu là đúng với thực tế của trường."),
        validators=[required(_l("Hãy đánh dấu xác nhận trước khi nộp."))],
    )


class SignedCopyForm(Form):
    """One file of the signed form, from the camera (`photo`) or the disk (`file`)."""

    photo = FileField(_l("Chụp ảnh"))
    file = FileField(_l("Chọn ảnh hoặc tệp PDF"))

    @property
    def upload(self) -> FileStorage | None:
        """The file that was sent, whichever way."""
        return next((field.data for field in (self.file, self.photo) if field.data), None)

    def validate(self, extra_validators: Any = None) -> bool:
        """Also ask for a file."""
        good = bool(super().validate(extra_validators))
        if self.upload is None:
            self.file.errors = [gettext("Hãy chụp ảnh hoặc chọn tệp.")]
        return good and self.upload is not None


PAPERS_ONLY = _l("Tệp chỉ là quy trình, biểu mẫu trống hoặc số liệu tổng hợp, không có dữ liệu của cá nhân")
SAY_PAPERS_ONLY = _l("Hãy xem lại tệp rồi đánh dấu xác nhận tệp không có dữ liệu của cá nhân.")


class _ForIndicators(Form):
    """Mixin: which other indicators the file serves as well."""

    others: Sequence[Indicator] = ()
    also = SelectMultipleField(_l("Dùng cho tiêu chí khác nữa"))

    def offer(self, others: Sequence[Indicator]) -> None:
        """Let the person choose among these."""
        self.others = others
        self.also.choices = [(other.code, other.code) for other in others]


class EvidenceUploadForm(_ForIndicators, UploadForm):
    """A new file for one indicator, and for others at once."""

    papers_only = False

    def ask_for_papers(self) -> None:
        """The indicator takes procedures, blank forms and totals only: the tick says so."""
        self.papers_only = True
        self.no_personal.label.text = PAPERS_ONLY

    def validate(self, extra_validators: Any = None) -> bool:
        """The usual checks; a missing tick is told in the words of its label."""
        good = super().validate(extra_validators)
        if self.papers_only and not self.no_personal.data:
            self.no_personal.errors = [SAY_PAPERS_ONLY]
        return good


class ChooseForm(_ForIndicators):
    """Files of the store for one indicator, and for others at once."""

    file = SelectMultipleField(_l("Tệp trong kho"), validate_choice=False)
    papers_only = BooleanField(PAPERS_ONLY)


class LinkForIndicatorForm(LinkForm):
    """An address as evidence of one indicator; its boxes stand on a page with those of a file."""

    papers_only = BooleanField(PAPERS_ONLY)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for field in self:
            field.id = f"link-{field.name}"
            field.label.field_id = field.id


class TeamForm(Form):
    """The school's decision that sets up the team."""

    decision_number = TextField(_l("Số quyết định"), validators=[length(60)])
    decision_date = DateField(_l("Ngày quyết định"))
    base_version = WholeNumberField(validators=[InputRequired(), whole_number(0, LATEST_VERSION)])


class TeamMemberForm(Form):
    """One person of the team; the choices of account and parts are set by the page."""

    name = TextField(_l("Họ và tên"), validators=[required(_l("Hãy ghi họ và tên.")), length(120)])
    position = TextField(_l("Chức vụ"), validators=[length(120)])
    duty = RadioField(_l("Nhiệm vụ trong tổ"), default="member")
    account = SelectField(_l("Tài khoản"), default="")
    criteria = SelectMultipleField(
        _l("Phần được giao"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    base_version = WholeNumberField(validators=[InputRequired(), whole_number(0, LATEST_VERSION)])


def first_error(form: Any) -> str:
    """The first sentence of a form that is not valid."""
    return next(str(sentences[0]) for sentences in form.errors.values() if sentences)
