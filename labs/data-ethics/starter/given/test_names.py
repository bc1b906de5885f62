"""People, and what is only called like them."""

from __future__ import annotations

import pytest

from corpus import Document
from scan import scan


def people(text: str) -> list[str]:
    return [span.text for span in scan(Document("test.md", text, {}, 0)) if span.kind == "person"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Restored by Rook van der Meulen.", ["Rook van der Meulen"]),
        ("Then Åkesson took over from Luca Bianchetti.", ["Åkesson", "Luca Bianchetti"]),
        ("It was Kerrigan's change.", ["Kerrigan"]),
        ("Signed by H. Daly for the customer.", ["H. Daly"]),
        (
            "The badge of Reed Pascoe was still valid.",
            ["Reed Pascoe"],
        ),  # who left, and is in no staff list
        ("A call from Mrs Whitcombe about a parcel.", ["Whitcombe"]),
        ("We asked Daniel Frost, and Frost agreed.", ["Daniel Frost", "Frost"]),
    ],
)
def test_people(text: str, names: list[str]) -> None:
    assert people(text) == names


@pytest.mark.parametrize(
    "text",
    [
        "Ada runs the job at 02:00.",
        "Nodes of turing, hopper and noether, not of kay or curie.",
        "Turing was drained, Hopper was not.",
        "The freeze ends in May 2024, on 6 May at noon.",
        "Since April nothing has changed.",
        "the pods will restart and may fail, mark my words",
        "a frost warning, written in stone, in winter",
        "Kestrel Pharma and Palomar Books are customers.",
        "Will this page be updated? May we ask?",
        "robot$docs-reedit, threeds-reader",
        "Error Budget Policy",
    ],
)
def test_nobody(text: str) -> None:
    assert people(text) == []


def test_called_by_name_in_a_chat() -> None:
    assert people("09:41 @anjali: 90m works, thx will\n09:42 @willc: np, it will hold\n") == [
        "will"
    ]


def test_one_person_is_one_person_however_written() -> None:
    text = (
        "Hassan El-Amrani <h.elamrani@fennmark.example>, @hassan, called. "
        "El-Amrani has +44 7700 900190."
    )
    spans = scan(Document("test.md", text, {}, 0))
    assert [span.kind for span in spans] == ["person", "email", "handle", "person", "phone"]
    assert {span.who for span in spans} == {"FM-10077"}
