"""The pages of the store, the upload and the files over HTTP."""

import io
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from survey_app.core.access import Actor
from survey_app.core.db import session, unit_of_work
from survey_app.core.turns import Turns
from survey_app.evidence.models import EvidenceFile
from survey_app.evidence.ports import Use
from survey_app.evidence.store import evidence_store
from tests.conftest import Seat
from tests.evidence.browsing import ADDRESSES, JSON, keep, rows, stored_names, text_of, upload
from tests.evidence.conftest import Town, UsesForTest
from tests.factories.evidence import make_file, make_pdf_file, make_photo

# ---- adding ----


def test_a_photograph_goes_in_and_is_seen(app: Flask, client: FlaskClient, seated: Town) -> None:
    answer = upload(client, issued_on="5/9/26", document_number="15/KH")
    assert (answer.status_code, answer.location) == (302, "/evidence")
    text = text_of(client.get("/evidence"))
    assert "Bình chữa cháy" in text and "15/KH" in text and "Đã thêm vào kho minh chứng" in text
    uid = re.findall(r"/evidence/([0-9a-f]{32})", text)[0]
    page = text_of(client.get(f"/evidence/{uid}"))
    assert "03/05/2027 (theo máy, có thể sai)" in page and "05/09/2026" in page and "Nguyễn Thị Mẫu" in page
    for address in (f"/evidence/{uid}/p/1", f"/evidence/{uid}/thumb", f"/evidence/{uid}/download"):
        served = client.get(address)
        assert served.status_code == 200 and served.data[:2] == b"\xff\xd8"
        assert not any(secret in served.data for secret in (b"MayAnhBiMat", b"Exif", b"2027:05:03"))


def test_the_camera_and_the_file_chooser_send_to_the_same_form(client: FlaskClient, seated: Town) -> None:
    form = {
        "title": "Ảnh",
        "no_personal": "y",
        "photo": (io.BytesIO(make_photo()), "image.jpg"),
        "file": (io.BytesIO(), ""),
    }
    assert client.post("/evidence/new", data=form).status_code == 302


def test_our_script_gets_json(client: FlaskClient, seated: Town) -> None:
    answer = upload(client, headers=JSON)
    assert answer.status_code == 201
    made = answer.get_json()
    assert (made["title"], made["same"]) == ("Bình chữa cháy", False)
    assert client.get(made["thumb"]).status_code == client.get(made["url"]).status_code == 200


def test_the_date_our_script_found_is_kept_when_the_picture_has_none(
    app: Flask, client: FlaskClient, seated: Town
) -> None:
    upload(client, make_photo(taken=""), captured_on="2027-05-04")
    upload(client, make_photo((80, 60)), captured_on="2027-05-04")
    upload(client, make_photo((90, 60), taken=""), captured_on="<script>")
    with app.app_context():
        days = session.scalars(select(EvidenceFile.captured_on).order_by(EvidenceFile.id)).all()
    assert [str(day) for day in days] == ["2027-05-04", "2027-05-03", "None"]


def test_the_same_file_twice_is_offered_not_doubled(app: Flask, client: FlaskClient, seated: Town) -> None:
    first = upload(client, headers=JSON).get_json()
    again = upload(client, headers=JSON, title="Tên khác")
    assert again.status_code == 200 and again.get_json()["uid"] == first["uid"] and again.get_json()["same"]
    plain = upload(client)
    assert plain.location == f"/evidence/{first['uid']}"
    assert "đã có trong kho minh chứng" in text_of(client.get(plain.location)) and rows(app) == 1


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"title": ""}, "Hãy đặt tên minh chứng."),
        ({"title": "x" * 201}, "dài quá 200 ký tự"),
        ({"title": "a\x00b"}, "ký tự không hợp lệ"),
        ({"no_personal": ""}, "Hãy che mặt, tên học sinh"),
        ({"issued_on": "31/02/2027"}, "20/05/2027"),
        ({"issued_on": "01/01/1900"}, "từ 02/09/1945 đến hôm nay"),
        ({"site": "999999"}, "Lựa chọn không hợp lệ"),
        ({"name": ""}, "Hãy chụp ảnh hoặc chọn tệp."),
    ],
)
def test_a_wrong_detail_is_said_and_nothing_is_kept(
    app: Flask, client: FlaskClient, seated: Town, fields: dict[str, str], sentence: str
) -> None:
    assert sentence in text_of(upload(client, **fields), 422)
    assert upload(client, headers=JSON, **fields).get_json()["error"] and rows(app) == 0


def test_a_refused_file_is_said_in_vietnamese_and_what_was_typed_stays(
    app: Flask, client: FlaskClient, seated: Town
) -> None:
    text = text_of(upload(client, b"<html>", "a.png", document_number="15/KH"), 422)
    assert "không đúng với đuôi .png" in text and 'value="15/KH"' in text and 'value="Bình chữa cháy"' in text
    answer = upload(client, b"<html>", "a.png", headers=JSON)
    assert answer.status_code == 422 and "không đúng với đuôi .png" in answer.get_json()["error"]
    assert rows(app) == 0 and stored_names(app) == set()


def test_a_file_name_is_escaped_and_never_a_path(app: Flask, client: FlaskClient, seated: Town) -> None:
    for name in (
        "../../x.jpg",
        "<script>alert(1)</script>.jpg",
        "CON.jpg",
        "x" * 300 + ".jpg",
        "a\u202egpj.jpg",
    ):
        size = 64 + len(name)
        assert upload(client, make_photo((size, 48)), name, title="<b>Đậm</b>").status_code == 302
    assert all(re.fullmatch(r"[0-9a-f]{64}", name) for name in stored_names(app))
    text = text_of(client.get("/evidence"))
    assert "&lt;b&gt;Đậm" in text and "<b>Đậm" not in text and "<script>alert" not in text


def test_too_large_a_file_is_413_in_words(app: Flask, client: FlaskClient, seated: Town) -> None:
    answer = upload(client, b"\xff\xd8\xff" + b"x" * (21 * 1024 * 1024))
    assert "nhiều nhất 20,0 MB" in text_of(answer, 413)
    slightly = upload(client, b"\xff\xd8\xff" + b"x" * (20 * 1024 * 1024), headers=JSON)
    assert slightly.status_code == 413 and "lớn hơn 20 MB" in slightly.get_json()["error"] and rows(app) == 0


def test_a_full_disk_is_507_and_nothing_is_kept(
    app: Flask, client: FlaskClient, seated: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("survey_app.core.files.os.fsync", full)
    answer = upload(client, headers=JSON)
    assert answer.status_code == 507 and "hết chỗ" in answer.get_json()["error"]
    assert rows(app) == 0 and stored_names(app) == set()
    monkeypatch.undo()
    assert upload(client).status_code == 302


def test_a_full_quota_is_said(app: Flask, client: FlaskClient, seated: Town) -> None:
    with app.app_context():
        evidence_store().quota = 100
    assert "không còn chỗ cho tệp này" in text_of(upload(client), 409) and rows(app) == 0


def test_a_link_goes_in(client: FlaskClient, seated: Town) -> None:
    good = client.post("/evidence/new-link", data={"title": "Video", "url": "https://youtu.be/x"})
    assert good.status_code == 302
    uid = re.findall(r"/evidence/([0-9a-f]{32})", text_of(client.get("/evidence")))[0]
    page = text_of(client.get(f"/evidence/{uid}"))
    assert 'href="https://youtu.be/x" rel="noopener noreferrer nofollow' in page
    for address in ("p/1", "thumb", "download"):
        assert client.get(f"/evidence/{uid}/{address}").status_code == 404
    bad = client.post("/evidence/new-link", data={"title": "Video", "url": "javascript:alert(1)"})
    assert "phải bắt đầu bằng https://" in text_of(bad, 422)


# ---- who may ----


def test_nobody_signed_in_is_asked_to_sign_in(client: FlaskClient, seated: Town, seat: Seat) -> None:
    seat.actor = None
    for address in ("/evidence", "/evidence/new", f"/evidence/{'0' * 32}", f"/evidence/{'0' * 32}/p/1"):
        assert client.get(address).status_code == 302
    assert upload(client).status_code == 401 and upload(client, headers=JSON).status_code == 401


def test_a_foreign_file_is_not_found(app: Flask, client: FlaskClient, seated: Town, seat: Seat) -> None:
    uid, _ = keep(app, make_file, seated.head)
    for actor in (seated.neighbour, seated.stranger):
        seat.actor = actor
        for address in ADDRESSES:
            assert client.get(f"/evidence/{uid}{address}").status_code == 404
    seat.actor = seated.neighbour
    for address in ("edit", "delete"):
        assert client.get(f"/evidence/{uid}/{address}").status_code == 404
        assert client.post(f"/evidence/{uid}/{address}", data={"title": "x"}).status_code == 404
    seat.actor = seated.stranger
    assert client.post(f"/evidence/{uid}/hide", data={"reason": "x"}).status_code == 404
    assert client.get(f"/evidence/of/{unit_uid(app, seated.head)}").status_code == 404


def unit_uid(app: Flask, actor: Actor) -> str:
    with app.app_context():
        return str(
            session.scalar(select(EvidenceFile.uid))
            and session.scalars(select(EvidenceFile)).first().unit.uid
        )  # type: ignore[union-attr]


def test_the_authority_looks_and_the_school_edits(
    app: Flask, client: FlaskClient, seated: Town, seat: Seat
) -> None:
    uid, _ = keep(app, make_file, seated.head)
    for actor in (seated.officer, seated.department):
        seat.actor = actor
        for address in ADDRESSES:
            assert client.get(f"/evidence/{uid}{address}").status_code == 200
        assert "Bình chữa cháy" not in text_of(client.get("/evidence"))
        assert "Ảnh bình chữa cháy" in text_of(client.get(f"/evidence/of/{unit_uid(app, seated.head)}"))
        assert client.get(f"/evidence/{uid}/edit").status_code == 403
        assert client.post(f"/evidence/{uid}/delete").status_code == 403
        assert upload(client).status_code == 403
    seat.actor = seated.head
    assert client.post(f"/evidence/{uid}/hide", data={"reason": "x"}).status_code == 403
    assert client.post(f"/evidence/{uid}/unhide").status_code == 403


def test_a_viewer_sees_no_evidence(app: Flask, client: FlaskClient, seated: Town, seat: Seat) -> None:
    uid, _ = keep(app, make_file, seated.head)
    seat.actor = seated.viewer
    for address in ("", f"/{uid}", f"/{uid}/p/1"):
        assert client.get(f"/evidence{address}").status_code == 403


# ---- changing and deleting ----


def test_details_are_edited(app: Flask, client: FlaskClient, seated: Town) -> None:
    uid, _ = keep(app, make_file, seated.head)
    assert 'name="version"' in text_of(client.get(f"/evidence/{uid}/edit"))
    assert client.head(f"/evidence/{uid}/edit").status_code == 200
    form = {"title": "Ảnh mới", "issuer": "UBND phường", "version": "1"}
    assert client.post(f"/evidence/{uid}/edit", data=form).status_code == 302
    assert "UBND phường" in text_of(client.get(f"/evidence/{uid}"))
    assert "vừa được người khác sửa" in text_of(client.post(f"/evidence/{uid}/edit", data=form), 409)
    late = form | {"version": "2", "issued_on": "01/01/2999"}
    assert "20/05/2027" in text_of(client.post(f"/evidence/{uid}/edit", data=late), 422)
    assert client.post(f"/evidence/{uid}/edit", data={"title": "", "version": "x"}).status_code == 422


def test_a_file_in_use_says_where_before_it_goes(
    app: Flask, client: FlaskClient, seated: Town, used: UsesForTest
) -> None:
    uid, key = keep(app, make_file, seated.head)
    used.by_file[key] = [Use("MC-AT3.2-01", "Cuối năm học 2026 – 2027", "/assessments/x")]
    assert "MC-AT3.2-01" in text_of(client.get("/evidence"))
    assert 'href="/assessments/x"' in text_of(client.get(f"/evidence/{uid}"))
    assert "MC-AT3.2-01" in text_of(client.get(f"/evidence/{uid}/delete"))
    used.locked.add(key)
    page = text_of(client.get(f"/evidence/{uid}"))
    assert "không xóa được" in page and "/delete" not in page
    assert "Xóa minh chứng</button>" not in text_of(client.get(f"/evidence/{uid}/delete"))
    assert "nằm trong phiếu đã nộp" in text_of(client.post(f"/evidence/{uid}/delete"), 409)
    assert client.get(f"/evidence/{uid}").status_code == 200
    used.locked.clear()
    assert client.post(f"/evidence/{uid}/delete").status_code == 302
    assert client.get(f"/evidence/{uid}").status_code == 404 and used.told == [("release", key)]


# ---- the list ----


def test_the_list_says_what_to_do_when_it_is_empty(client: FlaskClient, seated: Town) -> None:
    assert "Chưa có minh chứng nào" in text_of(client.get("/evidence"))
    assert "Chưa có minh chứng của năm trước" in text_of(client.get("/evidence?tab=before"))
    assert "Không có minh chứng nào khớp" in text_of(client.get("/evidence?q=zzz&page=x"))


def test_the_list_takes_as_many_queries_for_fifty_files_as_for_one(
    app: Flask, client: FlaskClient, seated: Town, count_queries: Any
) -> None:
    keep(app, make_file, seated.head)
    with count_queries() as one:
        text_of(client.get("/evidence"))
    with app.app_context(), unit_of_work():
        for _ in range(59):
            make_file(seated.head)
    with count_queries() as many:
        text = text_of(client.get("/evidence"))
    assert text.count('<li><a class="thumb"') == 50 and "page=2" in text
    assert len(many) == len(one) <= 8


def test_a_get_never_writes(
    app: Flask,
    client: FlaskClient,
    seated: Town,
    seat: Seat,
    count_queries: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    uid, _ = keep(app, make_pdf_file, seated.head)
    monkeypatch.setattr(Turns, "begin", None)  # a write transaction on SQLite would break the page
    shown = ["", *(f"/{uid}{address}" for address in ("", "/p/1", "/thumb", "/download"))]
    own = ["?tab=before", "/new", "/new-link", f"/{uid}/edit", f"/{uid}/delete"]
    with count_queries() as seen:
        for actor, addresses in ((seated.head, shown + own), (seated.officer, shown)):
            seat.actor = actor
            assert {client.get("/evidence" + address).status_code for address in addresses} == {200}
    written = [s for s in seen.statements if re.match(r"(INSERT|UPDATE|DELETE)", s)]
    assert written == []
