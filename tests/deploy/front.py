"""The program as deploy/ puts it together: PostgreSQL, two web processes, a worker, nginx with TLS."""

import http.client
import os
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.bench.client import token_in
from tests.browser.demo_site import free_port

ROOT = Path(__file__).parents[2]
NAME, METRICS_TOKEN = "truong.test", "token-of-the-monitoring"


def write_certificate(folder: Path) -> None:
    """A certificate for NAME, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    who, today = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)]), datetime.now(UTC)  # noqa: TID251
    made = x509.CertificateBuilder().subject_name(who).issuer_name(who).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(today - timedelta(days=1))
    made = made.not_valid_after(today + timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
    signed = made.sign(key, hashes.SHA256())
    (folder / "fullchain.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


def write_nginx(folder: Path, *, app: int, http: int, https: int) -> Path:
    """deploy/nginx.conf filled in as the container does, with ports and folders of this test."""
    site = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
    for old, new in {
        "${SERVER_NAME}": NAME,
        "${APP}": f"127.0.0.1:{app}",
        "listen 80": f"listen 127.0.0.1:{http}",
        "listen 443": f"listen 127.0.0.1:{https}",
        "/etc/nginx/tls": str(folder),
        "/var/log/nginx": str(folder),
        "/opt/nha-truong": str(ROOT),
    }.items():
        assert old in site, old
        site = site.replace(old, new)
    (folder / "site.conf").write_text(site, "utf-8")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temp = "\n".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{user}\ndaemon off;\nworker_processes 1;\npid {folder}/nginx.pid;\n"
        f"error_log {folder}/error.log crit;\nevents {{}}\n"
        f"http {{\n{temp}\naccess_log off;\ninclude {folder}/site.conf;\n}}\n"
    )
    return folder / "nginx.conf"


def nginx_program() -> str | None:
    """Where nginx is, if it is."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


def settings(folder: Path, database: str, port: int) -> dict[str, str]:
    """The environment of the program, secrets in files."""
    (folder / "secret").write_text("s" * 40)
    (folder / "database").write_text(database)
    clean = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {
        **clean,
        "ENV": "production",
        "BASE_URL": f"https://{NAME}",
        "PROXIES": "1",
        "PORT": str(port),
        "DATA_DIR": str(folder / "data"),
        "SECRET_KEY_FILE": str(folder / "secret"),
        "DATABASE_URL_FILE": str(folder / "database"),
        "WEB_PROCESSES": "2",
        "METRICS_TOKEN": METRICS_TOKEN,
        "TMPDIR": str(folder),
    }


def start(folder: Path, part: str, env: dict[str, str]) -> "subprocess.Popen[bytes]":
    """One part of the program, its log in <part>.log."""
    with (folder / f"{part}.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "survey_app.serve", part], env=env, cwd=ROOT, stderr=log
        )


@dataclass
class Browser:
    """Asks through nginx as a browser would; keeps its cookies."""

    port: int
    folder: Path
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """One request over TLS and the whole answer."""
        trust = ssl.create_default_context(cafile=str(self.folder / "fullchain.pem"))
        plain = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        plain.connect()
        plain.sock = trust.wrap_socket(plain.sock, server_hostname=NAME)
        sent = {"Host": NAME, "Referer": f"https://{NAME}/", **headers}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        plain.request(method, path, body, sent)
        answer = plain.getresponse()
        content = answer.read()
        plain.close()
        for line in answer.headers.get_all("Set-Cookie") or []:
            self.cookies.update({name: one.value for name, one in SimpleCookie(line).items()})
        return answer, content

    def get(self, path: str, **headers: str) -> tuple[http.client.HTTPResponse, str]:
        """A page."""
        answer, content = self.ask("GET", path, **headers)
        return answer, content.decode()

    def post(self, path: str, fields: dict[str, str], **headers: str) -> tuple[http.client.HTTPResponse, str]:
        """A form, its token taken from the page it stands on."""
        fields = {"csrf_token": token_in(self.get(path)[1]), **fields}
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        answer, content = self.ask("POST", path, urlencode(fields).encode(), **kind, **headers)
        return answer, content.decode()

    def sign_in(self, login: str, password: str, **headers: str) -> http.client.HTTPResponse:
        """Through the real form."""
        return self.post("/account/login", {"login": login, "password": password}, **headers)[0]

    def upload(self, content: bytes) -> tuple[http.client.HTTPResponse, str]:
        """A photograph into the store of evidence."""
        token, edge = token_in(self.get("/evidence/new")[1]), "edge-of-the-parts"
        fields = {"csrf_token": token, "title": "Cổng trường", "no_personal": "y"}
        head = "".join(
            f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        )
        head += f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
        body = head.encode() + content + f"\r\n--{edge}--\r\n".encode()
        kind = {"Content-Type": f"multipart/form-data; boundary={edge}", "Accept": "application/json"}
        answer, said = self.ask("POST", "/evidence/new", body, **kind)
        return answer, said.decode()


@dataclass(frozen=True)
class Front:
    """The running whole: ports of nginx and of the program behind it, and where everything lies."""

    https: int
    http: int
    app: int
    folder: Path

    def browser(self) -> Browser:
        """Somebody new."""
        return Browser(self.https, self.folder)

    def behind(self, path: str, **headers: str) -> tuple[int, str]:
        """Ask the program itself, past nginx."""
        direct = http.client.HTTPConnection("127.0.0.1", self.app, timeout=10)
        direct.request("GET", path, headers=headers)
        answer = direct.getresponse()
        said = answer.read().decode()
        direct.close()
        return answer.status, said


@contextmanager
def front(folder: Path, database: str) -> Iterator[Front]:
    """Prepare the database, then the web processes, a worker and nginx until the block ends."""
    app, plain, secure = free_port(), free_port(), free_port()
    env = settings(folder, database, app)
    if start(folder, "prepare", env).wait(120):
        raise RuntimeError((folder / "prepare.log").read_text()[-2000:])
    write_certificate(folder)
    config = write_nginx(folder, app=app, http=plain, https=secure)
    web, worker = start(folder, "web", env), start(folder, "worker", env)
    proxy = subprocess.Popen([str(nginx_program()), "-c", str(config)], stderr=subprocess.DEVNULL)
    try:
        running = Front(secure, plain, app, folder)
        _wait(running, web)
        yield running
    finally:
        for process in (proxy, web, worker):
            process.terminate()
        for process in (proxy, web, worker):
            process.wait(30)


def _wait(running: Front, web: "subprocess.Popen[bytes]") -> None:
    for _ in range(200):
        if web.poll() is not None:
            break
        try:
            if running.browser().get("/readyz")[0].status == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise RuntimeError((running.folder / "web.log").read_text()[-2000:])
