"""Forms of the room."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField
from wtforms.validators import NumberRange
from wtforms.validators import Optional as Maybe

from survey_app.core.forms import DateField, Form, TextAreaField, TextField, ThousandsField, length, required
from survey_app.plans.items import (
    HIGHEST_COST,
    HIGHEST_MARK,
    LONGEST_ACTION,
    LOWEST_MARK,
    MARK_NAMES,
    PRIORITY_NAMES,
    STATUS_NAMES,
    ItemValues,
)

NOT_ONE_OF = _l("Hãy chọn một mục trong danh sách.")


class ItemForm(Form):
    """One thing to do for one indicator."""

    indicator = SelectField(_l("Tiêu chí"), validators=[required(NOT_ONE_OF)], validate_choice=False)
    action = TextAreaField(
        _l("Việc cần làm"), validators=[required(_l("Hãy ghi việc cần làm.")), length(LONGEST_ACTION)]
    )
    person = TextField(_l("Người phụ trách"), validators=[length(120)])
    due_on = DateField(_l("Hạn"), validators=[Maybe()])
    cost = ThousandsField(
        _l("Kinh phí (nghìn đồng)"),
        validators=[
            Maybe(),
            NumberRange(0, HIGHEST_COST, _l("Kinh phí lớn quá. Hãy xem lại đơn vị nghìn đồng.")),
        ],
    )
    priority = SelectField(_l("Ưu tiên"), validators=[required()], default="2", validate_choice=False)
    status = SelectField(_l("Trạng thái"), validators=[required()], default="todo", validate_choice=False)
    mark_importance = SelectField(_l("Quan trọng"), validate_choice=False)
    mark_cost = SelectField(_l("Chi phí"), validate_choice=False)
    mark_time = SelectField(_l("Thời gian"), validate_choice=False)
    mark_commitment = SelectField(_l("Quyết tâm"), validate_choice=False)
    mark_feasibility = SelectField(_l("Khả thi"), validate_choice=False)
    version = HiddenField(default="1")

    @property
    def marks(self) -> dict[str, SelectField]:
        """The five fields of the marks by code."""
        return {code: self[f"mark_{code}"] for code in MARK_NAMES}

    def offer(self, indicators: list[tuple[str, str]]) -> "ItemForm":
        """Fill the lists to choose from: (code, words) of the indicators that apply."""
        self.indicator.choices = [("", gettext("Chọn tiêu chí")), *indicators]
        self.priority.choices = [(str(code), gettext(name)) for code, name in PRIORITY_NAMES.items()]
        self.status.choices = [(code, gettext(name)) for code, name in STATUS_NAMES.items()]
        for field in self.marks.values():
            marks = range(LOWEST_MARK, HIGHEST_MARK + 1)
            field.choices = [("", gettext("Chưa chấm")), *((str(mark), str(mark)) for mark in marks)]
            field.data = field.data or ""
        return self

    def validate(self, extra_validators: Any = None) -> bool:
        """The usual checks, and that what was chosen is in the lists."""
        sound = bool(super().validate(extra_validators))
        for field in (self.indicator, self.priority, self.status, *self.marks.values()):
            if field.data not in {value for value, _ in field.choices}:
                field.errors = [str(NOT_ONE_OF)]
                sound = False
        return sound

    def values(self) -> ItemValues:
        """What was typed, for the service; only after `validate`."""
        return ItemValues(
            indicator=self.indicator.data,
            action=self.action.data,
            person=self.person.data or "",
            due_on=self.due_on.data,
            cost=self.cost.data,
            priority=int(self.priority.data),
            status=self.status.data,
            marks={code: int(field.data) for code, field in self.marks.items() if field.data},
        )
