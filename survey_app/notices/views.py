"""Pages of notices: the list, one notice, and marking it as read (a GET never does)."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from survey_app.core import clock
from survey_app.core.access import acting, requires
from survey_app.core.web import page_number
from survey_app.notices import queries, sending_views, service
from survey_app.notices.blueprint import bp

__all__ = ["bp", "sending_views"]


@bp.get("")
@requires("notices.read")
def index() -> ResponseReturnValue:
    """The notices to one's own unit, newest first."""
    actor = acting()
    return render_template(
        "notices/list.html",
        page=queries.list_notices(actor, page_number()),
        unread=queries.unread_count(actor),
    )


@bp.get("/<uid>")
@requires("notices.read")
def show(uid: str) -> ResponseReturnValue:
    """One notice, and how many of the unit have read it."""
    actor = acting()
    notice = queries.get_visible_notice(actor, uid)
    return render_template(
        "notices/show.html",
        notice=notice,
        unread=queries.is_unread(actor, notice),
        readers=queries.readers_of(notice),
    )


@bp.post("/<uid>/read")
@requires("notices.read")
def read(uid: str) -> ResponseReturnValue:
    """Open a notice: mark it as read, then show it."""
    actor = acting()
    service.mark_read(queries.get_visible_notice(actor, uid), actor=actor, now=clock.now())
    return redirect(url_for(".show", uid=uid))
