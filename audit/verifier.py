"""Verify an audit bundle, standing alone: this one file, Python 3.11 and `cryptography`.

    python verifier.py BUNDLE [--key PUBLIC-KEY-FILE] [--checkpoint FILE]

It imports nothing of Cleanclaim and shares no code with what wrote the bundle, so that an auditor
can read it whole and run it anywhere. Exit 0: everything holds. 1: something does not. 2: a file
can't be read.

The bundle, all numbers big-endian:

    8   magic
    16  practice (UUID) whose payloads are inside
    8   count of entries in the log
    2+n public key, C2SP verifier key
    4+n newest checkpoint, C2SP signed note
    count times: 134 header, 32 leaf hash
    the payloads (ciphertext) of this practice's entries, in order, each as long as its header says
    32  SHA-256 of all before

A header: "CCA1", generation u32, seq u64, UTC ms u64, practice pseudonym 16, class u16, key id 8,
entry id 16, payload length u32, payload SHA-256 32, ratchet MAC 32 (zero until there is a ratchet).
The highest bit of the class is set where a checkpoint was signed right after the entry.

Source:
    RFC 6962 section 2.1 (tree); C2SP signed-note, tlog-checkpoint.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import struct
import sys
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

MAGIC: Final = b"CCAUDIT\x01"
HEADER: Final = struct.Struct(">4sIQQ16sH8s16sI32s32s")
HASH_BYTES: Final = 32
SUITE: Final = 1
CIPHERTEXT_BYTES_MIN: Final = 49
TEXT_BYTES_MAX: Final = 4096
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
CLASSES: Final = {1: "read", 2: "write", 3: "refused", 4: "failed"}
LAST: Final = 0x8000
_READ_AT_ONCE: Final = 1 << 16


class NotHoldingError(Exception):
    """Something does not hold and nothing after it can be judged."""


class Key(NamedTuple):
    """A verifier key: the log's name and its Ed25519 public key."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """Return the four bytes by which a signature line names its key."""
        return hashlib.sha256(self.name.encode() + b"\n\x01" + self.public).digest()[:4]


class Checkpoint(NamedTuple):
    """A checkpoint: so many entries of the log of that name have this root."""

    origin: str
    size: int
    root: bytes
    key_id: bytes
    signature: bytes

    @property
    def text(self) -> bytes:
        """Return the signed text."""
        root = base64.b64encode(self.root).decode()
        return f"{self.origin}\n{self.size}\n{root}\n".encode()


class Entry(NamedTuple):
    """One leaf's header."""

    magic: bytes
    generation: int
    seq: int
    utc_ms: int
    pseudonym: bytes
    event_class: int
    kid: bytes
    entry_id: bytes
    payload_bytes: int
    payload_hash: bytes
    ratchet: bytes


@dataclass(slots=True)
class Report:
    """What was found: problems by entry, problems of no one entry, and what a reader wants."""

    practice: uuid.UUID | None = None
    origin: str = ""
    size: int = 0
    own: int = 0
    first_ms: int = 0
    last_ms: int = 0
    entries: dict[int, str] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Say whether nothing is wrong."""
        return not self.entries and not self.others

    def blame(self, seq: int, what: str) -> None:
        """Note what is wrong with an entry; its first fault counts."""
        self.entries.setdefault(seq, what)


class Tree:
    """The root of a growing log, kept as the roots of its whole subtrees."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Add a leaf's hash."""
        merges = self.size
        while merges & 1:
            leaf = hashlib.sha256(b"\x01" + self._peaks.pop() + leaf).digest()
            merges >>= 1
        self._peaks.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """Return the root over what was added."""
        if not self._peaks:
            return hashlib.sha256(b"").digest()
        root = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            root = hashlib.sha256(b"\x01" + peak + root).digest()
        return root


class Source:
    """The bundle's bytes, read once in order, with their running digest."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._digest = hashlib.sha256()

    def take(self, count: int, what: str) -> bytes:
        """Return the next bytes.

        Raises:
            NotHoldingError: The file ends before them.
        """
        taken = self._stream.read(count)
        if len(taken) != count:
            raise NotHoldingError(f"the file ends inside {what}: it was cut short")
        self._digest.update(taken)
        return taken

    def hash_of(self, count: int, what: str) -> tuple[bytes, bytes]:
        """Return the SHA-256 of the next bytes and their first nine."""
        digest = hashlib.sha256()
        head = b""
        left = count
        while left:
            piece = self.take(min(left, _READ_AT_ONCE), what)
            digest.update(piece)
            head = head or piece[:9]
            left -= len(piece)
        return digest.digest(), head

    def check_end(self, report: Report) -> None:
        """Compare the digest at the end and see that nothing follows."""
        computed = self._digest.digest()
        if self._stream.read(HASH_BYTES) != computed:
            report.others.append("the digest at the file's end is not that of its bytes")
        if self._stream.read(1):
            report.others.append("bytes follow the file's end")


def read_key(text: str) -> Key:
    """Read a verifier key `name+hash+base64`.

    Raises:
        ValueError: It isn't one, or isn't written the one way that is allowed.
    """
    name, _, rest = text.removesuffix("\n").partition("+")
    key_id, _, encoded = rest.partition("+")
    raw = base64.b64decode(encoded, validate=True)
    if len(raw) != 33 or raw[0] != 1:
        raise ValueError("not an Ed25519 verifier key")
    key = Key(name, raw[1:])
    written = f"{name}+{key.id.hex()}+{base64.b64encode(raw).decode()}"
    if not name or written != text.removesuffix("\n") or key_id != key.id.hex():
        raise ValueError("not a verifier key in its one right form")
    return key


def read_checkpoint(note: bytes) -> Checkpoint:
    """Read a checkpoint that is signed once.

    Raises:
        ValueError: It isn't written the one way that is allowed.
    """
    body, found, signature_line = note.decode().partition("\n\n")
    origin, size, root = body.split("\n")
    dash, name, encoded = signature_line.removesuffix("\n").split(" ")
    signed = base64.b64decode(encoded, validate=True)
    checkpoint = Checkpoint(
        origin, int(size), base64.b64decode(root, validate=True), signed[:4], signed[4:]
    )
    again = checkpoint.text + f"\n— {name} {base64.b64encode(signed).decode()}\n".encode()
    if again != note or not found or dash != "—" or name != origin:
        raise ValueError("not a checkpoint in its one right form")
    if checkpoint.size < 0 or len(checkpoint.root) != HASH_BYTES or len(checkpoint.signature) != 64:
        raise ValueError("root or signature has a wrong length")
    return checkpoint


def check_signature(checkpoint: Checkpoint, key: Key) -> str | None:
    """Return what is wrong with a checkpoint's origin, key or signature, or None."""
    if checkpoint.origin != key.name:
        return "is of another log than the key"
    if checkpoint.key_id != key.id:
        return "is signed with another key"
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(checkpoint.signature, checkpoint.text)
    except InvalidSignature:
        return "bears a signature that is not the key's"
    return None


def check_entry(entry: Entry, seq: int) -> str | None:
    """Return what is wrong with a header by itself, or None."""
    if entry.seq != seq:
        return f"number {entry.seq} stands here: entries were deleted, inserted or moved"
    if entry.magic != b"CCA1" or entry.generation != 0 or entry.ratchet != bytes(32):
        return "its header has a field that can't be"
    if entry.event_class & ~LAST not in CLASSES or entry.payload_bytes < CIPHERTEXT_BYTES_MIN:
        return "its header has a field that can't be"
    return None


class _Bundle:
    """One pass over a bundle."""

    def __init__(self, source: Source, key: Key | None, older: Checkpoint | None) -> None:
        self.source = source
        self.report = Report()
        self._key = key
        self._older = older
        self._older_root: bytes | None = None
        self._checkpoint: Checkpoint | None = None
        self._own: list[Entry] = []
        self._is_listed_root_right = False
        self._root = b""

    def read(self) -> None:
        self._read_front()
        self._read_leaves()
        self._read_payloads()
        self.source.check_end(self.report)
        self._compare_roots()

    def _read_front(self) -> None:
        report, source = self.report, self.source
        if source.take(len(MAGIC), "its first line") != MAGIC:
            raise NotHoldingError("this is no audit bundle, or its first bytes were altered")
        report.practice = uuid.UUID(bytes=source.take(16, "the practice"))
        (report.size,) = struct.unpack(">Q", source.take(8, "the count"))
        own_key = self._take_key()
        self._checkpoint = self._take_checkpoint()
        report.origin = self._checkpoint.origin
        if fault := check_signature(self._checkpoint, own_key):
            report.others.append(f"the checkpoint {fault}")
        if self._key is None:
            report.remarks.append("key not compared")
        elif self._key != own_key:
            report.others.append("the bundle is signed with another key than the one given")
        if self._checkpoint.size != report.size:
            report.others.append(
                f"the checkpoint names {self._checkpoint.size} entries, the bundle {report.size}"
            )
        self._check_older(self._key or own_key)

    def _take_key(self) -> Key:
        (length,) = struct.unpack(">H", self.source.take(2, "the key"))
        try:
            return read_key(self.source.take(min(length, TEXT_BYTES_MAX), "the key").decode())
        except ValueError:
            raise NotHoldingError("the public key inside can't be read: it was altered") from None

    def _take_checkpoint(self) -> Checkpoint:
        (length,) = struct.unpack(">I", self.source.take(4, "the checkpoint"))
        note = self.source.take(min(length, TEXT_BYTES_MAX), "the checkpoint")
        try:
            return read_checkpoint(note)
        except ValueError:
            raise NotHoldingError("the checkpoint can't be read: it was altered") from None

    def _check_older(self, key: Key) -> None:
        older = self._older
        if older is None:
            return
        if fault := check_signature(older, key):
            self.report.others.append(f"the older checkpoint {fault}")
        elif older.size > self.report.size:
            self.report.others.append(
                f"the log was rolled back: the older checkpoint names {older.size} entries, "
                f"the bundle {self.report.size}"
            )

    def _read_leaves(self) -> None:
        report = self.report
        pseudonym = _pseudonym(report.practice)
        computed, listed = Tree(), Tree()
        for seq in range(report.size):
            self._note_older(computed)
            leaf = self.source.take(HEADER.size, f"entry {seq}")
            leaf_hash = self.source.take(HASH_BYTES, f"entry {seq}")
            entry = Entry._make(HEADER.unpack(leaf))
            right = hashlib.sha256(b"\x00" + leaf).digest()
            if fault := check_entry(entry, seq):
                report.blame(seq, fault)
            elif right != leaf_hash:
                report.blame(seq, "its header is not the one that was hashed")
            computed.append(right)
            listed.append(leaf_hash)
            report.first_ms = report.first_ms or entry.utc_ms
            report.last_ms = entry.utc_ms
            if entry.pseudonym == pseudonym:
                self._own.append(entry)
        self._note_older(computed)
        self._root = computed.root()
        if self._checkpoint is not None:
            self._is_listed_root_right = listed.root() == self._checkpoint.root

    def _note_older(self, tree: Tree) -> None:
        if self._older is not None and tree.size == self._older.size:
            self._older_root = tree.root()

    def _read_payloads(self) -> None:
        report = self.report
        for entry in self._own:
            found, head = self.source.hash_of(entry.payload_bytes, f"entry {entry.seq}'s payload")
            if found != entry.payload_hash:
                report.blame(entry.seq, "its payload is not the one that was recorded")
            elif head != bytes((SUITE,)) + entry.kid:
                report.blame(entry.seq, "its payload names another key than its header")
        report.own = len(self._own)

    def _compare_roots(self) -> None:
        report, checkpoint, older = self.report, self._checkpoint, self._older
        is_prefix = older is not None and self._older_root == older.root
        if older is not None and self._older_root is not None:
            if is_prefix:
                report.remarks.append(f"the older checkpoint ({older.size} entries) is a prefix")
            else:
                report.others.append(
                    f"the older checkpoint ({older.size} entries) is not a prefix: history changed"
                )
        if checkpoint is None or self._root == checkpoint.root:
            return
        if report.entries and self._is_listed_root_right:
            return  # the hashes are those that were signed: the entries at odds are found
        since = older.size if older is not None and is_prefix else 0
        report.others.append(
            f"the entries are not those that were signed: one of {since} to {report.size - 1} "
            "was altered, added or taken away"
        )


def _pseudonym(practice: uuid.UUID | None) -> bytes:
    raw = practice.bytes if practice else b""
    return hashlib.sha256(b"CCA1 practice" + raw).digest()[:16]


def verify(stream: BinaryIO, key: Key | None, older: Checkpoint | None) -> Report:
    """Verify a bundle and report all that is wrong with it.

    Args:
        stream: The bundle's bytes.
        key: The log's key as the auditor holds it; None leaves it uncompared.
        older: A checkpoint that the auditor kept from before.
    """
    bundle = _Bundle(Source(stream), key, older)
    try:
        bundle.read()
    except NotHoldingError as error:
        bundle.report.others.append(str(error))
    return bundle.report


def describe(report: Report) -> list[str]:
    """Return the lines that tell a person what was found."""
    lines = [f"practice {report.practice}", f"log {report.origin or '?'}"]
    lines.append(f"{report.size} entries, {report.own} of this practice with their payloads")
    if report.last_ms:
        lines.append(f"from {_time(report.first_ms)} to {_time(report.last_ms)}")
    lines.extend(report.remarks)
    if report.holds:
        return [*lines, "holds"]
    lines.append("DOES NOT HOLD")
    if report.entries:
        first = min(report.entries)
        lines.append(f"first bad entry {first}: {report.entries[first]}")
        if len(report.entries) > 1:
            lines.append(f"bad entries in all: {len(report.entries)}")
    return lines + report.others


def _time(utc_ms: int) -> str:
    try:
        return (EPOCH + timedelta(milliseconds=utc_ms)).isoformat(timespec="seconds")
    except OverflowError:
        return "a time that can't be"


def main(arguments: list[str] | None = None) -> int:
    """Run the verifier and return its exit code."""
    parser = argparse.ArgumentParser(description="Verify an audit bundle.")
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--key", type=Path, help="file with the log's public key")
    parser.add_argument("--checkpoint", type=Path, help="file with a checkpoint kept from before")
    options = parser.parse_args(arguments)
    return run(options.bundle, options.key, options.checkpoint)


def run(bundle: Path, key_file: Path | None, checkpoint_file: Path | None) -> int:
    """Verify files and say what was found.

    Returns:
        0 all holds, 1 something does not, 2 a file can't be read.
    """
    try:
        key = read_key(key_file.read_text("utf-8")) if key_file else None
        older = read_checkpoint(checkpoint_file.read_bytes()) if checkpoint_file else None
        with bundle.open("rb") as stream:
            report = verify(stream, key, older)
    except OSError as error:
        sys.stderr.write(f"can't read {error.filename}: {error.strerror}\n")
        return 2
    except (ValueError, binascii.Error):
        sys.stderr.write("the key or checkpoint file is not one\n")
        return 2
    sys.stdout.write("\n".join(describe(report)) + "\n")
    return 0 if report.holds else 1


if __name__ == "__main__":
    sys.exit(main())
