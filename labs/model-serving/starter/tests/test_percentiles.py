"""Percentiles by nearest rank, and when there is none. Given: the checks run it."""

from summary import percentile


def test_the_nearest_rank():
    values = [float(value) for value in range(200, 0, -1)]
    assert percentile(values, 50) == 100.0
    assert percentile(values, 95) == 190.0


def test_the_rank_is_rounded_up():
    """The median of 15 is the 8th: ceil(7.5)."""
    assert percentile([float(value) for value in range(1, 16)], 50) == 8.0


def test_a_percentile_is_a_value_that_was_measured():
    values = [1.0] * 60 + [1000.0] * 60
    assert percentile(values, 50) == 1.0


def test_five_values_must_lie_beyond():
    assert percentile([float(value) for value in range(100)], 95) == 94.0
    assert percentile([float(value) for value in range(99)], 95) is None
    assert percentile([float(value) for value in range(20)], 99) is None
    assert percentile([float(value) for value in range(10)], 50) == 4.0
    assert percentile([float(value) for value in range(9)], 50) is None


def test_no_values_have_no_percentile():
    assert percentile([], 50) is None
