"""Forms of signing in, of one's own account and of managing people; each takes only the fields it names."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, HiddenField, RadioField, SelectField
from wtforms.fields import SelectChoice
from wtforms.validators import Email, InputRequired, Optional, Regexp, ValidationError

from survey_app.accounts.passwords import MOST, check_new_password
from survey_app.config import MAILBOX
from survey_app.core.forms import Form, PasswordField, TextField, length, required
from survey_app.rules.errors import RuleError
from survey_app.rules.permissions import ROLE_NAMES, Role

NEW_PERSON, HAS_ACCOUNT = "new", "account"


def _new_password_field(label: Any) -> PasswordField:
    return PasswordField(label, validators=[InputRequired(_l("Hãy đặt mật khẩu."))])


def _phone_field(*, needed: bool) -> TextField:
    shape = Regexp(r"\+?[0-9][0-9 .-]{7,18}$", message=_l("Số điện thoại gồm 8 đến 15 chữ số."))
    must = required(_l("Hãy nhập số điện thoại.")) if needed else Optional()
    return TextField(_l("Điện thoại công việc"), validators=[must, shape])


def _email_field() -> TextField:
    wrong = _l("Thư điện tử chưa đúng, ví dụ: ten@truong.edu.vn.")
    shape = (Email(wrong), Regexp(MAILBOX, message=wrong))  # the second: what a mail server of ours takes
    return TextField(_l("Thư điện tử"), validators=[Optional(), length(254), *shape])


def _name_field() -> TextField:
    return TextField(_l("Họ và tên"), validators=[required(_l("Hãy nhập họ và tên.")), length(120)])


def _position_field() -> TextField:
    return TextField(_l("Chức vụ"), validators=[Optional(), length(120)])


class SignInForm(Form):
    """Who and with what password; `kept` and `seal` carry what was typed when a session ended.

    The field of the login is called `email` because the library's view looks for that name.
    """

    email = TextField(_l("Mã đơn vị hoặc tên đăng nhập"), name="login", validators=[required(), length(254)])
    password = PasswordField(_l("Mật khẩu"), validators=[InputRequired(_l("Hãy điền ô này.")), length(MOST)])
    next = HiddenField()
    kept = HiddenField()
    seal = HiddenField()


class _Resumes(Form):
    """A further step of signing in: where to go afterwards, and what an ended session left unsent."""

    next = HiddenField()
    kept = HiddenField()
    seal = HiddenField()


class SecondStepForm(_Resumes):
    """The code of an authenticator app, or one from the sheet of recovery codes."""

    code = TextField(_l("Mã xác nhận"), name="one_time_code", validators=[Optional(), length(40)])
    recovery = TextField(_l("Mã dự phòng"), name="one_time_recovery", validators=[Optional(), length(40)])

    @property
    def typed(self) -> str:
        """The code that was typed, in whichever place."""
        return self.recovery.data or self.code.data or ""


def _present_password_field(**more: Any) -> PasswordField:
    must = InputRequired(_l("Hãy nhập mật khẩu hiện nay."))
    return PasswordField(
        _l("Mật khẩu hiện nay"), validators=[must, length(MOST)], **({"name": "current_password"} | more)
    )


def _one_time_code_field(label: Any) -> TextField:
    must = required(_l("Hãy nhập mã xác nhận."))
    return TextField(label, name="one_time_code", validators=[must, length(40)])


class SetUpForm(_Resumes):
    """A code of the app that has just learnt the secret in `draft`.

    Somebody who sets it up of their own will shows with the password that the session is theirs.
    """

    password = _present_password_field()
    code = _one_time_code_field(_l("Mã xác nhận"))
    draft = HiddenField(name="one_time_draft")


class ProofForm(Form):
    """The password and a code again, for what concerns the second factor itself."""

    password = _present_password_field(name="proof_password")
    code = _one_time_code_field(_l("Mã xác nhận hoặc mã dự phòng"))


class _WithNewPassword(Form):
    """Checks the field `password` against the rules for the account `login`."""

    login = ""

    def validate_password(self, field: Field) -> None:
        """Length and well-known passwords decide."""
        try:
            check_new_password(field.data, login=self.login)
        except RuleError as error:
            raise ValidationError(gettext(error.message) % error.params) from error


class ActivateForm(_WithNewPassword):
    """A one-time code, a first (or new) password and a phone number."""

    code = TextField(_l("Mã kích hoạt"), validators=[required(_l("Hãy nhập mã kích hoạt.")), length(40)])
    password = _new_password_field(_l("Mật khẩu mới"))
    phone = _phone_field(needed=True)


class FirstPasswordForm(_WithNewPassword):
    """A new password for somebody who must change theirs."""

    password = _new_password_field(_l("Mật khẩu mới"))


class OwnPasswordForm(_WithNewPassword):
    """The present password and the new one."""

    current = _present_password_field()
    password = _new_password_field(_l("Mật khẩu mới"))


class DetailsForm(Form):
    """What a person may change of their own account."""

    name = _name_field()
    phone = _phone_field(needed=False)


class OwnEmailForm(Form):
    """One's own e-mail address; who changes it must know the password, for it can set a new one."""

    email = _email_field()
    current = PasswordField(
        _l("Mật khẩu hiện nay"),
        name="current_password",
        validators=[InputRequired(_l("Hãy nhập mật khẩu hiện nay.")), length(MOST)],
    )


class WantsMailForm(Form):
    """The switch for notices by e-mail."""

    wants_mail = BooleanField(
        _l("Gửi thư cho tôi khi có yêu cầu bổ sung, sắp hết hạn nộp phiếu hoặc có kết quả")
    )


class EmailCodeForm(Form):
    """The code of a letter that proves an address."""

    code = TextField(_l("Mã trong thư"), validators=[required(_l("Hãy nhập mã trong thư.")), length(60)])


class ForgottenForm(Form):
    """Whose password is to be set anew."""

    login = TextField(
        _l("Mã đơn vị, tên đăng nhập hoặc thư điện tử"),
        validators=[required(_l("Hãy điền ô này.")), length(254)],
    )


class ResetForm(_WithNewPassword):
    """The code of a letter and a new password."""

    code = TextField(_l("Mã trong thư"), validators=[required(_l("Hãy nhập mã trong thư.")), length(60)])
    password = _new_password_field(_l("Mật khẩu mới"))


class WorkplaceForm(Form):
    """Which of one's memberships to work under."""

    membership = RadioField(_l("Đơn vị"), coerce=int, validators=[InputRequired(_l("Hãy chọn một đơn vị."))])
    next = HiddenField()

    def offer(self, memberships: list[int]) -> None:
        """Set the memberships to choose from."""
        self.membership.choices = [SelectChoice(str(membership)) for membership in memberships]


class _WithRole(Form):
    """Offers the given roles, and takes no other."""

    role = SelectField(_l("Vai trò"), validators=[InputRequired(_l("Hãy chọn vai trò."))])

    def offer(self, roles: list[Role]) -> None:
        """Set the roles to choose from."""
        self.role.choices = [SelectChoice(role.value, gettext(ROLE_NAMES[role])) for role in roles]


class PersonForm(_WithRole):
    """A new account at a unit."""

    name = _name_field()
    login = TextField(_l("Tên đăng nhập"), validators=[required(_l("Hãy nhập tên đăng nhập.")), length(64)])
    position = _position_field()
    phone = _phone_field(needed=False)
    email = _email_field()


class MembershipForm(_WithRole):
    """A further role of a person who has an account."""

    unit_code = TextField(_l("Mã đơn vị"), validators=[required(_l("Hãy nhập mã đơn vị.")), length(32)])
    position = _position_field()


class HandOverForm(Form):
    """Who takes a role over: somebody with an account, or a new person; one's own role needs the password."""

    who = RadioField(
        _l("Người nhận"),
        choices=[
            SelectChoice(NEW_PERSON, _l("Người chưa có tài khoản trên hệ thống")),
            SelectChoice(HAS_ACCOUNT, _l("Người đã có tài khoản")),
        ],
        default=NEW_PERSON,
        validators=[InputRequired(_l("Hãy chọn người nhận."))],
    )
    account = TextField(
        _l("Tên đăng nhập hoặc thư điện tử của người đã có tài khoản"), validators=[length(254)]
    )
    name = TextField(_l("Họ và tên người mới"), validators=[length(120)])
    login = TextField(_l("Tên đăng nhập của người mới"), validators=[length(64)])
    phone = _phone_field(needed=False)
    position = _position_field()
    current = PasswordField(_l("Mật khẩu hiện nay"), name="current_password", validators=[length(MOST)])

    asks_login = asks_password = False

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """What must be filled in depends on who takes over."""
        fine = bool(super().validate(*args, **kwargs))
        needed = [(self.account, _l("Hãy ghi tên đăng nhập của người nhận."))]
        if self.who.data == NEW_PERSON:
            needed = [(self.name, _l("Hãy nhập họ và tên."))]
            if self.asks_login:
                needed.append((self.login, _l("Hãy nhập tên đăng nhập.")))
        if self.asks_password:
            needed.append((self.current, _l("Hãy nhập mật khẩu hiện nay.")))
        for field, sentence in needed:
            if not field.data:
                field.errors, fine = [sentence], False
        return fine
