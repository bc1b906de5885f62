"""The same input gives the same id, everywhere and for ever; what changes gives another."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import chunk, document

from data import release
from records import document_of, record_of, records


def test_has_the_form_that_was_agreed():
    found = record_of(document(), chunk(3)).id
    assert re.fullmatch(r"runbooks/registry-gc\.md#0003@[0-9a-f]{12}", found), found
    assert document_of(found) == "runbooks/registry-gc.md"


def test_is_the_same_in_another_process():
    """Python's own hash() of a text is another one in each process."""
    code = (
        "import sys; sys.path[:0] = ['.', 'tests']\n"
        "from conftest import chunk, document\n"
        "from records import record_of\n"
        "print(record_of(document(), chunk(3)).id)"
    )
    there = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    here = record_of(document(), chunk(3)).id
    assert there.stdout.strip() == here, f"another process says {there.stdout.strip()}, not {here}"


def test_another_text_is_another_id():
    assert record_of(document(), chunk()).id != record_of(document(), chunk(text_hash="f" * 16)).id


@pytest.mark.parametrize(
    "change",
    [{"status": "superseded"}, {"date": "2026-02-04"}, {"team": "edge"}, {"audience": "public"}],
    ids=str,
)
def test_other_metadata_is_another_id(change):
    """Or a page that was superseded keeps its old metadata in the index for good."""
    before, after = record_of(document(), chunk()).id, record_of(document(**change), chunk()).id
    assert before != after, f"with {change} the id is still {after}"


def test_no_two_records_of_the_corpus_share_an_id():
    ids = [record.id for record in records(release(1))]
    assert len(ids) == len(set(ids)) == 1500
