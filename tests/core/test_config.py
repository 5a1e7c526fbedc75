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
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, env: dict[str, str], named: str) -> None:
    with pytest.raises(BadSetting, match=named):
        load_settings({"DATA_DIR": str(tmp_path), **env})


def test_a_good_production_start(tmp_path: Path) -> None:
    found = load_settings({"DATA_DIR": str(tmp_path), **LIVE, "PROXIES": "1"})
    assert found["PROXIES"] == 1 and found["SESSION_COOKIE_NAME"] == "__Host-session"
