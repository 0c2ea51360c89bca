"""Suggestions from notes and conditions: the words, what is denied, whose it is, which side."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from coding.service import suggest_codes, suggest_for_conditions, suggest_for_file
from tests.factories.coding import SERVICE_DATE

if TYPE_CHECKING:
    from pathlib import Path

    from coding.values import Suggestion


def _suggest(folder: Path, text: str, *, office: bool = True) -> list[str]:
    answer = suggest_codes(folder, text, on=SERVICE_DATE, office=office)
    return [suggestion.code for suggestion in answer.suggestions]


def _condition(folder: Path, text: str) -> list[Suggestion]:
    return list(suggest_for_conditions(folder, [text], on=SERVICE_DATE)[0].suggestions)


def test_offsets_point_to_the_words_that_led_to_the_code(codes_folder: Path) -> None:
    text = "Señora López: HTN estable.\nT2DM with hyperglycemia. Left knee pain."
    found = suggest_codes(codes_folder, text).suggestions
    assert [s.code for s in found] == ["I10", "E11.65", "M25.562"]
    assert [text[s.start : s.end] for s in found] == [s.words for s in found]
    assert [s.words for s in found] == ["HTN", "T2DM with hyperglycemia", "Left knee pain"]


@pytest.mark.parametrize(
    "text",
    [
        "Denies chest pain, nausea or fever.",
        "No cough.",
        "Negative for asthma.",
        "DVT was ruled out.",
        "Without headache.",
    ],
)
def test_what_is_denied_is_not_coded(codes_folder: Path, text: str) -> None:
    assert _suggest(codes_folder, text) == []


def test_denial_ends_where_the_sentence_turns(codes_folder: Path) -> None:
    assert _suggest(codes_folder, "Denies fever but has a cough.") == ["R05.9"]


@pytest.mark.parametrize(
    "text", ["Rule out pneumonia.", "Probable asthma.", "Suspected UTI.", "r/o appendicitis"]
)
def test_uncertain_diagnoses_are_not_coded_in_the_office(codes_folder: Path, text: str) -> None:
    assert _suggest(codes_folder, text) == []
    assert len(_suggest(codes_folder, text, office=False)) == 1


def test_a_relatives_condition_is_family_history(codes_folder: Path) -> None:
    assert _suggest(codes_folder, "Mother had breast cancer.") == ["Z80.3"]
    assert "E11.9" not in _suggest(codes_folder, "Family history of diabetes.")


def test_sides_belong_to_the_nearest_condition(codes_folder: Path) -> None:
    codes = _suggest(codes_folder, "Right ankle sprain and left knee pain.")
    assert codes == ["S93.401A", "M25.562"]
    assert _suggest(codes_folder, "Bilateral carpal tunnel syndrome") == ["G56.03"]


def test_a_spanish_note_is_read_in_spanish(codes_folder: Path) -> None:
    text = "Paciente con hipertensión y asma. Niega dolor de pecho. Dolor de rodilla izquierda."
    found = suggest_codes(codes_folder, text).suggestions
    assert [suggestion.code for suggestion in found] == ["I10", "J45.909", "M25.562"]
    assert found[0].words == "hipertensión"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("HTN. CKD stage 4.", ["I12.9", "N18.4"]),
        ("HTN. ESRD.", ["I12.0", "N18.6"]),
        ("Hypertension. Congestive heart failure.", ["I11.0", "I50.9"]),
        ("Type 2 diabetes. Chronic kidney disease stage 2.", ["E11.22", "N18.2"]),
        ("Hypertension. Family history of CKD.", ["I10"]),
    ],
)
def test_conditions_that_are_presumed_linked_get_one_code(
    codes_folder: Path, text: str, codes: list[str]
) -> None:
    assert _suggest(codes_folder, text) == codes


def test_a_whole_note_leads_to_its_codes_and_no_others(codes_folder: Path) -> None:
    text = """CC: 67-year-old man, follow up of hypertension and CKD stage 3a.
    He quit smoking 10 years ago. No chest pain, no edema. Father died of MI at 60.
    ROS: Negative for fever, chills, weight loss. Positive for nocturia.
    Exam: heart regular, no murmur; lungs clear; abdomen soft.
    Assessment/Plan:
    1. Essential hypertension, uncontrolled. Increase lisinopril. Tetanus shot given.
    2. Mixed hyperlipidemia - continue statin. Cannot exclude early gout.
    3. Right knee osteoarthritis. Consider injection.
    """
    assert _suggest(codes_folder, text) == [
        "I12.9", "N18.31", "Z87.891", "Z82.49", "R35.1", "Z23", "E78.2", "M17.11",
    ]  # fmt: skip


def test_the_longest_name_wins(codes_folder: Path) -> None:
    assert _suggest(codes_folder, "Migraine without aura") == ["G43.009"]
    assert _suggest(codes_folder, "acute exacerbation of COPD") == ["J44.1"]


def test_neighbours_say_why_they_were_not_chosen(codes_folder: Path) -> None:
    found = suggest_codes(codes_folder, "Type 2 diabetes").suggestions[0]
    assert found.code == "E11.9"
    assert found.neighbours
    assert all(neighbour.why_not for neighbour in found.neighbours)
    shape = found.as_json()
    assert set(shape) == {
        "code", "system", "description", "start", "end", "words", "why", "neighbours",
    }  # fmt: skip


def test_the_same_note_gives_the_same_answer(codes_folder: Path) -> None:
    text = "HTN, GERD, left knee pain. OA of both knees. Cough and fever."
    assert suggest_codes(codes_folder, text) == suggest_codes(codes_folder, text)


@pytest.mark.parametrize(
    ("display", "code"),
    [
        ("Essential hypertension (disorder)", "I10"),
        ("Viral sinusitis (disorder)", "J01.90"),
        ("Acute bronchitis (disorder)", "J20.9"),
        ("Prediabetes (finding)", "R73.03"),
        ("Body mass index 30+ - obesity (finding)", "E66.9"),
        ("Chronic kidney disease stage 1 (disorder)", "N18.1"),
        ("Osteoarthritis of knee (disorder)", "M17.9"),
        ("Otitis media (disorder)", "H66.90"),
        ("Streptococcal sore throat (disorder)", "J02.0"),
        ("Laceration of hand (disorder)", "S61.419A"),
    ],
)
def test_conditions_in_snomed_words_get_their_code(
    codes_folder: Path, display: str, code: str
) -> None:
    found = _condition(codes_folder, display)
    assert found[0].code == code
    assert display[found[0].start : found[0].end] == found[0].words


@pytest.mark.parametrize(
    "display",
    [
        "Full-time employment (finding)",
        "Received higher education (finding)",
        "Has a criminal record (finding)",
        "Medication review due (situation)",
        "Not in labor force (finding)",
    ],
)
def test_findings_about_a_life_lead_to_nothing(codes_folder: Path, display: str) -> None:
    assert _condition(codes_folder, display) == []


@pytest.mark.parametrize(
    "display",
    ["Stress (finding)", "Limited social contact (finding)", "Social isolation (finding)"],
)
def test_social_findings_are_low_and_flagged(codes_folder: Path, display: str) -> None:
    (found,) = _condition(codes_folder, display)
    assert found.code.startswith("Z")
    assert found.confidence <= 30
    assert "low confidence" in found.why[-1]


def test_a_bundle_is_read_and_its_offsets_are_the_files(codes_folder: Path) -> None:
    bundle = {
        "resourceType": "Bundle",
        "entry": [
            {"resource": {"resourceType": "Patient", "id": "p"}},
            {
                "resource": {
                    "resourceType": "Condition",
                    "code": {"coding": [{"display": "Essential hypertension (disorder)"}]},
                }
            },
            {
                "resource": {
                    "resourceType": "Condition",
                    "verificationStatus": {"coding": [{"code": "refuted"}]},
                    "code": {"text": "Asthma"},
                }
            },
        ],
    }
    text = json.dumps(bundle, indent=2)
    (found,) = suggest_for_file(codes_folder, text).suggestions
    assert found.code == "I10"
    assert text[found.start : found.end] == found.words == "Essential hypertension"


@pytest.mark.parametrize("text", ["", "\x00", "{", "[1]", "a" * 300_000, "\u202e\u2066", "💊" * 9])
def test_odd_text_breaks_nothing(codes_folder: Path, text: str) -> None:
    assert suggest_for_file(codes_folder, text).suggestions == ()
