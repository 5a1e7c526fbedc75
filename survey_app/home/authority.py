"""The first page of an authority: what waits for this person, and how far the schools are."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext

from survey_app.core.access import Actor, may_open
from survey_app.home import queries
from survey_app.home.queries import Beginnings
from survey_app.home.school import Task
from survey_app.invitations.unit_requests import count_new
from survey_app.organisations.models import COMMUNE
from survey_app.results.queries import count_approved
from survey_app.reviews.queries import QueueFilter, View, view_counts
from survey_app.rounds.models import OPEN, Round
from survey_app.rules.errors import N_
from survey_app.rules.permissions import ADMIN, LEADERS, OFFICERS

# The views of the list that each role is led to, with the words of a task.
_OFFICER = {
    View.OVERDUE: N_("Hồ sơ quá hạn kiểm tra: %(n)s"),
    View.MINE: N_("Hồ sơ của tôi đang kiểm tra: %(n)s"),
    View.RESUBMITTED: N_("Hồ sơ trường đã nộp lại: %(n)s"),
    View.WAITING: N_("Hồ sơ chờ nhận: %(n)s"),
    View.ON_HOLD: N_("Hồ sơ để xử lý sau: %(n)s"),
}
_LEADER = {
    View.PROPOSED: N_("Hồ sơ chờ lãnh đạo duyệt: %(n)s"),
    View.OVERDUE: N_("Hồ sơ quá hạn kiểm tra: %(n)s"),
}


def tasks_of(actor: Actor, round_: Round, now: datetime) -> Iterator[Task]:
    """What waits for this person in a round, the most urgent first."""
    led_to = _LEADER if actor.role in LEADERS else _OFFICER if actor.role in OFFICERS else {}
    if led_to and may_open(current_app, "reviews.queue"):
        counts = view_counts(actor, round_, QueueFilter(), now=now)
        for view, words in led_to.items():
            if counts[view]:
                url = url_for("reviews.queue", round=round_.uid, view=view.value)
                yield Task(gettext(words, n=counts[view]), url, urgent=view is View.OVERDUE)
    if actor.role in ADMIN:
        yield from _administrator(actor, round_, now)


def _administrator(actor: Actor, round_: Round, now: datetime) -> Iterator[Task]:
    for job in queries.failed_jobs(actor, now):
        words = gettext("Hệ thống làm chưa xong: %(label)s", label=job.label)
        yield Task(words, url_for("jobs.show", uid=job.uid), urgent=True)
    if round_.state == OPEN:
        yield from _without_people(queries.beginnings(actor))
    if ready := count_approved(round_.id):
        words = gettext("Phiếu đã xác nhận, chờ công bố kết quả: %(n)s", n=ready)
        yield Task(words, url_for("results.finalise", uid=round_.uid))


def _without_people(found: Beginnings) -> Iterator[Task]:
    """Who takes part or checks but cannot sign in: an open round waits for them."""
    if left := found.checkers - found.checkers_with_people:
        words = gettext("Xã, phường kiểm tra chưa có người dùng: %(n)s", n=left)
        yield Task(words, url_for("accounts.units", kind=COMMUNE))
    if left := found.schools - found.with_people:
        words = gettext("Trường chưa có người dùng: %(n)s", n=left)
        yield Task(words, url_for("invitations.hand_out"))


# A step before it is placed: words, detail, (endpoint, address), is it done.
_Step = tuple[str, str, tuple[str, dict[str, Any]], bool]


def asked_of(actor: Actor) -> Iterator[Task]:
    """Schools that say they are not on the list, whether a round is on or not."""
    if actor.may("unit_requests.read") and (waiting := count_new(actor)):
        words = gettext("Đề nghị thêm trường chờ xử lý: %(n)s", n=waiting)
        yield Task(words, url_for("invitations.list_requests"))


def first_steps(found: Beginnings) -> list[tuple[str, str, str, str]]:
    """The way from an empty system to the first round: (words, detail, address, done | now | todo)."""
    steps = [*_material(found), *_people(found), _round(found)]
    reached = [*(done for *_, done in steps), False]
    return [
        (
            words,
            detail,
            url_for(endpoint, **address) if may_open(current_app, endpoint) else "",
            "done" if done else "now" if place == reached.index(False) else "todo",
        )
        for place, (words, detail, (endpoint, address), done) in enumerate(steps)
    ]


def _material(found: Beginnings) -> Iterator[_Step]:
    detail = gettext("Từ tệp Excel theo mẫu")
    if found.schools:
        detail = gettext("Đã có %(n)s trường", n=found.schools)
    yield gettext("Nhập danh sách trường"), detail, ("organisations.new_import", {}), found.schools > 0
    detail = gettext("Nhập từ Excel theo mẫu")
    if found.sets:
        detail = gettext("Đã có %(n)s phiên bản; xem lại, hoặc nhập bộ chính thức từ Excel", n=found.sets)
    yield gettext("Chuẩn bị bộ tiêu chí"), detail, ("frameworks.index", {}), found.sets > 0


def _people(found: Beginnings) -> Iterator[_Step]:
    have, all_of = found.checkers_with_people, found.checkers
    detail = gettext("Mỗi xã, phường ít nhất một cán bộ kiểm tra và một lãnh đạo")
    if all_of:
        detail = gettext("%(n)s/%(all)s xã, phường đã có người dùng", n=have, all=all_of)
    words = gettext("Cấp tài khoản cho các xã, phường kiểm tra")
    yield words, detail, ("accounts.units", {"kind": COMMUNE}), found.schools > 0 and have == all_of
    detail = gettext("In phiếu cấp tài khoản hoặc tải tệp Excel")
    if have := found.with_people:
        detail = gettext("%(n)s/%(all)s trường đã có người dùng", n=have, all=found.schools)
    yield gettext("Cấp tài khoản cho các trường"), detail, ("invitations.hand_out", {}), have > 0


def _round(found: Beginnings) -> _Step:
    detail = gettext("Đã tạo đợt, chưa mở") if found.rounds else gettext("Chọn bộ tiêu chí, trường, hạn nộp")
    endpoint = "rounds.index" if found.rounds else "rounds.new"
    return gettext("Tạo và mở đợt đánh giá"), detail, (endpoint, {}), found.opened > 0
