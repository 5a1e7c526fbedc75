"""The form that asks for a workbook."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField

from survey_app.core.forms import Form
from survey_app.exports.kinds import KIND_NAMES, Kind
from survey_app.organisations.stages import OWNERSHIP_NAMES, STAGE_NAMES
from survey_app.results.queries import OverviewFilter
from survey_app.results.views.frame import set_key
from survey_app.rounds.queries import RoundSet

WORDS, CODES = "words", "codes"


class ExportForm(Form):
    """Which round, which sheets, words or codes, of which schools."""

    round = SelectField(_l("Đợt đánh giá"))
    kind = RadioField(_l("Mẫu"), default=Kind.WARDS)
    cells = RadioField(_l("Nội dung các ô"), default=WORDS)
    ward = SelectField(_l("Xã, phường"), default="")
    stage = SelectField(_l("Cấp học"), default="")
    ownership = SelectField(_l("Loại hình"), default="")
    set = SelectField(_l("Bộ tiêu chí"), default="")

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        everything = ("", gettext("Tất cả"))
        self.kind.choices = [(str(kind), gettext(name)) for kind, name in KIND_NAMES.items()]
        self.cells.choices = [
            (WORDS, gettext("Bằng chữ, để đọc và in")),
            (CODES, gettext("Bằng mã, để tính toán")),
        ]
        self.stage.choices = [everything, *((code, gettext(name)) for code, name in STAGE_NAMES.items())]
        self.ownership.choices = [
            everything,
            *((code, gettext(name)) for code, name in OWNERSHIP_NAMES.items()),
        ]
        self.versions: dict[str, int] = {}

    def offer(
        self,
        rounds: Sequence[tuple[str, str, str]],
        wards: Sequence[tuple[str, str]],
        sets: Sequence[RoundSet],
    ) -> None:
        """The rounds and the wards that the person sees, and the sets of the chosen round."""
        everything = ("", gettext("Tất cả"))
        self.round.choices = [(uid, title) for uid, title, _year in rounds]
        self.ward.choices = [everything, *wards]
        self.set.choices = [everything, *((set_key(one), f"{one.title}, {one.version}") for one in sets)]
        self.versions = {set_key(one): one.version_id for one in sets}

    def wanted(self) -> OverviewFilter:
        """The filter that was chosen; what was not offered narrows nothing."""
        return OverviewFilter(
            stage=_offered(self.stage),
            ward_uid=_offered(self.ward),
            ownership=_offered(self.ownership),
            version_id=self.versions.get(self.set.data or ""),
        )


def _offered(field: SelectField) -> str:
    return field.data if field.data in [value for value, _name in field.choices] else ""
