import asyncio

import numpy as np
import pytest

from cache import Cache, embed_cached
from conftest import Gateway, vector_of

TEXTS = [f"runbook step {number}" for number in range(10)]


@pytest.fixture
def cache(tmp_path):
    made = Cache(tmp_path / "vectors.sqlite")
    yield made
    made.close()


def run(gateway, cache, texts, **more):
    return asyncio.run(embed_cached(gateway, cache, texts, **more))


def test_what_was_put_comes_back(cache):
    cache.put(TEXTS[:2], np.array([vector_of(text) for text in TEXTS[:2]]))
    np.testing.assert_array_equal(cache.get(TEXTS[1]), vector_of(TEXTS[1]))
    assert cache.get(TEXTS[1]).dtype == np.float32
    assert cache.get("never seen") is None


def test_putting_again_is_no_fault(cache):
    for _ in range(2):
        cache.put(TEXTS[:1], np.array([vector_of(TEXTS[0])]))
    assert cache.get(TEXTS[0]) is not None


def test_it_is_on_disk(tmp_path):
    first = Cache(tmp_path / "v.sqlite")
    first.put(TEXTS, np.array([vector_of(text) for text in TEXTS]))
    first.close()
    second = Cache(tmp_path / "v.sqlite")
    assert second.get(TEXTS[3]) is not None
    second.close()


def test_another_model_finds_nothing(tmp_path):
    ours = Cache(tmp_path / "v.sqlite", model="all-minilm-l6-v2")
    ours.put(TEXTS, np.array([vector_of(text) for text in TEXTS]))
    ours.close()
    theirs = Cache(tmp_path / "v.sqlite", model="text-embedding-3-small")
    assert theirs.get(TEXTS[0]) is None
    theirs.close()


def test_a_second_run_embeds_nothing(gateway, cache):
    first, _ = run(gateway, cache, TEXTS, size=4)
    again = Gateway()
    second, calls = run(again, cache, TEXTS, size=4)
    assert again.requests == [] and calls == []
    np.testing.assert_array_equal(first, second)
    np.testing.assert_allclose(first, [vector_of(text) for text in TEXTS], atol=1e-6)


def test_only_what_changed_is_embedded(gateway, cache):
    run(gateway, cache, TEXTS)
    again = Gateway()
    changed = [*TEXTS[:4], "runbook step 4, corrected", *TEXTS[5:], "a new last step"]
    vectors, _ = run(again, cache, changed)
    assert sorted(again.texts) == ["a new last step", "runbook step 4, corrected"]
    np.testing.assert_allclose(vectors, [vector_of(text) for text in changed], atol=1e-6)


def test_the_same_text_twice_is_embedded_once(gateway, cache):
    vectors, _ = run(gateway, cache, ["See SKR-2214.", "Other.", "See SKR-2214."])
    assert sorted(gateway.texts) == ["Other.", "See SKR-2214."]
    np.testing.assert_array_equal(vectors[0], vectors[2])


def test_a_run_that_breaks_keeps_what_it_paid_for(cache):
    broken = Gateway(fail_on=TEXTS[9])
    with pytest.raises(ConnectionError):
        run(broken, cache, TEXTS, size=2)
    again = Gateway()
    run(again, cache, TEXTS, size=2)
    assert len(again.texts) <= 4
