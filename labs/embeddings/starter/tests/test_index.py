import json
import tracemalloc

import numpy as np
import pytest

from chunks import Chunk
from index import Index, WrongModel, quantize, top, unit

RNG = np.random.default_rng(7)
MATRIX = RNG.normal(size=(200, 384)).astype(np.float32)


def test_quantized_rows_use_the_whole_range():
    codes, scales = quantize(MATRIX)
    assert codes.dtype == np.int8 and scales.dtype == np.float32
    assert (np.abs(codes.astype(int)).max(axis=1) == 127).all()


def test_quantizing_is_off_by_half_a_step_at_most():
    codes, scales = quantize(MATRIX)
    assert (np.abs(codes * scales[:, None] - MATRIX) <= scales[:, None] * 0.501).all()


def test_each_row_has_its_own_scale():
    matrix = MATRIX.copy()
    matrix[0] *= 1000
    codes, _ = quantize(matrix)
    assert np.abs(codes[1].astype(int)).max() == 127


def test_a_row_of_zeros_is_no_division_by_zero():
    with np.errstate(all="raise"):
        codes, scales = quantize(np.zeros((1, 8), dtype=np.float32))
    assert not codes.any() and np.isfinite(scales).all()


def test_top_is_the_highest_first():
    scores = RNG.normal(size=1000)
    assert list(top(scores, 10)) == list(np.argsort(-scores)[:10])


def test_of_equal_scores_the_first():
    assert list(top(np.array([0.5, 0.9, 0.5, 0.5]), 3)) == [1, 0, 2]


def test_fewer_rows_than_asked_for():
    assert list(top(np.array([0.1, 0.2]), 10)) == [1, 0]


def chunk(number: int) -> Chunk:
    return Chunk("handbook/x.md", number, "Title", (), f"text {number}")


@pytest.fixture
def folder(tmp_path):
    Index.make("all-minilm-l6-v2", [chunk(number) for number in range(200)], MATRIX * 3).save(
        tmp_path
    )
    return tmp_path


def test_rows_have_length_one(folder):
    np.testing.assert_allclose(np.linalg.norm(Index.load(folder).vectors, axis=1), 1, atol=1e-5)


def test_search_finds_itself_and_long_rows_win_nothing(folder):
    index = Index.load(folder)
    for row in (0, 57, 199):
        assert index.search(MATRIX[row] * 0.1, 5)[0] == row


def test_quantized_search_agrees_nearly(folder):
    index = Index.load(folder)
    queries = unit(RNG.normal(size=(20, 384)))
    same = [
        len(set(index.search(q, 10)) & set(index.search(q, 10, quantized=True))) for q in queries
    ]
    assert np.mean(same) >= 9


def test_both_kinds_of_scores_are_cosines(folder):
    index = Index.load(folder)
    query = RNG.normal(size=384) * 5
    np.testing.assert_allclose(index.scores(query), index.scores(query, quantized=True), atol=0.02)
    assert np.abs(index.scores(query)).max() <= 1.0001


def test_quantized_search_makes_no_float32_matrix():
    codes = RNG.integers(-127, 128, size=(20_000, 384), dtype=np.int8)
    index = Index("all-minilm-l6-v2", [], codes, codes, np.ones(len(codes), dtype=np.float32))
    tracemalloc.start()
    index.scores(np.ones(384), quantized=True)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 3 * codes.nbytes, f"{most} bytes were taken to search {codes.nbytes} bytes of codes"


def test_what_is_not_searched_stays_on_disk(folder):
    index = Index.load(folder)
    assert isinstance(index.vectors, np.memmap) and isinstance(index.codes, np.memmap)


def test_the_manifest_names_model_and_dimension(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    assert (manifest["model"], manifest["dimension"], manifest["rows"]) == (
        "all-minilm-l6-v2",
        384,
        200,
    )


def test_another_model_of_the_same_dimension_is_refused(folder):
    with pytest.raises(WrongModel):
        Index.load(folder, model="bge-small-en-v1.5")


def test_another_dimension_is_refused(folder):
    with pytest.raises(WrongModel):
        Index.load(folder, dimension=768)
