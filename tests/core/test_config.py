"""Settings from the environment: a wrong one stops the start with a sentence that names it."""

from pathlib import Path

import pytest

from survey_app.config import BadSetting, load_settings

LIVE = {"ENV": "production", "SECRET_KEY": "x" * 40, "BASE_URL": "https://truong.example.vn"}


@pytest.mark.parametrize(
    ("env", "named"),
    [
        ({"ENV": "test"}, "ENV"),
        ({"PORT": "abc"}, "PORT"),
        ({"PORT": "70000"}, "PORT"),
        ({"BASE_URL": "truong.example.vn"}, "BASE_URL"),
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL"),
        ({"SECRET_KEY": "ngắn"}, "SECRET_KEY"),
        ({"ENV": "production", "BASE_URL": "https://a.vn", "PROXIES": "1"}, "SECRET_KEY"),
        ({"ENV": "production", "SECRET_KEY": "x" * 40}, "BASE_URL"),
        (LIVE, "PROXIES"),
        ({**LIVE, "PROXIES": "một"}, "PROXIES"),
        ({"MALWARE_SCANNER": "localhost:3310"}, "MALWARE_SCANNER"),
        ({"MALWARE_SCANNER": "tcp://localhost"}, "MALWARE_SCANNER"),
        ({"MALWARE_SCANNER": "tcp://:3310"}, "MALWARE_SCANNER"),
        ({"MALWARE_SCANNER": "tcp://localhost:99999"}, "MALWARE_SCANNER"),
        ({"MALWARE_SCANNER": "unix://run/clamd.ctl"}, "MALWARE_SCANNER"),
        ({"MALWARE_SCANNER_DOWN": "maybe"}, "MALWARE_SCANNER_DOWN"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, env: dict[str, str], named: str) -> None:
    with pytest.raises(BadSetting, match=named):
        load_settings({"DATA_DIR": str(tmp_path), **env})


def test_a_good_production_start(tmp_path: Path) -> None:
    found = load_settings({"DATA_DIR": str(tmp_path), **LIVE, "PROXIES": "1"})
    assert found["PROXIES"] == 1 and found["SESSION_COOKIE_NAME"] == "__Host-session"


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("", ""),
        ("tcp://127.0.0.1:3310", ("127.0.0.1", 3310)),
        ("tcp://[::1]:3310", ("::1", 3310)),
        ("unix:///run/clamav/clamd.ctl", "/run/clamav/clamd.ctl"),
    ],
)
def test_where_a_malware_scanner_listens(tmp_path: Path, said: str, place: object) -> None:
    settings = load_settings({"DATA_DIR": str(tmp_path), "MALWARE_SCANNER": said})
    assert settings["MALWARE_SCANNER"] == place and settings["MALWARE_SCANNER_DOWN"] == "refuse"
