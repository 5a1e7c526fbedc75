"""The menu of each role: a label and a page, shown only when the role may open it."""

from typing import NamedTuple

from flask import Flask, current_app, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from survey_app.core.access import current_actor, may_open


class MenuLink(NamedTuple):
    """One entry of the menu."""

    label: str
    url: str
    active: bool


SCHOOL_MENU = (
    ("home.start", _l("Trang chủ")),
    ("assessments.index", _l("Tự đánh giá")),
    ("plans.current", _l("Kế hoạch")),
    ("results.own", _l("Kết quả")),
    ("evidence.index", _l("Kho minh chứng")),
    ("accounts.units", _l("Người của đơn vị")),
)
AUTHORITY_MENU = (
    ("home.start", _l("Trang chủ")),
    ("results.overview_current", _l("Tổng quan")),
    ("reviews.queue", _l("Kiểm tra, đánh giá")),
    ("certificates.index", _l("Giấy chứng nhận")),
    ("rounds.index", _l("Đợt đánh giá")),
    ("organisations.index", _l("Đơn vị")),
    ("accounts.index", _l("Tài khoản")),
    ("frameworks.index", _l("Bộ tiêu chí")),
    ("operations.status", _l("Hệ thống")),
)


# What stands at the right of the top bar and in the foot.
TOOLS = {
    "sign_out": "security.logout",
    "account": "accounts.own",
    "notices": "notices.index",
    "look_up": "certificates.look_up",
    "help": "home.help_page",
}


def tools() -> dict[str, str]:
    """The addresses beside the menu that exist and that the caller may open, by name."""
    return {name: url_for(endpoint) for name, endpoint in TOOLS.items() if may_open(current_app, endpoint)}


def menu() -> list[MenuLink]:
    """The entries the signed-in person may open; nothing for a stranger."""
    actor = current_actor()
    if actor is None:
        return []
    entries = SCHOOL_MENU if actor.unit_kind == "school" else AUTHORITY_MENU
    room = (request.endpoint or "").partition(".")[0]
    return [
        MenuLink(gettext(str(label)), url_for(endpoint), endpoint.partition(".")[0] == room)
        for endpoint, label in entries
        if may_open(current_app, endpoint)
    ]


def init_navigation(app: Flask) -> None:
    """Give every template its menu as `nav` and what stands beside it as `tools`."""
    app.context_processor(lambda: {"nav": menu(), "tools": tools()})
