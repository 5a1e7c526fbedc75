"""E-mail about notices, against a real SMTP server: arrives once, says only where to look, halts nobody."""

import time
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from survey_app.accounts.models import User
from survey_app.assessments.queries import form_of
from survey_app.assessments.service import settle_returned, submit_assessment
from survey_app.core.db import session, unit_of_work
from survey_app.core.mail import Letter, Refused, mail_connection
from survey_app.jobs.models import QUEUED, Job
from survey_app.notices import mailing, service, tasks
from survey_app.notices.mail_words import REMINDER, RETURNED
from survey_app.notices.models import Mail
from survey_app.organisations.models import OrganisationUnit
from survey_app.reviews import service as reviews
from survey_app.rules.permissions import Role
from survey_app.rules.workflow import State
from tests.factories.accounts import make_membership, make_user
from tests.factories.jobs import run_queued_jobs
from tests.factories.mail import MailServer, mail_server, text_of
from tests.factories.organisations import make_school
from tests.factories.reviews import make_scene

PROVED = datetime.fromisoformat("2027-01-01T00:00:00+00:00")


def reader(school: OrganisationUnit, address: str | None, **values: Any) -> User:
    """A member of the school with a proved address."""
    start = {"email": address, "email_confirmed_at": PROVED if address else None, "name": "Đặng Thị Ẩn"}
    user = make_user(**(start | values))
    make_membership(user, school, Role.UNIT_MEMBER)
    return user


def tell(app: Flask, school_id: int, now: datetime, kind: str = RETURNED, **more: Any) -> None:
    words = {"title": "Yêu cầu bổ sung 2 tiêu chí", "body": "AT1.1: trường chưa có hàng rào"} | more
    with app.app_context(), unit_of_work():
        service.notify(school_id, kind=kind, **words, url="/assessments/abc", now=now)


@pytest.fixture
def school(posting: Flask) -> int:
    """A school with one person who can be reached."""
    with posting.app_context(), unit_of_work():
        found = make_school(name="THCS Bình Thuỷ")
        reader(found, "an@truong.edu.vn")
        return found.id


def mails(app: Flask) -> list[Mail]:
    with app.app_context():
        return list(session.scalars(select(Mail).order_by(Mail.id)))


def test_a_letter_arrives_once_in_vietnamese_and_holds_no_answer(
    posting: Flask, server: MailServer, school: int, now: datetime
) -> None:
    tell(posting, school, now)
    assert server.letters == []  # nothing is sent inside the act
    run_queued_jobs(posting)
    run_queued_jobs(posting)
    (letter,) = server.letters
    assert server.receivers == [["an@truong.edu.vn"]] and letter["To"] == "an@truong.edu.vn"
    assert letter["Subject"] == "Phiếu tự đánh giá cần bổ sung"
    assert letter["From"] == '"Nhà trường an toàn, lành mạnh, thân thiện" <thongbao@so.example.vn>'
    assert letter["Auto-Submitted"] == "auto-generated" and letter["Message-ID"].endswith("@so.example.vn>")
    text = text_of(letter)
    assert "Kính gửi Thầy/Cô Đặng Thị Ẩn," in text
    assert "\nhttps://truong.example.vn/assessments/abc\n" in text
    assert "tắt ở https://truong.example.vn/account/own/email" in text
    assert "hàng rào" not in text and "AT1.1" not in text and "2 tiêu chí" not in text
    assert server.raw[0].isascii()  # every relay takes it


def test_only_those_who_want_it_and_have_proved_their_address_get_one(
    posting: Flask, server: MailServer, now: datetime
) -> None:
    with posting.app_context(), unit_of_work():
        school = make_school()
        reader(school, "muon@truong.edu.vn")
        reader(school, "khong.muon@truong.edu.vn", wants_mail=False)
        reader(school, "chua.xac.nhan@truong.edu.vn", email_confirmed_at=None)
        reader(school, "khoa@truong.edu.vn", active=False)
        reader(school, None)
        reader(make_school(), "truong.khac@truong.edu.vn")
        left = reader(school, "da.nghi@truong.edu.vn")
        session.query(make_membership(left, school, Role.UNIT_MEMBER).__class__).filter_by(
            user_id=left.id
        ).update({"ends_at": now})
        school_id = school.id
    tell(posting, school_id, now)
    tell(posting, school_id, now, kind="message")  # a kind that is not mailed
    run_queued_jobs(posting)
    assert server.receivers == [["muon@truong.edu.vn"]]


def test_somebody_at_two_schools_of_one_notice_gets_one_letter(
    posting: Flask, server: MailServer, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailing, "CHUNK", 1)
    with posting.app_context(), unit_of_work():
        first, second = make_school(), make_school()
        make_membership(reader(first, "an@truong.edu.vn"), second, Role.UNIT_MEMBER)
        service.notify_units([first.id, second.id], kind=REMINDER, title="Nhắc", now=now)
    run_queued_jobs(posting)
    assert len(server.letters) == 1


def test_an_act_that_is_refused_sends_nothing(
    posting: Flask, server: MailServer, school: int, now: datetime
) -> None:
    with posting.app_context(), pytest.raises(ZeroDivisionError), unit_of_work():
        service.notify(school, kind=RETURNED, title="x", now=now)
        raise ZeroDivisionError
    assert run_queued_jobs(posting) == 0 and mails(posting) == []


def test_without_a_server_in_the_settings_nothing_is_queued(app: Flask, now: datetime) -> None:
    with app.app_context(), unit_of_work():
        school = make_school()
        reader(school, "an@truong.edu.vn")
        school_id = school.id
    tell(app, school_id, now)
    assert mails(app) == [] and run_queued_jobs(app) == 0


def test_while_the_server_is_down_acts_go_on_and_the_letter_comes_later(
    posting: Flask, school: int, now: datetime, server: MailServer
) -> None:
    posting.config["MAIL_PORT"] = posting.extensions["mailman"].port = 1  # nobody listens there
    began = time.monotonic()
    tell(posting, school, now)
    assert time.monotonic() - began < 2
    assert run_queued_jobs(posting) == 1
    with posting.app_context():
        (waiting,) = session.scalars(select(Job).where(Job.state == QUEUED))
        assert waiting.not_before - waiting.created_at == timedelta(minutes=1)
    (mail,) = mails(posting)
    assert mail.sent_at is None and mail.fault == "ConnectionRefusedError"
    posting.extensions["mailman"].port = server.port
    run_queued_jobs(posting)
    assert len(server.letters) == 1 and mails(posting)[0].sent_at is not None


def test_a_form_is_given_back_and_handed_in_again_while_the_server_is_down(
    posting: Flask, now: datetime, server: MailServer
) -> None:
    posting.extensions["mailman"].port = 1
    with posting.app_context(), unit_of_work():
        scene = make_scene(state=State.IN_REVIEW)
        reader(scene.school, "an@truong.edu.vn")
        code, why = "AT1.1", "Biên bản chưa có chữ ký của trường."
        reviews.mark_for_return(scene.form, code, why, base_version=0, actor=scene.officer, now=now)
        reviews.return_marked(
            scene.form, deadline=now + timedelta(days=7), message=why, actor=scene.officer, now=now
        )
        settle_returned(scene.form, code, "Đã đủ", actor=scene.head, now=now)
        submit_assessment(scene.form, signatory="Trần Văn A", actor=scene.head, now=now)
        form_id = scene.row.id
    run_queued_jobs(posting)
    with posting.app_context():
        assert form_of(form_id).assessment.state == State.RESUBMITTED
    posting.extensions["mailman"].port = server.port
    run_queued_jobs(posting)
    assert [letter["Subject"] for letter in server.letters] == ["Phiếu tự đánh giá cần bổ sung"]
    assert "chữ ký" not in text_of(server.letters[0])


def test_after_seven_tries_in_vain_it_is_given_up(posting: Flask, school: int, now: datetime) -> None:
    posting.extensions["mailman"].port = 1
    tell(posting, school, now)
    tries = 0
    while run_queued_jobs(posting):
        tries += 1
    assert tries == len(mailing.LATER) + 1 == 7
    assert mails(posting)[0].given_up_at is not None


def test_later_to_one_letter_does_not_hold_up_the_others_and_no_is_final(
    posting: Flask, server: MailServer, now: datetime
) -> None:
    with posting.app_context(), unit_of_work():
        school = make_school()
        for name in ("mot", "hai", "ba"):
            reader(school, f"{name}@truong.edu.vn")
        school_id = school.id
    server.answers = ["451 later, please", "550 no such person"]
    tell(posting, school_id, now)
    run_queued_jobs(posting)
    assert server.receivers == [["ba@truong.edu.vn"]]
    run_queued_jobs(posting)
    assert server.receivers == [["ba@truong.edu.vn"], ["mot@truong.edu.vn"]]
    assert [(bool(mail.sent_at), mail.fault) for mail in mails(posting)] == [
        (True, ""),
        (False, "550"),
        (True, ""),
    ]
    assert run_queued_jobs(posting) == 0


def test_a_job_that_runs_again_sends_only_what_is_left(
    posting: Flask, server: MailServer, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with posting.app_context(), unit_of_work():
        school = make_school()
        for name in ("mot", "hai", "ba"):
            reader(school, f"{name}@truong.edu.vn")
        school_id = school.id
    tell(posting, school_id, now)
    with posting.app_context():
        batch = session.scalar(select(Mail.batch))
        session.rollback()
        sent = mailing.mark_sent
        monkeypatch.setattr(mailing, "mark_sent", dies_at_the_second(sent))
        with pytest.raises(KeyboardInterrupt):
            tasks._send_all(str(batch))
        monkeypatch.setattr(mailing, "mark_sent", sent)
        tasks._send_all(str(batch))
    # at least once: the letter whose mark was lost comes twice, the marked one does not
    assert [to for (to,) in server.receivers] == [
        "mot@truong.edu.vn",
        "hai@truong.edu.vn",
        "hai@truong.edu.vn",
        "ba@truong.edu.vn",
    ]


def dies_at_the_second(sent: Any) -> Any:
    calls: list[int] = []

    def mark(mail_id: int, *, now: datetime) -> None:
        calls.append(mail_id)
        if len(calls) == 2:
            raise KeyboardInterrupt
        sent(mail_id, now=now)

    return mark


def test_whoever_switches_off_before_it_goes_gets_none(
    posting: Flask, server: MailServer, school: int, now: datetime
) -> None:
    tell(posting, school, now)
    with posting.app_context(), unit_of_work():
        session.execute(update(User).values(wants_mail=False))
    run_queued_jobs(posting)
    assert server.letters == []


@pytest.mark.parametrize(
    ("to", "subject"),
    [
        ("an@truong.edu.vn\r\nBcc: evil@evil.test", "Thư"),
        ("an@truong.edu.vn, evil@evil.test", "Thư"),
        ("an@truong.edu.vn\nSubject: x", "Thư"),
        ("<an@truong.edu.vn>", "Thư"),
        ("an@truong.edu.vn", "Thư\r\nBcc: evil@evil.test"),
        ("an@truong.edu.vn", "Thư\nX-Evil: 1"),
    ],
)
def test_no_header_can_be_smuggled_in(posting: Flask, server: MailServer, to: str, subject: str) -> None:
    with posting.app_context(), mail_connection() as send, pytest.raises(Refused):
        send(Letter(to, subject, "Nội dung"))
    assert server.letters == []


def test_an_address_with_line_breaks_in_the_database_is_given_up(
    posting: Flask, server: MailServer, school: int, now: datetime
) -> None:
    with posting.app_context(), unit_of_work():
        session.execute(update(User).values(email="an@truong.edu.vn\r\nBcc: evil@evil.test"))
    tell(posting, school, now)
    run_queued_jobs(posting)
    assert server.letters == [] and mails(posting)[0].given_up_at is not None


def test_a_name_and_a_text_with_odd_lines_arrive_as_they_are(
    posting: Flask, server: MailServer, now: datetime
) -> None:
    name = "Nguyễn {{7*7}} %(x)s\u00a0=1+1 " + "Ừ" * 90
    with posting.app_context(), unit_of_work():
        school = make_school()
        reader(school, "an@truong.edu.vn", name=name[:120])
        school_id = school.id
    tell(posting, school_id, now)
    run_queued_jobs(posting)
    assert f"Kính gửi Thầy/Cô {name[:120]}," in text_of(server.letters[0])


def test_the_server_may_ask_for_a_password_and_a_wrong_one_is_tried_again_later(
    posting: Flask, school: int, now: datetime, server: MailServer
) -> None:
    state = posting.extensions["mailman"]
    state.username, state.password = "ai", "do"  # this server offers no sign-in at all
    tell(posting, school, now)
    run_queued_jobs(posting)
    assert server.letters == [] and mails(posting)[0].fault == "SMTPNotSupportedError"
    state.username = state.password = None
    run_queued_jobs(posting)
    assert len(server.letters) == 1


def test_a_dead_server_that_comes_back_on_the_same_port(posting: Flask, school: int, now: datetime) -> None:
    with mail_server() as other:
        port = other.port
    posting.extensions["mailman"].port = port
    tell(posting, school, now)
    run_queued_jobs(posting)
    with mail_server(port) as back:
        run_queued_jobs(posting)
        assert len(back.letters) == 1
