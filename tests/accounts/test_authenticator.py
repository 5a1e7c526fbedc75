"""Codes of an authenticator app: as RFC 6238 has them, one step early and late, each step once."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from survey_app.accounts import authenticator
from survey_app.accounts.authenticator import UsedCode
from survey_app.accounts.passwords import Hashing
from tests.factories.phones import rfc_6238

SECRET = b"12345678901234567890"
NOW = datetime(2027, 5, 12, 7, 5, 32, tzinfo=UTC)
STEP = int(NOW.timestamp()) // 30


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "94287082"), (1111111109, "07081804"), (1111111111, "14050471"), (20000000000, "65353130")],
)
def test_the_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    """Appendix B of RFC 6238, whose codes have eight digits; ours are the last six."""
    at = datetime.fromtimestamp(seconds, UTC)
    assert rfc_6238(SECRET, seconds // 30, digits=8) == code
    assert authenticator.counter_of(SECRET, code[2:], now=at) == seconds // 30


@pytest.mark.parametrize(("steps", "fits"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_wrong_by_one_step(steps: int, fits: bool) -> None:
    found = authenticator.counter_of(SECRET, rfc_6238(SECRET, STEP + steps), now=NOW)
    assert found == (STEP + steps if fits else None)


def test_no_code_of_a_step_already_taken_or_before_it_fits() -> None:
    with pytest.raises(UsedCode):
        authenticator.counter_of(SECRET, rfc_6238(SECRET, STEP), now=NOW, after=STEP)
    assert authenticator.counter_of(SECRET, rfc_6238(SECRET, STEP - 1), now=NOW, after=STEP) is None
    assert authenticator.counter_of(SECRET, rfc_6238(SECRET, STEP + 1), now=NOW, after=STEP) == STEP + 1


def test_a_clock_that_was_set_back_takes_nothing_twice() -> None:
    back = NOW - timedelta(hours=1)
    code = rfc_6238(SECRET, int(back.timestamp()) // 30)
    assert authenticator.counter_of(SECRET, code, now=back, after=STEP) is None


@pytest.mark.parametrize(
    "typed", ["", "12345", "1234567", "12345a", "１２３４５６", "١٢٣٤٥٦", "12345\x00", "-12345"]
)
def test_what_is_not_six_digits_is_no_code(typed: str) -> None:
    assert authenticator.counter_of(SECRET, typed, now=NOW) is None


def test_secrets_are_long_and_differ() -> None:
    drawn = {authenticator.draw() for _ in range(50)}
    assert len(drawn) == 50 and {len(secret) for secret in drawn} == {20}


def test_the_secret_can_be_typed_by_hand() -> None:
    assert authenticator.in_words(SECRET) == "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"


def test_the_address_tells_the_app_who_and_what() -> None:
    text = authenticator.address(SECRET, login="lan.nguyen", issuer="Nhà trường an toàn: thử")
    parts, query = urlsplit(text), parse_qs(urlsplit(text).query)
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert unquote(parts.path) == "/Nhà trường an toàn  thử:lan.nguyen"
    assert query == {"secret": ["GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"], "issuer": ["Nhà trường an toàn  thử"]}


def test_a_sealed_secret_opens_for_its_owner_under_its_key_and_unchanged_only() -> None:
    hashing, other = Hashing("k" * 40, fast=True), Hashing("l" * 40, fast=True)
    sealed = hashing.seal(SECRET, "owner")
    assert hashing.unseal(sealed, "owner") == SECRET and len(sealed) <= 160
    assert hashing.seal(SECRET, "owner") != sealed
    assert hashing.unseal(sealed, "somebody else") is None and other.unseal(sealed, "owner") is None
    for place in range(0, len(sealed), 7):
        changed = sealed[:place] + ("A" if sealed[place] != "A" else "B") + sealed[place + 1 :]
        assert hashing.unseal(changed, "owner") is None
    for rubbish in ("", "x", "ắ", "AAAA", sealed[:20]):
        assert hashing.unseal(rubbish, "owner") is None
