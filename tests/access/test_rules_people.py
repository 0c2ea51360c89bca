"""Passwords, codes and waits: pure rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access import rules_codes as codes
from access import rules_throttles as throttles
from access.adapters_passwords import NOBODYS_HASH, hash_password, is_breached, is_password
from access.rules_passwords import check_password, normalise_password

# RFC 6238 appendix B, SHA-1, the last six of its eight digits.
_RFC_SECRET = b"12345678901234567890"


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    step = codes.compute_step(seconds)
    assert codes.compute_code(_RFC_SECRET, step) == code
    assert codes.is_code(f" {code[:3]} {code[3:]} ", _RFC_SECRET, step)
    assert not codes.is_code(code, _RFC_SECRET, step + 1)
    assert not codes.is_code(code, _RFC_SECRET, step - 1)


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "٠٠٥٩٢٤", "abcdef", "\ud800"])
def test_what_is_no_code_is_refused(typed: str) -> None:
    assert not codes.is_code(typed, _RFC_SECRET, codes.compute_step(1234567890))


@pytest.mark.parametrize(
    ("password", "has_second_factor", "code"),
    [
        ("seven77", True, "password-length"),
        ("mvxqt8k8", True, None),
        ("mvxqt8k8", False, "password-length"),
        ("fourteen chars", False, "password-length"),
        ("fifteen chars!!", False, None),
        ("x y" * 25, True, "password-guessable"),
        ("plum" * 16 + "q7", True, None),
        ("z" * 257, True, "password-length"),
        ("only small letters", True, None),
        ("12345678", True, "password-guessable"),
        ("PASSWORD", True, "password-guessable"),
        ("cleanclaim1", True, "password-guessable"),
        ("Ann.Miller7", True, "password-guessable"),
        ("Ann Miller likes fog", True, None),
        ("ñandú-日本-пароль", True, None),
    ],
)
def test_length_and_guessing_decide_and_nothing_else(
    password: str, code: str | None, *, has_second_factor: bool
) -> None:
    findings = check_password(
        password,
        is_breached=is_breached(password) or password == "x y" * 25,
        own_words=("ann", "miller", "cleanclaim"),
        has_second_factor=has_second_factor,
    )
    assert [finding.code for finding in findings] == ([code] if code else [])


def test_password_holds_in_every_way_of_typing_it() -> None:
    composed, decomposed = "gr\u00fcn ist das meer", "gru\u0308n ist das meer"
    hashed = hash_password(normalise_password(composed))
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert is_password(normalise_password(decomposed), hashed)
    assert not is_password(normalise_password(composed.upper()), hashed)
    assert not is_password(normalise_password(composed), "no hash")


@given(st.text(max_size=40))
def test_nobodys_hash_is_no_passwords(password: str) -> None:
    # Its digest is noughts, which no input is known to give; here: none of these.
    assert "$AAAA" in NOBODYS_HASH
    assert normalise_password(normalise_password(password)) == normalise_password(password)


def test_nobodys_hash_refuses() -> None:
    assert not is_password("", NOBODYS_HASH)


def test_long_password_counts_to_its_last_letter() -> None:
    long = "correct battery " * 15
    hashed = hash_password(long)
    assert is_password(long, hashed)
    assert not is_password(long[:-1], hashed)


@given(st.binary(min_size=codes.RECOVERY_CHARACTERS, max_size=codes.RECOVERY_CHARACTERS))
def test_recovery_code_is_read_as_it_was_written(raw: bytes) -> None:
    written = codes.write_recovery_code(raw)
    read = codes.read_recovery_code(written)
    assert read == written.replace("-", "")
    assert codes.read_recovery_code(written.lower().replace("-", " ")) == read
    assert codes.read_recovery_code(written.replace("0", "O").replace("1", "l")) == read
    assert codes.read_recovery_code(written[:-1]) is None


def test_thousand_tries_a_second_make_fifteen_guesses_in_ten_minutes() -> None:
    now, until, tries = 0.0, 0.0, 0
    while now < 600:
        if now >= until:
            tries += 1
            until = now + throttles.compute_delay(throttles.ACCOUNT, tries)
        now += 0.001 if until <= now else until - now
    assert tries <= 30


def test_delays_double_and_the_hundredth_failure_is_the_last() -> None:
    delays = [throttles.compute_delay(throttles.ACCOUNT, tries) for tries in range(1, 101)]
    assert delays[:8] == [0, 0, 0, 0, 1, 2, 4, 8]
    assert delays == sorted(delays)
    assert delays[98] == 24 * 3600
    assert delays[99] > 50 * 365 * 24 * 3600


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2ff:3::4", "2001:db8:1:200::/56"),
        ("nonsense", "unknown"),
        (None, "unknown"),
    ],
)
def test_network_stands_for_the_address(address: str | None, network: str) -> None:
    assert throttles.find_network(address) == network
