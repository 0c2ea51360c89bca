"""Suggest codes from the words of a note or of a condition; nothing is ever applied by itself.

The longest stretch of words that is a name of a condition wins: one of our own names, a title, an
inclusion term. What the note denies, tells of a relative or only suspects is not coded. Each
suggestion carries the characters that led to it, and why its neighbours were not chosen.
"""

from __future__ import annotations

import re
from dataclasses import replace
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
from coding.index import get_weights
from coding.matching import SIDES, Match, find_matches, match_phrase, match_window
from coding.question import Question, list_concepts, to_sorted_keys, translate
from coding.rules.codes import to_plain
from coding.rules.combinations import find_combinations
from coding.search import DOC, find_sided, search_words
from coding.values import Neighbour, Suggestion
from coding.words import ABSENT_MARK, split_tokens, to_index_keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coding.question import Shelf
    from coding.search import Doc

NEIGHBOURS_MAX = 4
SUGGESTIONS_MAX = 60
_TAG = re.compile(r"\s*\(([a-z /]+)\)\s*$", re.IGNORECASE)
# Circumstances of a person's life, not diseases; Z55 to Z65 and their like.
_LIFE = re.compile(r"^(Z5[5-9]|Z6[0-5]|Z73|Z72|T74)")
LIFE_CONFIDENCE = 30
_NEAREST_MIN = 0.78


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
        for match in find_matches(sentence, shelf):
            assertion, cue = find_assertion(scopes, match.first, match.last)
            judged = _judge(match, assertion, cue, office=office)
            if assertion is Assertion.FAMILY:
                judged = _find_family(sentence, match, shelf, cue)
            if judged is not None:
                suggestion = _flag_life(_to_suggestion(text, sentence, judged, shelf))
                _keep_better(found, suggestion)
        if len(found) >= SUGGESTIONS_MAX:
            break
    ordered = sorted(found.values(), key=lambda suggestion: suggestion.start)
    return _combine(_drop_vague(ordered), shelf)


def _combine(found: list[Suggestion], shelf: Shelf) -> list[Suggestion]:
    """Return suggestions with codes that the guidelines link to another put as one."""
    instead = {c.code: c for c in find_combinations([s.code for s in found])}
    combined: list[Suggestion] = []
    for suggestion in found:
        combination = instead.get(suggestion.code)
        row = combination and _find_doc(shelf, combination.instead)
        if combination and row:
            neighbour = Neighbour(suggestion.code, combination.why)
            combined.append(
                replace(
                    suggestion,
                    code=row[2],
                    description=row[3],
                    why=(*suggestion.why, combination.why),
                    neighbours=(neighbour, *suggestion.neighbours)[:NEIGHBOURS_MAX],
                )
            )
        else:
            combined.append(suggestion)
    return combined


def _find_doc(shelf: Shelf, code: str) -> Doc | None:
    row: Doc | None = shelf.index.execute(
        f"{DOC} WHERE plain = ? AND billable", (to_plain(code),)
    ).fetchone()
    return row


def _keep_better(found: dict[str, Suggestion], new: Suggestion) -> None:
    old = found.get(new.code)
    if old is None or new.confidence > old.confidence:
        found[new.code] = new


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
    match = match_window(sentence, 0, len(tokens), shelf, whole=True)
    return _to_suggestion(bare, sentence, match, shelf) if match else None


def _flag_life(suggestion: Suggestion) -> Suggestion:
    if not _LIFE.match(suggestion.code) or suggestion.confidence <= LIFE_CONFIDENCE:
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
        found = match_phrase(replace(match, why=()), keys, said, shelf)
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
    row = find_sided(shelf, match.row, side) if side else None
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
