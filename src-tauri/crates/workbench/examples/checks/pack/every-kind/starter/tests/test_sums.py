import pytest


@pytest.mark.parametrize("small", [1, 2, 3])
def test_small(small):
    assert small + small == 2 * small
