import pytest

from threshold import kept, separating


def test_kept_counts_the_threshold_itself():
    assert kept([0.2, 0.5, 0.7, 0.9], 0.7) == 0.5


def test_separating_keeps_all_of_one_and_none_of_the_other():
    assert separating([0.6, 0.8], [0.1, 0.3]) == 0.6


def test_separating_where_they_overlap():
    wanted, unwanted = [0.2, 0.5, 0.6, 0.7], [0.1, 0.25, 0.3, 0.55]
    at = separating(wanted, unwanted)
    assert at == 0.5 and kept(wanted, at) - kept(unwanted, at) == pytest.approx(0.5)


def test_many_unwanted_weigh_no_more_than_few():
    # By share: a thousand random pairs must not outvote thirty relevant ones.
    assert separating([0.5] * 3 + [0.9], [0.1] * 900 + [0.5] * 100) == 0.5


def test_the_lowest_of_equals():
    assert separating([0.9], [0.1, 0.2]) == 0.9
