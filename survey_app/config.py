"""Settings from the environment; the program refuses to start when one is wrong."""

import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit


class BadSetting(ValueError):
    """A setting that is missing or wrong, with a sentence that names it."""


def load_settings(environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Flask settings from the environment.

    `ENV` is "development" (default: local SQLite, secret key kept in the data folder) or "production"
    (SECRET_KEY and BASE_URL are required). Raises `BadSetting`.
    """
    env = os.environ if environ is None else environ
    name = env.get("ENV", "development")
    if name not in ("development", "production"):
        raise BadSetting("ENV phải là development hoặc production.")
    data = Path(env.get("DATA_DIR", "instance")).resolve()
    base_url = env.get("BASE_URL", f"http://127.0.0.1:{env.get('PORT', '8000')}").rstrip("/")
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise BadSetting("BASE_URL phải là địa chỉ đầy đủ, ví dụ https://truonghoc.example.vn.")
    if name == "production" and not env.get("BASE_URL"):
        raise BadSetting("Khi ENV=production phải đặt BASE_URL.")
    settings = {
        "ENV": name,
        "DATA_DIR": data,
        "BASE_URL": base_url,
        "SECRET_KEY": _secret_key(env, name, data),
        "SQLALCHEMY_DATABASE_URI": _database_url(env.get("DATABASE_URL", f"sqlite:///{data / 'app.db'}")),
        "DEPARTMENT_NAME": env.get("DEPARTMENT_NAME", "Sở Giáo dục và Đào tạo thành phố Cần Thơ"),
        "SYSTEM_NAME": "Nhà trường an toàn, lành mạnh, thân thiện",
        "SUPPORT_CONTACT": env.get("SUPPORT_CONTACT", ""),
        "EVIDENCE_QUOTA_MB": _whole_number(env, "EVIDENCE_QUOTA_MB", DEFAULTS["EVIDENCE_QUOTA_MB"]),
        "PROXIES": _whole_number(env, "PROXIES", DEFAULTS["PROXIES"], least=0),
        "RATELIMIT_STORAGE_URI": env.get("RATELIMIT_STORAGE_URI", DEFAULTS["RATELIMIT_STORAGE_URI"]),
        "DEMO": False,
    }
    return {
        **DEFAULTS,
        **settings,
        **_mail(env),
        **_cookie_settings(parts.scheme == "https"),
        **_hosts(env, parts.hostname),
    }


DEFAULTS: dict[str, Any] = {
    "MAX_CONTENT_LENGTH": 2 * 1024 * 1024,
    "MAX_UPLOAD_LENGTH": 20 * 1024 * 1024,
    "EVIDENCE_QUOTA_MB": 500,
    "MAX_FORM_MEMORY_SIZE": 1024 * 1024,
    "MAX_FORM_PARTS": 2000,
    "WTF_CSRF_TIME_LIMIT": None,
    "BABEL_DEFAULT_LOCALE": "vi",
    "BABEL_DEFAULT_TIMEZONE": "Asia/Ho_Chi_Minh",
    "PROXIES": 0,  # how many proxies of ours stand in front and name the caller's address
    "IDLE_MINUTES": 60,
    "SESSION_HOURS": 12,
    "TEMPLATES_AUTO_RELOAD": False,
    "RATELIMIT_STORAGE_URI": "memory://",
    "SEND_FILE_MAX_AGE_DEFAULT": 31_536_000,
    "MAIL_SERVER": None,  # no e-mail is sent
}
MAIL_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
ADDRESS = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\Z")


def _whole_number(env: Mapping[str, str], name: str, default: int, *, least: int = 1) -> int:
    text = env.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) >= least):
        raise BadSetting(f"{name} phải là số nguyên từ {least} trở lên.")
    return int(text)


def _mail(env: Mapping[str, str]) -> dict[str, Any]:
    """Where e-mail is handed in, from MAIL_URL and MAIL_FROM; without MAIL_URL none is sent.

    A password crosses the network only inside TLS, so the plain scheme takes none but on this machine.
    """
    url, sender = env.get("MAIL_URL", "").strip(), env.get("MAIL_FROM", "").strip()
    if not url:
        return {"MAIL_SERVER": None}
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or MAIL_PORTS.get(parts.scheme)
    except ValueError:
        host, port = None, None
    if not host or not port or parts.path.strip("/") or parts.query or parts.fragment:
        raise BadSetting(
            "MAIL_URL phải là smtp://máy:cổng, smtp+starttls://tên:mật-khẩu@máy:cổng "
            "hoặc smtps://tên:mật-khẩu@máy:cổng."
        )
    if bool(parts.username) != bool(parts.password):
        raise BadSetting("MAIL_URL phải có đủ cả tên đăng nhập và mật khẩu, hoặc không có cả hai.")
    if parts.password and parts.scheme == "smtp" and host not in ("localhost", "127.0.0.1", "::1"):
        raise BadSetting("MAIL_URL có mật khẩu thì phải dùng smtp+starttls:// hoặc smtps:// để được mã hóa.")
    if not ADDRESS.match(sender):
        raise BadSetting(
            "Đã đặt MAIL_URL thì MAIL_FROM phải là một địa chỉ thư, ví dụ thongbao@so.example.vn."
        )
    return {
        "MAIL_SERVER": host,
        "MAIL_PORT": port,
        "MAIL_USE_TLS": parts.scheme == "smtp+starttls",
        "MAIL_USE_SSL": parts.scheme == "smtps",
        "MAIL_USERNAME": unquote(parts.username or "") or None,
        "MAIL_PASSWORD": unquote(parts.password or "") or None,
        "MAIL_FROM": sender,
    }


def _cookie_settings(https: bool) -> dict[str, Any]:
    return {
        "SESSION_COOKIE_NAME": "__Host-session" if https else "session",
        "SESSION_COOKIE_SECURE": https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_PATH": "/",
        "PREFERRED_URL_SCHEME": "https" if https else "http",
    }


def _hosts(env: Mapping[str, str], host: str | None) -> dict[str, Any]:
    extra = [h.strip() for h in env.get("TRUSTED_HOSTS", "").split(",") if h.strip()]
    return {"TRUSTED_HOSTS": [host or "localhost", "127.0.0.1", "localhost", *extra]}


def _secret_key(env: Mapping[str, str], name: str, data: Path) -> str:
    if key := env.get("SECRET_KEY"):
        if len(key) < 32:
            raise BadSetting("SECRET_KEY phải dài ít nhất 32 ký tự.")
        return key
    if name == "production":
        raise BadSetting("Khi ENV=production phải đặt SECRET_KEY (ít nhất 32 ký tự ngẫu nhiên).")
    data.mkdir(parents=True, exist_ok=True)
    file = data / "secret_key"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_hex(32), encoding="ascii")
    return file.read_text(encoding="ascii").strip()


def _database_url(url: str) -> str:
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url[len(prefix) :]
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise BadSetting("DATABASE_URL phải là sqlite:///… hoặc postgresql://…")
    return url
