"""The blueprint of the room, and what its pages share."""

from flask import Blueprint
from flask_babel import gettext

from survey_app.accounts.scope import LOCKED, NEW, NO_HEAD, READY
from survey_app.rules.errors import N_
from survey_app.rules.permissions import ROLE_NAMES

bp = Blueprint("accounts", __name__, template_folder="../templates")

STATE_NAMES = {
    NO_HEAD: N_("Chưa có tài khoản"),
    NEW: N_("Chưa kích hoạt"),
    READY: N_("Đang dùng"),
    LOCKED: N_("Đã khóa"),
}


BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "coc_coc": "Cốc Cốc",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Mac OS": "macOS",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}


@bp.app_template_filter("device")
def device(agent: str) -> str:
    """A browser's own description in words a person knows: "Chrome trên Windows"."""
    browser = next((name for mark, name in BROWSERS.items() if mark in agent), gettext("Trình duyệt"))
    system = next((name for mark, name in SYSTEMS.items() if mark in agent), "")
    return gettext("%(browser)s trên %(system)s", browser=browser, system=system) if system else browser


@bp.app_context_processor
def words() -> dict[str, object]:
    """The words of roles and of the states of accounts, for every template that names a person."""
    return {"role_names": ROLE_NAMES, "account_state_names": STATE_NAMES}
