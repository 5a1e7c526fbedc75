"""What a person reads when something is refused or fails: what to do, a code to quote and whom to call."""

import re
from typing import Any

import pytest
from flask import Flask, abort

from survey_app.core.access import public
from survey_app.core.db import unit_of_work
from survey_app.rules.errors import BadInput
from survey_app.rules.permissions import Role
from tests.conftest import Seat
from tests.factories.organisations import make_commune, make_school

WHAT_TO_DO = {
    400: "tải lại trang",
    404: "hoặc tài khoản không được xem",
    405: "bấm nút trên trang",
    413: "chia nhỏ rồi gửi lại",
    422: "Hãy",
    429: "chờ vài phút",
    500: "chưa được ghi. Hãy thử lại",
    503: "Hãy thử lại sau ít phút; việc vừa làm chưa được ghi",
    507: "Hãy báo quản trị",
}
ENGLISH = re.compile(r"\b(error|not found|internal|server|request|exception|traceback|unavailable)\b", re.I)


@pytest.fixture
def browser(app: Flask, seat: Seat) -> Any:
    """The head of a school whose authority names a person; a page that fails as it is told to."""

    def fail(status: int) -> Any:
        if status == 422:
            raise BadInput()
        if status == 500:
            raise ZeroDivisionError
        abort(status) if status != 507 else _full()

    def _full() -> None:
        raise OSError(28, "No space left on device")

    app.add_url_rule("/fail/<int:status>", "fail", public(fail))
    with app.app_context(), unit_of_work():
        ward = make_commune(name="Phường Gần", contact_name="Bà Trực Máy", contact_phone="0292 000 222")
        seat.take(Role.UNIT_HEAD, make_school(ward))
    app.config["TESTING"] = False
    return app.test_client()


def test_every_failure_says_what_to_do_in_vietnamese_with_a_code_and_whom_to_call(browser: Any) -> None:
    for status, words in WHAT_TO_DO.items():
        answer = browser.get(f"/fail/{status}")
        main = re.sub(
            r"<[^>]+>", " ", answer.get_data(as_text=True).partition("<main")[2].partition("</main>")[0]
        )
        assert answer.status_code == status and words in main, (status, main)
        assert answer.headers["X-Request-Id"] in main, status
        assert not ENGLISH.search(main), (status, main)
        # A failure of the system itself asks the database nothing more.
        whom = "Bà Trực Máy" if status < 500 else "báo cơ quan quản lý trực tiếp"
        assert whom in main, (status, main)
    assert "0292 000 222" in browser.get("/fail/404").get_data(as_text=True)


def test_the_support_of_an_installation_stands_first(app: Flask, browser: Any) -> None:
    app.config["SUPPORT_CONTACT"] = "Tổ hỗ trợ, 1800 0000"
    for status in (404, 500):
        page = browser.get(f"/fail/{status}").get_data(as_text=True)
        assert "Cần giúp, liên hệ Tổ hỗ trợ, 1800 0000, đọc mã sự việc" in re.sub(r"\s+", " ", page)
