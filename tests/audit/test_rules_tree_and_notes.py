from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit import verifier
from audit.rules.notes import NoteError, PublicKey, SigningKey, read_checkpoint
from audit.rules.tree import Frontier, hash_leaf, hash_node
from audit.values import HEADER_BYTES, HeaderError, LeafHeader

KEY = SigningKey("cleanclaim/audit/test", b"s" * 32)
ROOT = bytes(range(32))
NOTE = KEY.sign(9, ROOT)

# The inputs and roots that Certificate Transparency's implementations test with.
INPUTS = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def test_roots_agree_with_published_vectors_in_both_implementations() -> None:
    frontier, tree = Frontier(), verifier.Tree()
    for text, root in zip(INPUTS, ROOTS, strict=True):
        leaf = hash_leaf(bytes.fromhex(text))
        frontier.append(leaf)
        tree.append(leaf)
        assert frontier.root().hex() == tree.root().hex() == root
    assert Frontier().root() == verifier.Tree().root()


def naive_root(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, word by word."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hash_node(naive_root(leaves[:split]), naive_root(leaves[split:]))


@given(st.integers(1, 70))
def test_a_frontier_that_was_stored_and_read_grows_to_the_same_root(size: int) -> None:
    leaves = [hash_leaf(bytes([n])) for n in range(size)]
    frontier = Frontier()
    for leaf in leaves:
        frontier = Frontier.unpack(frontier.size, frontier.pack())
        frontier.append(leaf)
    assert frontier.root() == naive_root(leaves)


@pytest.mark.parametrize(("size", "packed"), [(3, bytes(32)), (1, bytes(33)), (0, bytes(32))])
def test_a_frontier_of_a_wrong_length_is_refused(size: int, packed: bytes) -> None:
    with pytest.raises(ValueError, match=r"subtrees|whole"):
        Frontier.unpack(size, packed)


def test_keys_are_written_as_go_writes_them() -> None:
    """The example keys of Go's `note` package."""
    signer = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
    public = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    assert SigningKey.from_text(signer).public.to_text() == public
    assert PublicKey.from_text(public).to_text() == public
    assert SigningKey.from_text(signer).to_text() == signer
    assert verifier.read_key(public).id.hex() == "c74f20a3"


def test_a_checkpoint_reads_back_in_both_implementations() -> None:
    checkpoint = read_checkpoint(NOTE, KEY.public)
    assert (checkpoint.origin, checkpoint.size, checkpoint.root) == (KEY.public.name, 9, ROOT)
    other = verifier.read_checkpoint(NOTE)
    assert (other.size, other.root) == (9, ROOT)
    assert verifier.check_signature(other, verifier.read_key(KEY.public.to_text())) is None


def loosened() -> list[bytes]:
    """Other spellings of the same checkpoint, and checkpoints that can't be."""
    body, _, line = NOTE.decode().partition("\n\n")
    origin, size, root = body.split("\n")
    dash, name, signature = line.removesuffix("\n").split(" ")
    unpadded = root.removesuffix("=")
    odd_bits = unpadded[:-1] + chr(ord(unpadded[-1]) + 1) + "="
    bodies = [
        f"{origin}\n0{size}\n{root}",
        f"{origin}\n+{size}\n{root}",
        f"{origin}\n{size} \n{root}",
        f"{origin}\n٩\n{root}",
        f"{origin}\n-{size}\n{root}",
        f"{origin}\n{size}\n{unpadded}",
        f"{origin}\n{size}\n{odd_bits}",
        f"{origin}\n{size}\n{root}\nextension",
        f"{origin}\n{size}",
        f"{origin}\r\n{size}\n{root}",
        f"other\n{size}\n{root}",
        f"{origin}\n{size}\n{base64.b64encode(bytes(31)).decode()}",
    ]
    raw = base64.b64decode(signature)
    lines = [
        f"{dash}  {name} {signature}\n",
        f"- {name} {signature}\n",
        f"{dash} other {signature}\n",
        f"{dash} {name} {signature}",
        f"{dash} {name} {signature}\n\n",
        f"{dash} {name} {signature}\n{dash} {name} {signature}\n",
        f"{dash} {name} {signature.replace('A', 'A ', 1)}\n",
        f"{dash} {name} {base64.b64encode(raw[:-1]).decode()}\n",
        f"{dash} {name} {base64.b64encode(raw + b'x').decode()}\n",
        f"{dash} {name} {base64.b64encode(bytes(4) + raw[4:]).decode()}\n",
        f"{dash} {name} {base64.urlsafe_b64encode(raw).decode().replace('=', '')}\n",
    ]
    spelled = [f"{text}\n\n{line}" for text in bodies] + [f"{body}\n\n{text}" for text in lines]
    return [text.encode() for text in spelled] + [
        b"",
        b"\n\n",
        NOTE[:-1],
        NOTE + b"x",
        b"\xff" + NOTE,
    ]


@pytest.mark.parametrize("note", loosened())
def test_a_checkpoint_in_any_other_form_is_refused_by_both(note: bytes) -> None:
    with pytest.raises(NoteError):
        read_checkpoint(note, KEY.public)
    key = verifier.read_key(KEY.public.to_text())
    try:
        fault = verifier.check_signature(verifier.read_checkpoint(note), key)
    except ValueError as error:
        fault = str(error)
    assert fault is not None


def test_no_byte_of_a_checkpoint_can_change() -> None:
    for index in range(len(NOTE)):
        altered = bytearray(NOTE)
        altered[index] ^= 1
        with pytest.raises(NoteError):
            read_checkpoint(bytes(altered), KEY.public)


@pytest.mark.parametrize("text", ["", "a+b", "a+b+c", "a+00000000+AQ==", "x" * 99])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        PublicKey.from_text(text)
    with pytest.raises(NoteError):
        SigningKey.from_text(text)
    with pytest.raises(ValueError, match=r"."):
        verifier.read_key(text)


def test_header_has_134_bytes_and_reads_back() -> None:
    header = LeafHeader(5, 1_789_000_000_000, b"p" * 16, 2, b"k" * 8, b"e" * 16, 300, b"h" * 32)
    packed = header.pack()
    assert len(packed) == HEADER_BYTES == 134
    assert packed.startswith(b"CCA1" + bytes(4))
    assert packed.endswith(bytes(32))
    assert LeafHeader.unpack(packed) == header
    last = header._replace(is_last=True)
    assert LeafHeader.unpack(last.pack()) == last
    assert last.pack() != packed


@pytest.mark.parametrize("index", [0, 3, 4, 7, 102, 133])
def test_a_header_of_another_generation_or_with_a_ratchet_is_refused(index: int) -> None:
    packed = bytearray(LeafHeader(5, 1, b"p" * 16, 2, b"k" * 8, b"e" * 16, 300, b"h" * 32).pack())
    packed[index] ^= 1
    with pytest.raises(HeaderError):
        LeafHeader.unpack(bytes(packed))
