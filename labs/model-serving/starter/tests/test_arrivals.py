"""When requests are due in open loop. Given: the checks run it."""

import statistics

from load import poisson_arrivals


def gaps(due: list[float]) -> list[float]:
    return [later - earlier for earlier, later in zip([0.0, *due], due)]


def test_so_many_arrivals_in_rising_order():
    due = poisson_arrivals(5, 40, seed=3)
    assert len(due) == 40
    assert due == sorted(due) and due[0] > 0


def test_a_seed_gives_the_same_arrivals():
    assert poisson_arrivals(5, 40, seed=3) == poisson_arrivals(5, 40, seed=3)
    assert poisson_arrivals(5, 40, seed=3) != poisson_arrivals(5, 40, seed=4)


def test_the_rate_is_right():
    due = poisson_arrivals(20, 4000, seed=1)
    assert 18.5 < 4000 / due[-1] < 21.5


def test_the_gaps_are_exponential():
    """Half of exponential gaps are below ln 2 of the mean, and their deviation is the mean."""
    found = gaps(poisson_arrivals(20, 4000, seed=1))
    mean = statistics.mean(found)
    assert 0.62 < statistics.median(found) / mean < 0.77
    assert 0.9 < statistics.stdev(found) / mean < 1.1
