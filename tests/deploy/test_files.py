"""The files of deploy/ say what the program really is; the tools that read them find nothing wrong."""

import re
import shutil
import subprocess
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from survey_app.config import DEFAULTS, load_settings
from survey_app.core.edge import FORM_AROUND_A_FILE
from survey_app.serve import PARTS

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
STEPS = re.sub(r"\\\n", " ", (DEPLOY / "Containerfile").read_text("utf-8")).splitlines()
NGINX = (DEPLOY / "nginx.conf").read_text("utf-8")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load(DEPLOY / "compose.yaml")
    return found


def tool(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def known_settings() -> set[str]:
    """Every name the program reads from its environment, as itself or as a file."""
    places = ("config", "serve", "prepare", "jobs/cli", "core/measures")
    text = "\n".join((ROOT / f"survey_app/{place}.py").read_text("utf-8") for place in places)
    names = set(re.findall(r'"([A-Z][A-Z_]{2,})"', text))
    return names | {f"{name}_FILE" for name in names}


def steps(word: str) -> list[str]:
    return [line.removeprefix(word).strip() for line in STEPS if line.startswith(f"{word} ")]


def test_whatever_the_image_copies_is_there_and_let_through() -> None:
    ignored = (DEPLOY / "Containerfile.dockerignore").read_text("utf-8").splitlines()
    allowed = [line[1:] for line in ignored if line.startswith("!")]
    assert ignored[0] == "*"
    for line in steps("COPY"):
        if not line.startswith("--from"):
            for source in line.split()[:-1]:
                assert (ROOT / source).exists(), source
                assert any(fnmatch(source, a) or source.startswith(f"{a}/") for a in allowed), source


def test_the_image_installs_as_make_does() -> None:
    makefile = re.sub(r"\\\n", " ", (ROOT / "Makefile").read_text("utf-8"))
    (install,) = re.findall(r"^INSTALL = \S+ (-m pip install .*)$", makefile, re.MULTILINE)
    (run,) = [line for line in steps("RUN") if "pip install" in line]
    assert install.split() == run[run.index("-m pip") : run.index(" -r ")].split()
    (pango,) = re.findall(r"^PANGO := (.*)$", makefile, re.MULTILINE)
    assert pango in " ".join(steps("RUN"))


def test_the_image_runs_as_nobody_with_the_right_settings() -> None:
    assert steps("USER") == ["nha-truong"] and "--uid 10001" in " ".join(steps("RUN"))
    assert steps("ENTRYPOINT") == ['["python", "-m", "survey_app.serve"]'] and steps("CMD") == ['["web"]']
    named = set(re.findall(r"\b([A-Z][A-Z_]+)=", " ".join(steps("ENV"))))
    theirs = {"PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "XDG_CACHE_HOME"}
    assert named - theirs <= known_settings()


def test_compose_runs_each_part_once_and_prepares_first(compose: dict[str, Any]) -> None:
    parts = {name: s["command"] for name, s in compose["services"].items() if s.get("image") == "nha-truong"}
    assert parts == {part: [part] for part in PARTS}
    for part in ("web", "worker"):
        assert compose["services"][part]["depends_on"] == {
            "prepare": {"condition": "service_completed_successfully"}
        }


def test_compose_names_only_what_it_declares_and_the_program_reads(compose: dict[str, Any]) -> None:
    services = compose["services"]
    used = {secret for one in services.values() for secret in one.get("secrets", [])}
    assert used == set(compose["secrets"])
    networks = {name for one in services.values() for name in one["networks"]}
    assert networks == set(compose["networks"])
    volumes = {v.partition(":")[0] for one in services.values() for v in one["volumes"]}
    assert {name for name in volumes if not name.startswith(".")} == set(compose["volumes"])
    assert all(name in services for one in services.values() for name in one.get("depends_on", {}))
    for part in PARTS:
        assert set(services[part]["environment"]) <= known_settings()
        assert {f"/run/secrets/{name}" for name in services[part]["secrets"]} == {
            value for name, value in services[part]["environment"].items() if name.endswith("_FILE")
        }


def test_only_the_proxy_is_reached_from_outside(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert [name for name, one in services.items() if "ports" in one] == ["proxy"]
    assert compose["networks"]["inside"]["internal"] is True
    assert [name for name, one in services.items() if "outside" in one["networks"]] == ["proxy"]
    for name, one in services.items():
        if name != "database":  # PostgreSQL's image changes its user itself
            assert one["read_only"] and one["cap_drop"] == ["ALL"], name
            assert one["security_opt"] == ["no-new-privileges:true"], name


def test_the_proxy_takes_what_the_program_takes_and_believes_no_header() -> None:
    (most,) = re.findall(r"client_max_body_size (\d+)m;", NGINX)
    taken = DEFAULTS["MAX_UPLOAD_LENGTH"] + FORM_AROUND_A_FILE
    assert taken < int(most) * 1024**2 <= taken + 1024**2
    assert "proxy_cache" not in re.sub(r"#.*", "", NGINX) and "proxy_add_x_forwarded_for" not in NGINX
    sent = dict(re.findall(r"proxy_set_header (\S+) (\S+);", NGINX))
    assert sent.pop("Host") == "$host" and sent.pop("Connection") == "close"
    assert (sent.pop("X-Forwarded-For"), sent.pop("X-Forwarded-Proto")) == ("$remote_addr", "$scheme")
    assert set(sent.values()) == {'""'} and len(sent) == 5


def test_the_log_of_the_proxy_holds_no_address_of_a_page() -> None:
    (form,) = re.findall(r"log_format nha_truong(.*?);", NGINX, re.DOTALL)
    assert not re.search(r"\$(request|request_uri|uri|args|http_\w+|query_string)\b", form)
    assert "error.log crit;" in NGINX


def unit_check(folder: Path, unit: Path, text: str) -> str:
    """What systemd says of a unit, with the program where it lies here."""
    text = text.replace("/opt/nha-truong", str(folder / "program"))
    python = folder / "program/.venv/bin/python"
    python.parent.mkdir(parents=True, exist_ok=True)
    python.touch(mode=0o755)
    name = unit.name.replace("@.", "@1.")
    (folder / name).write_text(text, encoding="utf-8")
    for other in UNITS:  # a unit names another
        place = folder / other.name.replace("@.", "@1.")
        if not place.exists():
            place.write_text(other.read_text("utf-8").replace("/opt/nha-truong", str(folder / "program")))
    command = [tool("systemd-analyze"), "verify", "--man=no", f"./{name}"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_finds_nothing_wrong_with_a_unit(unit: Path, tmp_path: Path) -> None:
    text = unit.read_text("utf-8")
    assert unit_check(tmp_path, unit, text) == ""
    assert "NoNewPrivilege" in unit_check(tmp_path, unit, text.replace("NoNewPrivileges", "NoNewPrivilege"))


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_is_shut_in(unit: Path, tmp_path: Path) -> None:
    (tmp_path / unit.name.replace("@.", "@1.")).write_text(unit.read_text("utf-8"))
    command = [tool("systemd-analyze"), "security", "--offline=true", "--threshold=20", f"./{unit.name}"]
    command[-1] = command[-1].replace("@.", "@1.")
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-500:]


def test_the_units_start_each_part_of_the_program() -> None:
    commands = [re.findall(r"^ExecStart=(.*)$", unit.read_text("utf-8"), re.MULTILINE) for unit in UNITS]
    base = "/opt/nha-truong/.venv/bin/python -m survey_app.serve"
    assert sorted(commands) == [[f"{base} {part}"] for part in sorted(PARTS)]
    for unit in UNITS:
        said = " ".join(re.findall(r"^Environment=(.*)$", unit.read_text("utf-8"), re.MULTILINE))
        named = re.findall(r"([A-Z][A-Z_]+)=", said)
        assert set(named) - {"XDG_CACHE_HOME", "PYTHONDONTWRITEBYTECODE"} <= known_settings()


def test_the_page_on_growing_names_every_setting_of_the_example() -> None:
    page = (ROOT / "docs" / "from-one-laptop-to-a-country.md").read_text("utf-8")
    table = page[page.index("## Settings") :]
    first = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
    named = set(re.findall(r"`([A-Z_]+)`", " ".join(first)))
    assert named and named <= known_settings()
    example = (DEPLOY / "env.example").read_text("utf-8")
    known = set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE)) - {"DEPARTMENT_NAME", "SUPPORT_CONTACT"}
    assert known <= named, known - named


def test_the_example_of_the_environment_is_understood() -> None:
    lines = (DEPLOY / "env.example").read_text("utf-8").splitlines()
    pairs = [line.lstrip("#").partition("=") for line in lines if re.match(r"#?[A-Z_]+=", line)]
    env = {name: value.strip('"') for name, _, value in pairs}
    assert set(env) <= known_settings()
    settings = load_settings({**env, "SECRET_KEY": "x" * 40})
    assert settings["PROXIES"] == 1 and settings["LOG_FORMAT"] == "json" and settings["WEB_PROCESSES"] == 2
    assert settings["SESSION_COOKIE_NAME"] == "__Host-session"
