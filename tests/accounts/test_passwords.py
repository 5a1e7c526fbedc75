"""What may become a password: length and well-known ones decide, nothing else."""

import threading
import time
import unicodedata

import pytest

from survey_app.accounts.passwords import (
    AT_ONCE,
    BadPassword,
    Hashing,
    HoldsLogin,
    TooCommon,
    TooLong,
    TooShort,
    check_new_password,
)
from survey_app.config import load_settings
from survey_app.core.vietnamese import BadText


@pytest.mark.parametrize(
    "password",
    [
        "con mèo nhà cô Ba",
        "correct horse battery staple",
        "a" * 5 + "bcdefgh" + "ijkl",
        "Đường về quê ngoại " * 6,
        "190485736251",
    ],
)
def test_a_long_personal_sentence_is_fine_whatever_its_letters(password: str) -> None:
    check_new_password(password, login="92000F01")


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("mười một kt", TooShort),
        (unicodedata.normalize("NFD", "mười một kt"), TooShort),
        ("x1" * 65, TooLong),
        ("qwertyuiop123", TooCommon),
        ("QwertyUiop123", TooCommon),
        ("Mật khẩu 123456", TooCommon),
        ("Trường học @ 2026", TooCommon),
        ("aaaaaaaaaaaaaa", TooCommon),
        (" " * 14, TooCommon),
        ("ma 92000f01 la", HoldsLogin),
    ],
)
def test_a_weak_one_is_refused_with_its_reason(password: str, why: type[BadPassword]) -> None:
    with pytest.raises(why):
        check_new_password(password, login="92000F01")


@pytest.mark.parametrize("bad", ["\x00", "\x1b", "\u202e"])
def test_control_characters_are_refused(bad: str) -> None:
    with pytest.raises(BadText):
        check_new_password(f"một câu dài {bad} có lỗi", login="x")


def test_the_hash_is_argon2id_with_the_settled_cost() -> None:
    stored = Hashing("k" * 40).hash("con mèo nhà cô Ba")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_password_is_known_again_in_both_unicode_forms() -> None:
    hashing = Hashing("k" * 40, fast=True)
    stored = hashing.hash("con mèo nhà cô Ba")
    assert hashing.verify(stored, unicodedata.normalize("NFD", "con mèo nhà cô Ba"))
    assert not hashing.verify(stored, "con mèo nhà cô Bảy")
    assert not hashing.verify(None, "con mèo nhà cô Ba")
    assert not hashing.verify("not a hash", "con mèo nhà cô Ba")


def test_codes_hash_differently_under_another_secret() -> None:
    assert Hashing("k" * 40, fast=True).digest("A") != Hashing("l" * 40, fast=True).digest("A")


def test_at_most_four_hash_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    hashing, inside, most = Hashing("k" * 40, fast=True), [0], [0]
    lock = threading.Lock()

    class Slow:
        def hash(self, _password: str) -> str:
            with lock:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
            time.sleep(0.03)
            with lock:
                inside[0] -= 1
            return ""

    monkeypatch.setattr(hashing, "_argon2", Slow())
    threads = [threading.Thread(target=hashing.hash, args=("x",)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] == AT_ONCE == 4


def test_no_setting_from_outside_makes_hashing_cheap(tmp_path: object) -> None:
    assert "ARGON2_FAST" not in load_settings({"DATA_DIR": str(tmp_path), "ARGON2_FAST": "1"})
