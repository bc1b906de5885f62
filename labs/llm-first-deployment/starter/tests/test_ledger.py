"""Who spent what, and who may go on."""

from decimal import Decimal

import pytest

from accounting import Entry, Ledger, OverBudget
from support import Day, lines

CENT = Decimal("0.01")


def ledger(tmp_path, day=None, limit="0.05"):
    return Ledger(tmp_path / "ledger.jsonl", Decimal(limit), day or Day())


def entry(book, caller="duty-desk", cost="0.02", **more):
    values = {
        "at": book.now().isoformat(),
        "caller": caller,
        "provider": "test",
        "model": "small-2026",
        "prompt_tokens": 60,
        "cached_tokens": 0,
        "completion_tokens": 6,
        "prompt_estimate": 80,
        "counted": True,
        "cost": cost,
    }
    return Entry(**{**values, **more})


def spend(book, caller="duty-desk", cost="0.02"):
    book.settle(book.admit(caller, Decimal(cost)), entry(book, caller, cost))


def test_every_call_is_one_line(tmp_path):
    book = ledger(tmp_path)
    spend(book)
    spend(book, cost="0.01")
    assert [line["cost"] for line in lines(book.file)] == ["0.02", "0.01"]


def test_totals_are_by_caller(tmp_path):
    book = ledger(tmp_path)
    for caller, cost in [("duty-desk", "0.02"), ("triage", "0.01"), ("duty-desk", "0.01")]:
        spend(book, caller, cost)
    totals = book.totals(book.now().date())
    assert {caller: (total.calls, total.cost) for caller, total in totals.items()} == {
        "duty-desk": (2, Decimal("0.03")),
        "triage": (1, Decimal("0.01")),
    }
    assert totals["duty-desk"].prompt_tokens == 120


def test_a_restart_forgets_nothing(tmp_path):
    spend(ledger(tmp_path), cost="0.04")
    with pytest.raises(OverBudget):
        ledger(tmp_path).admit("duty-desk", 2 * CENT)


def test_the_file_is_read_once_a_day(tmp_path, monkeypatch):
    day = Day()
    book, reads = ledger(tmp_path, day), []
    totals = book.totals
    monkeypatch.setattr(book, "totals", lambda of: reads.append(of) or totals(of))
    for hours in (0, 1, 1, 24):
        day.pass_hours(hours)
        spend(book, cost="0.01")
    assert len(reads) == 2, f"four calls on two days read the whole file {len(reads)} times"


def test_one_caller_cannot_spend_anothers_day(tmp_path):
    book = ledger(tmp_path)
    spend(book, "triage", "0.05")
    with pytest.raises(OverBudget):
        book.admit("triage", CENT)
    book.admit("duty-desk", CENT)


def test_calls_under_way_count(tmp_path):
    """An agent in a loop does not wait for its answers."""
    book = ledger(tmp_path)
    held = [book.admit("triage", 2 * CENT) for _ in range(2)]
    with pytest.raises(OverBudget):
        book.admit("triage", 2 * CENT)
    book.release(held[0])
    book.admit("triage", 2 * CENT)


def test_what_was_held_is_replaced_by_what_it_cost(tmp_path):
    book = ledger(tmp_path)
    book.settle(book.admit("triage", 5 * CENT), entry(book, "triage", "0.01"))
    book.admit("triage", 4 * CENT)


def test_a_new_day_is_a_new_budget(tmp_path):
    day = Day(2026, 3, 2, 22)
    book = ledger(tmp_path, day)
    spend(book, cost="0.05")
    with pytest.raises(OverBudget) as refused:
        book.admit("duty-desk", CENT)
    assert refused.value.retry_after_s == 2 * 3600
    day.pass_hours(2)
    book.admit("duty-desk", CENT)
