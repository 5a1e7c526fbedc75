"""The settings of e-mail, and that a password never crosses a line whose other end is not known."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from flask import Flask

from survey_app.app import create_app
from survey_app.config import BadSetting, load_settings
from survey_app.core.mail import Letter, Unreachable, mail_connection, mail_is_on, site_address
from tests.conftest import make_settings
from tests.factories.mail import MailServer, free_port, mail_settings

FROM = {"MAIL_FROM": "thongbao@so.example.vn"}


def load(tmp_path: Path, **env: str) -> dict[str, Any]:
    return load_settings({"DATA_DIR": str(tmp_path)} | env)


def test_without_an_address_of_a_server_e_mail_is_off(tmp_path: Path, app: Flask) -> None:
    assert load(tmp_path)["MAIL_SERVER"] is None
    with app.app_context():
        assert not mail_is_on() and site_address("/x") == "http://localhost/x"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.so.vn", ("mail.so.vn", 25, False, False, None, None)),
        ("smtp://127.0.0.1:1025", ("127.0.0.1", 1025, False, False, None, None)),
        ("smtp://ai:do@localhost", ("localhost", 25, False, False, "ai", "do")),
        (
            "smtp+starttls://ai%40so.vn:m%E1%BA%ADt@mail.so.vn",
            ("mail.so.vn", 587, True, False, "ai@so.vn", "mật"),
        ),
        ("smtps://ai:do@mail.so.vn:4650/", ("mail.so.vn", 4650, False, True, "ai", "do")),
    ],
)
def test_an_address_says_how_to_reach_the_server(tmp_path: Path, url: str, expected: tuple[Any, ...]) -> None:
    found = load(tmp_path, MAIL_URL=url, **FROM)
    names = ("SERVER", "PORT", "USE_TLS", "USE_SSL", "USERNAME", "PASSWORD")
    assert tuple(found[f"MAIL_{name}"] for name in names) == expected


@pytest.mark.parametrize(
    ("url", "sender", "sentence"),
    [
        ("mail.so.vn:25", "a@b.vn", "MAIL_URL phải là smtp://"),
        ("http://mail.so.vn", "a@b.vn", "MAIL_URL phải là smtp://"),
        ("smtp://", "a@b.vn", "MAIL_URL phải là smtp://"),
        ("smtp://mail.so.vn:cong", "a@b.vn", "MAIL_URL phải là smtp://"),
        ("smtp://mail.so.vn/hop", "a@b.vn", "MAIL_URL phải là smtp://"),
        ("smtps://ai@mail.so.vn", "a@b.vn", "đủ cả tên đăng nhập và mật khẩu"),
        ("smtp://ai:do@mail.so.vn", "a@b.vn", "phải dùng smtp+starttls://"),
        ("smtps://mail.so.vn", "", "MAIL_FROM phải là một địa chỉ thư"),
        ("smtps://mail.so.vn", "Sở <a@b.vn>", "MAIL_FROM phải là một địa chỉ thư"),
        ("smtps://mail.so.vn", "a@b.vn\nBcc: c@d.vn", "MAIL_FROM phải là một địa chỉ thư"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_a_sentence(
    tmp_path: Path, url: str, sender: str, sentence: str
) -> None:
    with pytest.raises(BadSetting, match=sentence.replace("+", r"\+")):
        load(tmp_path, MAIL_URL=url, MAIL_FROM=sender)


def self_signed(folder: Path) -> ssl.SSLContext:
    """What a server shows that nobody vouches for."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")]),
    )
    day = datetime(2026, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(day)
        .not_valid_after(day + timedelta(days=36500))
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    return context


def test_a_server_with_an_unknown_certificate_gets_no_letter(tmp_path: Path) -> None:
    taken, port = MailServer(0), free_port()
    controller = Controller(
        taken, hostname="127.0.0.1", port=port, tls_context=self_signed(tmp_path), require_starttls=True
    )
    app = create_app(make_settings(tmp_path, **mail_settings(port), MAIL_USE_TLS=True))
    controller.start()
    try:
        with app.app_context(), pytest.raises(Unreachable, match="SSLCertVerificationError"):
            with mail_connection() as send:
                send(Letter("an@truong.edu.vn", "Thư", "Nội dung"))
    finally:
        controller.stop()
    assert taken.letters == []
