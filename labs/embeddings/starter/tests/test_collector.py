"""One thing at a time. What happens to those who come during a request, the load check looks at."""

import asyncio

import numpy as np
import pytest

from collector import Collector
from conftest import Gateway, vector_of

TEXTS = [f"what does alert {number} mean" for number in range(10)]


def run(coroutine):
    return asyncio.run(asyncio.wait_for(coroutine, 20))


async def all_at_once(collector, texts):
    asking = (collector.vector(text) for text in texts)
    return await asyncio.gather(*asking, return_exceptions=True)


def test_a_lone_question_does_not_wait_for_others(gateway):
    vector = run(Collector(gateway).vector(TEXTS[0]))
    np.testing.assert_allclose(vector, vector_of(TEXTS[0]), atol=1e-6)
    assert gateway.requests == [[TEXTS[0]]]


def test_each_caller_gets_the_vector_of_their_own_text(unordered):
    vectors = run(all_at_once(Collector(unordered), TEXTS))
    np.testing.assert_allclose(vectors, [vector_of(text) for text in TEXTS], atol=1e-6)


def test_no_request_has_more_than_the_most(gateway):
    run(all_at_once(Collector(gateway, most=4), TEXTS))
    assert sorted(gateway.texts) == TEXTS
    assert max(len(request) for request in gateway.requests) <= 4


def test_what_fails_fails_for_its_own_callers():
    broken = Gateway(fail_on=TEXTS[0])
    collector = Collector(broken)

    async def one_after_the_other():
        with pytest.raises(ConnectionError):
            await collector.vector(TEXTS[0])
        return await collector.vector(TEXTS[1])

    np.testing.assert_allclose(run(one_after_the_other()), vector_of(TEXTS[1]), atol=1e-6)


def test_a_caller_who_gave_up_takes_nobody_along(gateway):
    collector = Collector(gateway)

    async def one_is_impatient():
        impatient = asyncio.wait_for(collector.vector(TEXTS[0]), 0.001)
        return await asyncio.gather(impatient, collector.vector(TEXTS[1]), return_exceptions=True)

    gone, vector = run(one_is_impatient())
    assert isinstance(gone, asyncio.TimeoutError)
    np.testing.assert_allclose(vector, vector_of(TEXTS[1]), atol=1e-6)
