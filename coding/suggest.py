"""Suggest codes from the words of a note or of a condition; nothing is ever applied by itself.

The longest stretch of words that is a name of a condition wins: one of our own names, a title, an
inclusion term. What the note denies, tells of a relative or only suspects is not coded. Each
suggestion carries the characters that led to it, and why its neighbours were not chosen.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from coding.context import (
    TEXT_CHARACTERS_MAX,
    Assertion,
    Sentence,
    find_assertion,
    find_scopes,
    find_side,
    split_sentences,
)
from coding.index import PhraseKind, get_weights
from coding.question import Question, list_concepts, to_sorted_keys, translate
from coding.rules.codes import to_plain
from coding.search import DOC, Doc, resolve_seventh, search_words
from coding.values import Neighbour, Suggestion
from coding.words import ABSENT_MARK, STOP, split_tokens, to_index_keys, word_set

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coding.question import Shelf

WINDOW_WORDS_MAX = 12
NEIGHBOURS_MAX = 4
SUGGESTIONS_MAX = 60
# Words that name a code's title by chance, or name no condition by themselves.
GENERIC = word_set(
    "pain injury infection disease fall falls other male female right left acute chronic test "
    "tests history problem problems lesion wound open closed mild moderate severe follow up "
    "examination exam screening counseling normal procedure drug alcohol accident exposure "
    "swelling mass lump discharge bleeding inflammation syndrome stage type primary secondary "
    "benign malignant neoplasm trauma complication complications operation surgery medication "
    "medications status adult child newborn work home school family walking running standing "
    "sitting sleeping eating cooking reading activity place street car occupant pedestrian "
    "cold hot heat light water air noise radiation knife gun dog cat horse sports age "
    "alone today aspirin insulin heroin cocaine cannabis blood urine stool throat chest heart "
    "unspecified tendon muscle bone skin hand foot knee hip back neck positive negative "
    "immune therapy consultation observation delivery birth labor twins triplets rest ulcer "
    "drowning hanging struck collision contact fever blister discomfort screen tobacco use "
    "caffeine nicotine opioid opioids stimulant sedative hypnotic inhalant smoke fire"
)
# Names of conditions that mean something else more often, when they stand alone in a note.
AMBIGUOUS = word_set("cold stress burn chill mono")
SIDES = word_set("left right lt rt l r bilateral bilat both")
_TAG = re.compile(r"\s*\(([a-z /]+)\)\s*$", re.IGNORECASE)
# Circumstances of a person's life, not diseases; Z55 to Z65 and their like.
_LIFE = re.compile(r"^(Z5[5-9]|Z6[0-5]|Z73|Z72|T74)")
_NEAREST_MIN = 0.78


@dataclass(frozen=True)
class Match:
    """A stretch of words, by place in its sentence, and the code that it names."""

    first: int
    last: int
    row: Doc
    why: tuple[str, ...]
    confidence: int


def suggest(text: str, shelf: Shelf, *, office: bool = True) -> list[Suggestion]:
    """Return the codes that a note's words lead to, in reading order, each code once.

    Args:
        text: The note; what lies beyond `TEXT_CHARACTERS_MAX` is not read.
        shelf: The ICD-10-CM index of the date of service.
        office: Whether uncertain diagnoses stay uncoded (office visits) or count (inpatient).
    """
    text = text[:TEXT_CHARACTERS_MAX]
    found: dict[str, Suggestion] = {}
    for sentence in split_sentences(text):
        scopes = find_scopes(sentence, text)
        for match in _find_matches(sentence, shelf):
            assertion, cue = find_assertion(scopes, match.first, match.last)
            judged = _judge(match, assertion, cue, office=office)
            if assertion is Assertion.FAMILY:
                judged = _find_family(sentence, match, shelf, cue)
            if judged is not None:
                suggestion = _to_suggestion(text, sentence, judged, shelf)
                found.setdefault(suggestion.code, suggestion)
        if len(found) >= SUGGESTIONS_MAX:
            break
    return _drop_vague(list(found.values()))


def suggest_condition(text: str, shelf: Shelf) -> list[Suggestion]:
    """Return the codes for one condition's words, such as a SNOMED CT display; best first.

    Words that name no condition known here get the nearest code with low confidence, or nothing.
    """
    tag = _TAG.search(text)
    bare = text[: tag.start()] if tag else text
    kind = tag.group(1).lower() if tag else ""
    whole = _match_whole(bare, shelf)
    if whole == "none":
        return []
    if isinstance(whole, Suggestion):
        return [_flag_life(whole)]
    found = [_flag_partial(suggestion, bare) for suggestion in suggest(bare, shelf)]
    if not _is_held_back(bare) and all(suggestion.confidence <= 50 for suggestion in found):
        nearest = _find_nearest(bare, shelf, finding=kind in {"finding", "situation"})
        found = nearest or found
    return [_flag_life(suggestion) for suggestion in found]


def _flag_partial(suggestion: Suggestion, bare: str) -> Suggestion:
    """Return the suggestion, marked down where much of the condition's words went unread."""
    if len(suggestion.words) >= 0.6 * len(bare.strip()):
        return suggestion
    note = f"only part of the words: “{suggestion.words}”"
    return replace(suggestion, why=(*suggestion.why, note), confidence=50)


def _is_held_back(bare: str) -> bool:
    sentence = next(split_sentences(bare), None)
    return bool(sentence and find_scopes(sentence, bare))


def _match_whole(bare: str, shelf: Shelf) -> Suggestion | str | None:
    tokens = tuple(split_tokens(bare))
    if not tokens:
        return "none"
    sentence = Sentence(0, len(bare), tokens)
    if list_concepts().get(to_sorted_keys(to_index_keys(bare))) == "-":
        return "none"
    match = _match_window(sentence, 0, len(tokens), shelf, whole=True)
    return _to_suggestion(bare, sentence, match, shelf) if match else None


def _flag_life(suggestion: Suggestion) -> Suggestion:
    if not _LIFE.match(suggestion.code):
        return suggestion
    note = "a circumstance of life, not a disease: low confidence; code it only if it was addressed"
    return replace(
        suggestion, why=(*suggestion.why, note), confidence=min(30, suggestion.confidence)
    )


def _find_nearest(bare: str, shelf: Shelf, *, finding: bool) -> list[Suggestion]:
    words, notes = translate(bare, "query")
    question = Question(to_index_keys(words), why=notes)
    weights = get_weights(shelf.index)
    if not any(key in weights for key in question.keys):
        return []
    billable, _ = search_words(question, shelf, weights)
    if not billable or billable[0].fit < (0.9 if finding else _NEAREST_MIN):
        return []
    best = billable[0]
    row = shelf.index.execute(f"{DOC} WHERE plain = ?", (best.plain,)).fetchone()
    tokens = tuple(split_tokens(bare))
    why = (*best.hit.why, "nearest code, not the same words: check it")
    match = Match(0, len(tokens), row, why, int(60 * min(1.0, best.fit)))
    return [_to_suggestion(bare, Sentence(0, len(bare), tokens), match, shelf)]


def _find_matches(sentence: Sentence, shelf: Shelf) -> Iterator[Match]:
    at = 0
    while at < len(sentence.tokens):
        match = _longest_match(sentence, at, shelf)
        if match is None:
            at += 1
        else:
            yield match
            at = match.last


def _longest_match(sentence: Sentence, at: int, shelf: Shelf) -> Match | None:
    tokens = sentence.tokens
    if tokens[at].word in STOP:
        return None
    for last in range(min(len(tokens), at + WINDOW_WORDS_MAX), at, -1):
        word = tokens[last - 1].word
        if word in STOP or word in {"without", "not"}:
            continue
        match = _match_window(sentence, at, last, shelf)
        if match:
            return _shrink(sentence, match, shelf)
    return None


def _shrink(sentence: Sentence, match: Match, shelf: Shelf) -> Match:
    """Return the shortest stretch inside a match that names the same code."""
    shorter = [
        *((match.first, last) for last in range(match.first + 1, match.last)),
        *((first, match.last) for first in range(match.last - 1, match.first, -1)),
    ]
    for first, last in shorter:
        found = _match_window(sentence, first, last, shelf)
        if found and found.row == match.row and found.confidence >= match.confidence:
            return _shrink(sentence, found, shelf)
    return match


def _match_window(  # a window is three arguments
    sentence: Sentence, first: int, last: int, shelf: Shelf, *, whole: bool = False
) -> Match | None:
    said = " ".join(token.word for token in sentence.tokens[first:last])
    if said in AMBIGUOUS and not whole:
        return None
    words, notes = translate(said, "query")
    asked = [to_index_keys(said), to_index_keys(words)]
    found = [list_concepts().get(to_sorted_keys(keys)) for keys in asked]
    code = found[0] or found[1]
    if code == "-" or not asked[1]:
        return None
    if code:
        row = shelf.index.execute(f"{DOC} WHERE plain = ?", (to_plain(code),)).fetchone()
        if row and row[4]:
            return Match(first, last, row, (*notes, f"“{said}” is a usual name"), 95)
    if last - first == 1 and said in GENERIC and not whole:
        return None
    if all(key in GENERIC or len(key) < 3 for key in asked[1]):
        return None
    window = Match(first, last, (0, "", "", "", 0, 0, 0), tuple(notes), 0)
    return _match_phrase(window, asked[1], said, shelf) or _match_without_side(window, said, shelf)


def _match_without_side(window: Match, said: str, shelf: Shelf) -> Match | None:
    """Return the concept that the words name once the side is left out; the side is put back."""
    words = said.split()
    rest = [word for word in words if word not in SIDES]
    sides = len(words) - len(rest)
    if sides != 1 or not rest or rest[0] in STOP or rest[-1] in STOP:
        return None
    keys = to_index_keys(translate(" ".join(rest), "query")[0])
    code = list_concepts().get(to_sorted_keys(keys), "-")
    row = shelf.index.execute(f"{DOC} WHERE plain = ?", (to_plain(code),)).fetchone()
    why = (*window.why, f"“{' '.join(rest)}” is a usual name")
    return replace(window, row=row, why=why, confidence=85) if row and row[4] else None


def _match_phrase(window: Match, keys: tuple[str, ...], said: str, shelf: Shelf) -> Match | None:
    found = shelf.index.execute(
        "SELECT doc, phrase.kind, text FROM phrase JOIN doc ON doc.id = phrase.doc WHERE"
        " sorted_keys = ? ORDER BY phrase.kind, doc.billable DESC, doc.lean DESC, doc LIMIT 1",
        (to_sorted_keys(keys),),
    ).fetchone()
    if found is None:
        return None
    doc, kind, text = found
    if len(keys) == 1 and to_index_keys(text) != keys:
        return None
    row: Doc = shelf.index.execute(f"{DOC} WHERE id = ?", (doc,)).fetchone()
    why = [*window.why, _explain(said, kind, text)]
    confidence = {PhraseKind.TITLE: 90, PhraseKind.INCLUSION: 85}.get(PhraseKind(kind), 70)
    if not row[4]:
        heading = row[2]
        row = shelf.index.execute(f"{DOC} WHERE id = ?", (row[5],)).fetchone()
        row, seventh = resolve_seventh(Question(keys), shelf, row)
        why += [f"{heading} needs more characters; this code says nothing more", *seventh]
        confidence -= 10
    return replace(window, row=row, why=tuple(why), confidence=confidence) if row[4] else None


def _explain(said: str, kind: int, text: str) -> str:
    where = ("the title", "the inclusion term", "another code's note, which says")[kind]
    return f"“{said}” is {where} “{text}”"


def _judge(match: Match, assertion: Assertion, cue: str, *, office: bool) -> Match | None:
    if assertion is Assertion.PRESENT or match.row[2][:3] in {"Z86", "Z87", "Z85", "I25"}:
        return None if assertion is Assertion.ABSENT else match
    if assertion is Assertion.PAST:
        note = f"after “{cue}”: check that it is still present"
        return replace(match, why=(*match.why, note), confidence=match.confidence - 20)
    if assertion is Assertion.UNCERTAIN and not office:
        note = f"uncertain (“{cue}”): coded as if it existed, inpatient only"
        return replace(match, why=(*match.why, note), confidence=match.confidence - 20)
    return None


def _find_family(sentence: Sentence, match: Match, shelf: Shelf, cue: str) -> Match | None:
    """Return the family-history code for what a relative has, where there is one."""
    said = " ".join(token.word for token in sentence.tokens[match.first : match.last])
    for words in (said, match.row[3]):
        keys = to_index_keys(f"family history of {translate(words, 'query')[0]}")
        code = list_concepts().get(to_sorted_keys(keys))
        if code and code != "-":
            row = shelf.index.execute(f"{DOC} WHERE plain = ?", (to_plain(code),)).fetchone()
            if row:
                return replace(match, row=row, why=(f"a relative's (“{cue}”)",), confidence=80)
        found = _match_phrase(replace(match, why=()), keys, said, shelf)
        if found and found.row[2].startswith("Z8"):
            return replace(found, why=(f"a relative's (“{cue}”)", *found.why))
    return None


def _to_suggestion(text: str, sentence: Sentence, match: Match, shelf: Shelf) -> Suggestion:
    match = _take_side(sentence, match, shelf, text)
    start, end = sentence.tokens[match.first].start, sentence.tokens[match.last - 1].end
    row = match.row
    return Suggestion(
        code=row[2],
        system=shelf.system,
        description=row[3],
        start=start,
        end=end,
        words=text[start:end],
        why=match.why,
        neighbours=tuple(_list_neighbours(row, sentence, shelf)),
        confidence=match.confidence,
    )


def _take_side(sentence: Sentence, match: Match, shelf: Shelf, text: str) -> Match:
    """Return the match with the code of the side that the words name, where there is one."""
    side = find_side(sentence, match.first, match.last, text)
    title = match.row[3]
    if side is None or "unspecified" not in title:
        return match
    wanted = []
    for part in re.finditer(r"unspecified (\w+)", title):
        before, after = title[: part.start()], title[part.end() :]
        wanted.append(f"{before}{side} {part.group(1)}{after}")
        if side == "bilateral":
            wanted += [f"{before}bilateral{after}", f"{before}{side} {part.group(1)}{after}s"]
    marks = ",".join("?" * len(wanted))
    stem = match.row[1][:4]
    row = shelf.index.execute(
        f"{DOC} WHERE plain >= ? AND plain < ? AND billable AND title IN ({marks})",
        (stem, stem + "\U0010ffff", *wanted),
    ).fetchone()
    if row is None:
        return match
    first, last = _reach_side(sentence, match)
    return replace(match, row=row, first=first, last=last, why=(*match.why, f"side: {side}"))


def _reach_side(sentence: Sentence, match: Match) -> tuple[int, int]:
    first, last = match.first, match.last
    if first and sentence.tokens[first - 1].word in SIDES:
        first -= 1
    if last < len(sentence.tokens) and sentence.tokens[last].word in SIDES:
        last += 1
    return first, last


def _list_neighbours(row: Doc, sentence: Sentence, shelf: Shelf) -> Iterator[Neighbour]:
    said = " ".join(token.word for token in sentence.tokens)
    keys = set(to_index_keys(translate(said, "query")[0]))
    parent = row[1][:-1] if len(row[1]) > 3 else row[1]
    rows: list[Doc] = shelf.index.execute(
        f"{DOC} WHERE plain >= ? AND plain < ? AND id != ? ORDER BY length(plain) = ? DESC,"
        " billable DESC, id LIMIT ?",
        (parent, parent + "\U0010ffff", row[0], len(row[1]), NEIGHBOURS_MAX),
    ).fetchall()
    for other in rows:
        yield Neighbour(other[2], _explain_neighbour(row, other, keys))


def _explain_neighbour(row: Doc, other: Doc, said: set[str]) -> str:
    if not other[4]:
        return "a heading: not billable"
    extra = other[3]
    beyond = [key for key in to_index_keys(extra) if not key.startswith(ABSENT_MARK)]
    missing = {key for key in beyond if key not in said} - set(to_index_keys(row[3]))
    if missing:
        words = [t.word for t in split_tokens(extra) if set(to_index_keys(t.word)) & missing]
        return f"the words don't say “{' '.join(dict.fromkeys(words)) or extra}”: {extra}"
    return f"says less, or another kind: {extra}"


def _drop_vague(found: list[Suggestion]) -> list[Suggestion]:
    """Leave out a code that says nothing more where the same category has one that does."""
    exact = {s.code[:3] for s in found if not _is_vague(s)}
    return [s for s in found if not (_is_vague(s) and s.code[:3] in exact and s.code[0] != "R")]


def _is_vague(suggestion: Suggestion) -> bool:
    title = suggestion.description.lower()
    return "unspecified" in title or "without complications" in title
