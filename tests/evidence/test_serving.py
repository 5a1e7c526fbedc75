"""The files over HTTP: what the headers say, and that hidden ones stop being served."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey_app.evidence.store import evidence_store
from tests.conftest import Seat
from tests.evidence.browsing import ADDRESSES, JSON, keep, text_of, upload
from tests.evidence.conftest import Town
from tests.factories.evidence import make_file, make_office, make_pdf, make_pdf_file


def test_a_picture_cannot_run_and_is_asked_for_each_time(
    app: Flask, client: FlaskClient, seated: Town
) -> None:
    uid, _ = keep(app, make_pdf_file, seated.head)
    for address in ("p/1", "p/2", "thumb", "download"):
        answer = client.get(f"/evidence/{uid}/{address}")
        assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "private, no-cache" and "Expires" not in answer.headers
        again = client.get(f"/evidence/{uid}/{address}", headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304 and again.data == b""
    assert client.get(f"/evidence/{uid}/p/1").mimetype == "image/jpeg"
    for address in ("p/0", "p/3", "p/-1", "p/99999999999999999999"):
        assert client.get(f"/evidence/{uid}/{address}").status_code == 404


@pytest.mark.parametrize(
    ("stored", "name"),
    [
        ("Kế hoạch.pdf", "filename*=UTF-8''K%E1%BA%BF%20ho%E1%BA%A1ch.pdf"),
        ('a"; x="y.pdf', 'filename="a ; x= y.pdf"'),
        ("plain.pdf", "filename=plain.pdf"),
        ("a\r\nSet-Cookie: x=1.pdf", 'filename="a Set-Cookie x=1.pdf"'),
        ("Kế\r\nhoạch\x01\u202e.pdf", "filename*=UTF-8''K%E1%BA%BF%20ho%E1%BA%A1ch.pdf"),
    ],
)
def test_a_download_has_its_name_and_nothing_else_in_the_header(
    app: Flask, client: FlaskClient, seated: Town, stored: str, name: str
) -> None:
    uid, _ = keep(app, make_file, seated.head, kind="pdf", media_type="application/pdf", file_name=stored)
    answer = client.get(f"/evidence/{uid}/download")
    given = answer.headers["Content-Disposition"]
    assert answer.mimetype == "application/pdf" and "Set-Cookie" not in answer.headers
    assert given.startswith("attachment; ") and given.endswith(name)


def test_bytes_that_are_lost_are_not_found(app: Flask, client: FlaskClient, seated: Town) -> None:
    uid, _ = keep(app, make_file, seated.head)
    with app.app_context():
        for path in list(evidence_store().root.rglob("*")):
            if path.is_file():
                path.unlink()
    assert client.get(f"/evidence/{uid}/p/1").status_code == 404
    assert client.get(f"/evidence/{uid}").status_code == 200


@pytest.mark.parametrize(("name", "make"), [("a.pdf", make_pdf), ("a.docx", make_office)])
def test_a_paper_is_shown_or_offered(
    client: FlaskClient, seated: Town, name: str, make: Callable[[], bytes]
) -> None:
    uid = upload(client, make(), name, headers=JSON).get_json()["uid"]
    page = text_of(client.get(f"/evidence/{uid}"))
    assert ("/p/1" in page) == (name == "a.pdf")
    assert client.get(f"/evidence/{uid}/download").headers["Content-Disposition"].endswith(name)


def test_a_hidden_file_is_a_placeholder_for_the_school(
    app: Flask, client: FlaskClient, seated: Town, seat: Seat
) -> None:
    uid, _ = keep(app, make_file, seated.head)
    fresh = client.get(f"/evidence/{uid}/p/1")
    seat.actor = seated.officer
    assert "Hãy ghi lý do" in text_of(client.post(f"/evidence/{uid}/hide", data={"reason": " "}), 422)
    assert client.post(f"/evidence/{uid}/hide", data={"reason": "Lộ mặt học sinh"}).status_code == 302
    page = text_of(client.get(f"/evidence/{uid}"))
    assert "Trường không xem được" in page and "Trần Văn Kiểm" in page and f"/evidence/{uid}/p/1" in page
    assert client.get(f"/evidence/{uid}/p/1").status_code == 200
    seat.actor = seated.head
    page = text_of(client.get(f"/evidence/{uid}"))
    assert "Lộ mặt học sinh" in page and "Nội dung đã bị ẩn" in page and "/p/1" not in page
    assert "Đã bị ẩn" in text_of(client.get("/evidence"))
    for address in ADDRESSES[1:]:
        answer = client.get(f"/evidence/{uid}{address}", headers={"If-None-Match": fresh.headers["ETag"]})
        assert answer.status_code == 404
    seat.actor = seated.department
    assert client.post(f"/evidence/{uid}/hide", data={"reason": "Nữa"}).status_code == 409
    assert client.post(f"/evidence/{uid}/unhide").status_code == 302
    seat.actor = seated.head
    assert client.get(f"/evidence/{uid}/p/1").status_code == 200
