from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.envelope import (
    OVERHEAD_BYTES,
    Kind,
    Place,
    SealBrokenError,
    SealingKey,
    key_id,
)

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parent / "vectors" / "envelope.json").read_text("utf-8")
)
KEY = SealingKey(bytes.fromhex(VECTORS["kid"]), bytes.fromhex(VECTORS["key"]))
PLACE = Place(Kind.FIELD, b"p" * 16, 400, 1, b"r" * 16, 7)


def place_of(vector: dict[str, Any]) -> Place:
    return Place(
        Kind(vector["kind"]),
        bytes.fromhex(VECTORS["place"]["practice"]),
        vector["table"],
        vector["column"],
        bytes.fromhex(VECTORS["place"]["row"]),
        vector["row_version"],
    )


@pytest.mark.parametrize("vector", VECTORS["c2sp_xaes_256_gcm"])
def test_cipher_agrees_with_the_published_vectors(vector: dict[str, str]) -> None:
    key, nonce, plaintext, associated, sealed = (
        bytes.fromhex(vector[name])
        for name in ("key", "nonce", "plaintext", "associated", "sealed")
    )
    cipher = SealingKey(bytes(8), key)
    assert cipher.encrypt(nonce, plaintext, associated) == sealed
    assert cipher.decrypt(nonce, sealed, associated) == plaintext


@pytest.mark.parametrize("vector", VECTORS["seals"])
def test_what_was_sealed_before_still_opens(vector: dict[str, Any]) -> None:
    place = place_of(vector)
    assert place.associated(KEY.kid).hex() == vector["associated"]
    assert KEY.open(place, bytes.fromhex(vector["ciphertext"])).hex() == vector["plaintext"]


def test_chunks_that_were_sealed_before_still_open() -> None:
    place = place_of({"kind": 2, "table": 1301, "column": 8, "row_version": 1})
    first, last = (bytes.fromhex(chunk) for chunk in VECTORS["chunks"])
    assert KEY.open_chunk(place, (0, False), first) == b"one"
    assert KEY.open_chunk(place, (1, True), last) == b"two"


@given(st.binary(max_size=300))
def test_what_is_sealed_opens_again_and_costs_49_bytes(plaintext: bytes) -> None:
    sealed = KEY.seal(PLACE, plaintext)
    assert KEY.open(PLACE, sealed) == plaintext
    assert len(sealed) == len(plaintext) + OVERHEAD_BYTES == len(plaintext) + 49


@pytest.mark.parametrize(
    "elsewhere",
    [
        PLACE._replace(kind=Kind.AUDIT),
        PLACE._replace(practice=b"q" * 16),
        PLACE._replace(table=401),
        PLACE._replace(column=2),
        PLACE._replace(row=b"s" * 16),
        PLACE._replace(row_version=6),
    ],
)
def test_a_value_moved_elsewhere_does_not_open(elsewhere: Place) -> None:
    with pytest.raises(SealBrokenError):
        KEY.open(elsewhere, KEY.seal(PLACE, b"secret"))


def test_no_byte_of_a_sealed_value_can_change() -> None:
    sealed = KEY.seal(PLACE, b"secret")
    for index in range(len(sealed)):
        altered = bytearray(sealed)
        altered[index] ^= 1
        with pytest.raises(SealBrokenError):
            KEY.open(PLACE, bytes(altered))


def test_no_two_places_share_their_bytes() -> None:
    assert len(PLACE.associated(KEY.kid)) == 53
    high, low = PLACE._replace(table=256, column=1), PLACE._replace(table=1, column=256)
    assert high.associated(KEY.kid) != low.associated(KEY.kid)


@pytest.mark.parametrize("chunk", [(0, True), (1, False), (2, False)])
def test_a_chunk_out_of_order_does_not_open(chunk: tuple[int, bool]) -> None:
    sealed = KEY.seal_chunk(PLACE, (0, False), b"first")
    with pytest.raises(SealBrokenError):
        KEY.open_chunk(PLACE, chunk, sealed)


def test_another_suite_is_refused_before_anything_is_opened() -> None:
    sealed = bytearray(KEY.seal(PLACE, b"secret"))
    sealed[0] = 2
    with pytest.raises(SealBrokenError, match="suite"):
        key_id(bytes(sealed))
    with pytest.raises(SealBrokenError, match="short"):
        key_id(bytes(sealed[:48]))
