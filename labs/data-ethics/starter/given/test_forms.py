"""What has a form, and what only looks as if it had."""

from __future__ import annotations

import pytest

from corpus import Document
from scan import scan


def found(text: str, kind: str) -> list[str]:
    return [span.text for span in scan(Document("test.md", text, {}, 0)) if span.kind == kind]


@pytest.mark.parametrize(
    "number",
    [
        "+44 7700 900123", "+44 (0)20 7946 0123", "0044 7700-900123", "07700 900123", "07700900123",
        "+447700 900 123", "+44-7700-900123", "+1 202 555 0143", "(202) 555-0143",
    ],
)  # fmt: skip
def test_phone(number: str) -> None:
    assert found(f"Please call {number} after six.", "phone") == [number]


@pytest.mark.parametrize(
    "text",
    [
        "Build 447700900642 is green.",
        "parcel FM0104417733 came back twice",
        "epoch 1733875200 in the header",
        "label 8841207 and job 4420794600",
        "2024-11-23T18:04:11.820Z level=debug",
        "CHG-20417, SKR-7390, port 8443, 61,000 lines",
        "10.20.14.37:9093 refused, 10.30.0.0/16 did not",
        "image sha256:0077009001230044770090012300447700900123",
    ],
)
def test_not_a_phone(text: str) -> None:
    assert found(text, "phone") == []


@pytest.mark.parametrize(
    "mail",
    [
        "n.moss@example.org",
        "h dot daly at kestrel dot example dot com",
        "nell (at) moss (dot) example (dot) org",
    ],
)
def test_email(mail: str) -> None:
    assert found(f"Write to {mail}, please.", "email") == [mail]


def test_at_in_a_sentence_is_no_email() -> None:
    assert found("We met at noon at the office, dot matrix printers and all.", "email") == []


@pytest.mark.parametrize("ip", ["203.0.113.77", "198.51.100.9", "2001:db8:77:4::21"])
def test_ip(ip: str) -> None:
    assert found(f"last seen from {ip} at 04:01", "ip") == [ip]


@pytest.mark.parametrize(
    "ip",
    ["10.20.14.37", "127.0.0.53", "169.254.20.10", "192.0.2.31", "300.1.2.3", "198.51.100.0/24"],
)
def test_not_somebodys_ip(ip: str) -> None:
    assert found(f"listens on {ip} only", "ip") == []


@pytest.mark.parametrize(
    "iban", ["GB33BUKB20201555555555", "DE89 3704 0044 0532 0130 00", "NL91 ABNA 0417 1643 00"]
)
def test_iban(iban: str) -> None:
    assert found(f"Refund to {iban}.", "iban") == [iban]


@pytest.mark.parametrize(
    "number", ["GB34BUKB20201555555555", "DE89 3704 0044 0532 0130 01", "AB12CDEF34567890123456"]
)
def test_iban_with_wrong_check_digits(number: str) -> None:
    assert found(f"Refund to {number}.", "iban") == []


def test_account() -> None:
    assert found(
        "customer CU-40070, employee FM-10925, parcel FM0104417733, SKR-11702", "account"
    ) == [
        "CU-40070",
        "FM-10925",
    ]


@pytest.mark.parametrize("key", ["sk-quill-7Q2v9XbT41aa", "hvs.CAESIJ7Qd02xLmPq93"])
def test_key(key: str) -> None:
    """Without the word FAKE, which the archive has so that nobody is frightened."""
    assert found(f"curl -H 'Authorization: Bearer {key}'", "key") == [key]


def test_names_of_things_are_no_keys() -> None:
    assert (
        found(
            "token `robot$insight-quill-push`, secret kv/registry/robots/insight/quill-push", "key"
        )
        == []
    )


def test_handle() -> None:
    text = (
        "09:12 @priya.r: ask @willc\n\nimage compute/lab@sha256:77aa0412, cron @daily, @timestamp"
    )
    assert found(text, "handle") == ["@priya.r", "@willc"]


def test_the_handle_in_an_address_is_part_of_the_address() -> None:
    assert found("i.vantongeren@fennmark.example", "handle") == []
