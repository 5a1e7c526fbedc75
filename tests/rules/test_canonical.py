"""What is frozen and hashed has one written form."""

from fractions import Fraction

import pytest

from survey_app.rules.canonical import canonical_json, plain_fraction, read_fraction, sha256_of


def test_the_order_of_keys_is_irrelevant() -> None:
    assert canonical_json({"b": 1, "a": [1, None, "Đạt"]}) == '{"a":[1,null,"Đạt"],"b":1}'
    assert canonical_json({"a": 1, "b": 2}) == canonical_json({"b": 2, "a": 1})


@pytest.mark.parametrize("value", [0.5, [1, 0.5], {"a": {"b": [0.1]}}, [(2.0,)], float("nan"), 1e300])
def test_a_float_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        canonical_json(value)


def test_fractions_come_back_exactly() -> None:
    for value in (Fraction(200, 3), Fraction(0), None):
        assert read_fraction(plain_fraction(value)) == value


def test_the_digest_is_of_the_utf8_bytes() -> None:
    assert sha256_of("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert sha256_of("Đạt") != sha256_of("Dat")
