"""What a redacted text may say and what not."""

from __future__ import annotations

import re

import pytest

from corpus import Span, parse
from redact import leaks, numbered, pseudonyms, redact

TEXT = (
    "---\ntitle: Handover\nkind: support\n---\n"
    "Ilse Vantongeren (i.vantongeren@fennmark.example) told Will Carter. "
    "Ilse will call +44 7700 900215.\n"
)
DOCUMENT = parse("support/x.md", TEXT)
KEY, OTHER = b"k" * 32, b"o" * 32


def span(text: str, kind: str, who: str = "", nth: int = 0) -> Span:
    start = [match.start() for match in re.finditer(re.escape(text), TEXT)][nth]
    return Span(start, start + len(text), kind, text, who)


SPANS = [
    span("Will Carter", "person", "FM-10633"),
    span("Ilse Vantongeren", "person", "FM-10214"),
    span("i.vantongeren@fennmark.example", "email", "FM-10214"),
    span("Ilse", "person", "FM-10214", nth=1),
    span("+44 7700 900215", "phone", "FM-10633"),
]


@pytest.mark.parametrize("make", [numbered, lambda: pseudonyms(KEY)])
def test_no_placeholder_tells_who(make) -> None:
    for other in ("Will Carter", "Wendela Corneel", "Abc Def"):
        here, there = make(), make()
        mine = here(Span(0, 11, "person", "Will Carter", "FM-10633"))
        assert re.fullmatch(r"\[PERSON_[a-z0-9]+\]", mine), "[KIND_…], and nothing of the name"
        theirs = there(Span(0, len(other), "person", other, "FM-10633"))
        assert mine == theirs, "the same person, however written"


def test_whole_text() -> None:
    assert redact(DOCUMENT, SPANS, numbered()).text == (
        "---\ntitle: Handover\nkind: support\n---\n"
        "[PERSON_1] ([EMAIL_1]) told [PERSON_2]. [PERSON_1] will call [PHONE_2].\n"
    )


def test_offsets_after_the_front_matter() -> None:
    redacted = redact(DOCUMENT, SPANS, numbered())
    assert parse("support/x.md", redacted.text).meta == DOCUMENT.meta
    assert redacted.text.endswith("will call [PHONE_2].\n")


def test_numbers_begin_anew_in_each_document() -> None:
    one = redact(DOCUMENT, SPANS[:1], numbered()).text
    assert "[PERSON_1]" in one
    assert one == redact(DOCUMENT, SPANS[:1], numbered()).text


def test_replacements_tell_where() -> None:
    redacted = redact(DOCUMENT, SPANS, numbered())
    assert [TEXT[start:end] for start, end, _ in redacted.replacements] == [
        s.text for s in sorted(SPANS)
    ]


def test_the_same_value_written_otherwise_is_the_same() -> None:
    name = numbered()
    assert name(Span(0, 1, "iban", "GB33 BUKB 2020 1555 5555 55")) == name(
        Span(5, 6, "iban", "GB33BUKB20201555555555")
    )


def test_pseudonyms_hold_across_documents_and_not_across_keys() -> None:
    ilse = Span(0, 4, "person", "Ilse", "FM-10214")
    assert pseudonyms(KEY)(ilse) == pseudonyms(KEY)(ilse)
    assert pseudonyms(KEY)(ilse) != pseudonyms(OTHER)(ilse)
    assert pseudonyms(KEY)(ilse) != pseudonyms(KEY)(Span(0, 4, "person", "Will", "FM-10633"))


def test_pseudonyms_are_long_enough_to_stay_apart() -> None:
    name = pseudonyms(KEY)
    assert len({name(Span(0, 1, "person", str(n), f"FM-{n}")) for n in range(20_000)}) == 20_000


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError):
        pseudonyms(b"secret")


def test_half_a_name_is_a_leak() -> None:
    half = redact(DOCUMENT, [span("Carter", "person")], numbered())
    labels = sorted(SPANS)
    assert [label.text for label in leaks(half, labels)] == [label.text for label in labels]
    assert leaks(redact(DOCUMENT, SPANS, numbered()), labels) == []


def test_a_dot_left_over_is_no_leak() -> None:
    label = Span(TEXT.index("Ilse"), TEXT.index(" ("), "person", "Ilse Vantongeren")
    within = [span("Ilse", "person"), span("Vantongeren", "person")]
    assert leaks(redact(DOCUMENT, within, numbered()), [label]) == []
