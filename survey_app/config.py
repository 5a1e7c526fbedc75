"""Settings from the environment; the program refuses to start when one is wrong."""

import os
import re
import secrets
from collections.abc import Mapping
from importlib.util import find_spec
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
    env = _with_files(os.environ if environ is None else environ)
    name = env.get("ENV", "development")
    if name not in ("development", "production"):
        raise BadSetting("ENV phải là development hoặc production.")
    data, port = Path(env.get("DATA_DIR", "instance")).resolve(), _port(env)
    base_url = _base_url(env, name, data)
    parts = urlsplit(base_url)
    settings = {
        "ENV": name,
        "DATA_DIR": data,
        "BASE_URL": base_url,
        "PORT": port,
        "SECRET_KEY": _secret_key(env, name, data),
        "SQLALCHEMY_DATABASE_URI": database_url(env.get("DATABASE_URL", f"sqlite:///{data / 'app.db'}")),
        "DEPARTMENT_NAME": env.get("DEPARTMENT_NAME", "Sở Giáo dục và Đào tạo thành phố Cần Thơ"),
        "SYSTEM_NAME": "Nhà trường an toàn, lành mạnh, thân thiện",
        "SUPPORT_CONTACT": env.get("SUPPORT_CONTACT", ""),
        "SECOND_FACTOR": _second_factor(env, name),
        "RATELIMIT_STORAGE_URI": _counting_place(env),
        "DEMO": False,
    }
    return {
        **DEFAULTS,
        **settings,
        **_numbers(env),
        **_watching(env),
        **_backup(env),
        **_mail(env),
        **_scanner(env),
        **_cookie_settings(parts.scheme == "https"),
        **_hosts(env, parts.hostname),
    }


def _base_url(env: Mapping[str, str], name: str, data: Path) -> str:
    url = (env.get("BASE_URL") or _local_address(env, data)).rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise BadSetting("BASE_URL phải là địa chỉ đầy đủ, ví dụ https://truonghoc.example.vn.")
    if name == "production" and not env.get("BASE_URL"):
        raise BadSetting("Khi ENV=production phải đặt BASE_URL.")
    if name == "production" and parts.scheme == "https" and "PROXIES" not in env:
        # Our server speaks plain HTTP: with https something stands in front and would be everybody's address.
        raise BadSetting(
            "Khi BASE_URL là https phải đặt PROXIES: số máy chủ trung gian đứng trước, thường là 1."
        )
    return url


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
    "WEB_PROCESSES": 1,
    "IDLE_MINUTES": 60,
    "SESSION_HOURS": 12,
    "SECOND_FACTOR": "optional",  # "required": leaders and the department sign in with a code too
    "TEMPLATES_AUTO_RELOAD": False,
    "RATELIMIT_STORAGE_URI": "memory://",
    "SEND_FILE_MAX_AGE_DEFAULT": 31_536_000,
    "LOG_FORMAT": "plain",
    "LOG_LEVEL": "warning",
    "METRICS_TOKEN": "",
    "SENTRY_DSN": "",
    "BACKUP_DIR": None,  # a folder: back up into it every night, encrypted with BACKUP_KEY
    "BACKUP_KEY": "",
    "BACKUP_KEEP": 14,
    "MAIL_SERVER": None,  # no e-mail is sent
    "MALWARE_SCANNER": "",  # nobody looks; else where a clamd listens: (host, port) or the path of a socket
    "MALWARE_SCANNER_DOWN": "refuse",  # "accept": files are taken although the scanner does not answer
}
MAIL_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
MAILBOX = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\Z")
LEAST_BACKUP_KEY = 20
# These may lie in a file instead, named by <NAME>_FILE: so containers and systemd hand secrets over.
SECRETS = ("SECRET_KEY", "DATABASE_URL", "METRICS_TOKEN", "SENTRY_DSN", "BACKUP_KEY", "MAIL_URL")


def _with_files(env: Mapping[str, str]) -> dict[str, str]:
    """The environment, with the secrets read that lie in files."""
    found = dict(env)
    for name in SECRETS:
        if (file := env.get(f"{name}_FILE")) and not env.get(name):
            try:
                found[name] = Path(file).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise BadSetting(f"Không đọc được tệp {file} của {name}_FILE.") from error
    return found


def log_settings(env: Mapping[str, str]) -> dict[str, str]:
    """LOG_FORMAT (json | plain) and LOG_LEVEL (info | warning | error): the web server needs them first.

    In production each request and job is one JSON line; in development a person watches the terminal, so
    only what went wrong is written, in plain words. Raises `BadSetting`.
    """
    serious = env.get("ENV") == "production"
    form = env.get("LOG_FORMAT", "json" if serious else DEFAULTS["LOG_FORMAT"])
    level = env.get("LOG_LEVEL", "info" if serious else DEFAULTS["LOG_LEVEL"])
    if form not in ("json", "plain"):
        raise BadSetting("LOG_FORMAT phải là json hoặc plain.")
    if level not in ("info", "warning", "error"):
        raise BadSetting("LOG_LEVEL phải là info, warning hoặc error.")
    return {"LOG_FORMAT": form, "LOG_LEVEL": level}


def _watching(env: Mapping[str, str]) -> dict[str, str]:
    token, dsn = env.get("METRICS_TOKEN", ""), env.get("SENTRY_DSN", "")
    if token and (len(token) < 20 or not token.isascii() or not token.isprintable()):
        raise BadSetting("METRICS_TOKEN phải gồm ít nhất 20 ký tự ASCII.")
    if dsn and not (urlsplit(dsn).scheme in ("http", "https") and urlsplit(dsn).username):
        raise BadSetting("SENTRY_DSN phải là địa chỉ do Sentry cấp, ví dụ https://khoa@sentry.example.vn/1.")
    return {**log_settings(env), "METRICS_TOKEN": token, "SENTRY_DSN": dsn}


ADDRESS = "address"  # file of the data folder: where `make run` served last


def _local_address(env: Mapping[str, str], data: Path) -> str:
    """Where the site answers when nobody names it: a command in another window prints links that work."""
    if port := env.get("PORT"):
        return f"http://127.0.0.1:{port}"
    file = data / ADDRESS
    return (file.read_text(encoding="ascii").strip() if file.exists() else "") or "http://127.0.0.1:8000"


def _whole_number(env: Mapping[str, str], name: str, default: int, *, least: int = 1) -> int:
    text = env.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) >= least):
        raise BadSetting(f"{name} phải là số nguyên từ {least} trở lên.")
    return int(text)


def _numbers(env: Mapping[str, str]) -> dict[str, int]:
    least = {"EVIDENCE_QUOTA_MB": 1, "PROXIES": 0, "WEB_PROCESSES": 1}
    return {name: _whole_number(env, name, DEFAULTS[name], least=low) for name, low in least.items()}


def _port(env: Mapping[str, str]) -> int:
    number = _whole_number(env, "PORT", 8000)
    if number > 65535:
        raise BadSetting("PORT phải từ 1 đến 65535.")
    return number


def _second_factor(env: Mapping[str, str], name: str) -> str:
    wanted = env.get("SECOND_FACTOR") or ("required" if name == "production" else "optional")
    if wanted not in ("required", "optional"):
        raise BadSetting("SECOND_FACTOR phải là required (bắt buộc) hoặc optional (tùy chọn).")
    return wanted


def _counting_place(env: Mapping[str, str]) -> str:
    uri = env.get("RATELIMIT_STORAGE_URI", str(DEFAULTS["RATELIMIT_STORAGE_URI"]))
    if uri.startswith("redis") and find_spec("redis") is None:
        raise BadSetting("RATELIMIT_STORAGE_URI dùng Redis thì phải cài thêm gói redis của Python.")
    return uri


def _backup(env: Mapping[str, str]) -> dict[str, Any]:
    folder, key = env.get("BACKUP_DIR"), env.get("BACKUP_KEY", "")
    if key and len(key) < LEAST_BACKUP_KEY:
        raise BadSetting(f"BACKUP_KEY phải dài ít nhất {LEAST_BACKUP_KEY} ký tự.")
    if folder and not key:
        raise BadSetting("Khi đặt BACKUP_DIR phải đặt BACKUP_KEY: bản sao lưu hằng đêm luôn được mã hóa.")
    return {
        "BACKUP_DIR": Path(folder).resolve() if folder else None,
        "BACKUP_KEY": key,
        "BACKUP_KEEP": _whole_number(env, "BACKUP_KEEP", DEFAULTS["BACKUP_KEEP"]),
    }


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
    if not MAILBOX.match(sender):
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


def _scanner(env: Mapping[str, str]) -> dict[str, Any]:
    """Who looks for malware in uploads, from MALWARE_SCANNER; without it nobody does."""
    url, down = env.get("MALWARE_SCANNER", "").strip(), env.get("MALWARE_SCANNER_DOWN") or "refuse"
    if down not in ("refuse", "accept"):
        raise BadSetting("MALWARE_SCANNER_DOWN phải là refuse (không nhận tệp) hoặc accept (vẫn nhận tệp).")
    try:
        parts = urlsplit(url)
        place = (parts.hostname, parts.port) if parts.scheme == "tcp" else parts.path
        known = parts.scheme in ("tcp", "unix") and (parts.scheme == "tcp" or not parts.netloc)
    except ValueError:
        known, place = False, ""
    if url and not (known and place and all(place)):
        raise BadSetting("MALWARE_SCANNER phải là tcp://máy:cổng hoặc unix:///đường/dẫn/clamd.ctl.")
    return {"MALWARE_SCANNER": place if url else "", "MALWARE_SCANNER_DOWN": down}


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


def database_url(url: str) -> str:
    """The address as SQLAlchemy wants it; raises `BadSetting` for any other kind of database."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url[len(prefix) :]
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise BadSetting("DATABASE_URL phải là sqlite:///… hoặc postgresql://…")
    return url
