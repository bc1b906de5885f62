"""An index as arrays and a manifest: exact search, a quantized copy, and whose vectors they are."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from chunks import Chunk
from tokens import DIMENSION, MODEL


BLOCK = 4096  # Rows of the int8 copy that are multiplied at once.


class WrongModel(Exception):
    """The vectors come from another model than the one that asks."""


def unit(matrix: np.ndarray) -> np.ndarray:
    """Each row divided by its length, so that a dot product is a cosine. A row of zeros stays."""
    lengths = np.linalg.norm(matrix, axis=-1, keepdims=True)
    return (matrix / np.where(lengths == 0, 1, lengths)).astype(np.float32)


def quantize(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows as int8 from -127 to 127, and for each row the float32 that one step stands for."""
    scales = np.abs(matrix).max(axis=1) / 127
    scales = np.where(scales == 0, 1, scales).astype(np.float32)
    return np.rint(matrix / scales[:, None]).astype(np.int8), scales


def top(scores: np.ndarray, k: int) -> np.ndarray:
    """Positions of the k highest scores, the highest first; of equal ones the first of them."""
    k = min(k, len(scores))
    # Ordering all of a million scores for ten of them is most of the time of a search.
    candidates = np.flatnonzero(scores >= np.partition(scores, -k)[-k]) if k else np.array([], int)
    return candidates[np.argsort(-scores[candidates], kind="stable")][:k]


@dataclass(frozen=True)
class Index:
    model: str
    rows: list[dict]  # Of each row its chunk: document, number, label.
    vectors: np.ndarray  # float32, each row of length 1
    codes: np.ndarray  # int8
    scales: np.ndarray  # float32

    @classmethod
    def make(cls, model: str, chunks: Sequence[Chunk], vectors: np.ndarray) -> Index:
        vectors = unit(vectors)
        rows = [{"document": c.document, "number": c.number, "label": c.label} for c in chunks]
        return cls(model, rows, vectors, *quantize(vectors))

    def save(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        np.save(folder / "vectors.npy", self.vectors)
        np.save(folder / "codes.npy", self.codes)
        np.save(folder / "scales.npy", self.scales)
        lines = (json.dumps(row, ensure_ascii=False) for row in self.rows)
        (folder / "rows.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        manifest = {
            "model": self.model,
            "dimension": int(self.vectors.shape[1]),
            "rows": len(self.rows),
            "float32_bytes": self.vectors.nbytes,
            "int8_bytes": self.codes.nbytes + self.scales.nbytes,
        }
        (folder / "manifest.json").write_text(
            json.dumps(manifest, indent=2) + "\n", encoding="utf-8"
        )

    @classmethod
    def load(cls, folder: Path, model: str = MODEL, dimension: int = DIMENSION) -> Index:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        # The dimension alone does not do: two models of 384 numbers fit each other's arrays.
        if manifest["dimension"] != dimension:
            raise WrongModel(
                f"{folder} holds {manifest['model']} with {manifest['dimension']} numbers, "
                f"and {model} with {dimension} asks. Build a new index beside it."
            )
        text = (folder / "rows.jsonl").read_text(encoding="utf-8")
        return cls(
            manifest["model"],
            [json.loads(line) for line in text.splitlines()],
            # Mapped: of two copies, only the one that a search reads takes memory.
            np.load(folder / "vectors.npy", mmap_mode="r"),
            np.load(folder / "codes.npy", mmap_mode="r"),
            np.load(folder / "scales.npy"),
        )

    def scores(self, query: np.ndarray, quantized: bool = False) -> np.ndarray:
        """The cosine of the query with every row."""
        query = unit(query)
        if quantized:
            scores = np.empty(len(self.codes), dtype=np.float32)
            # A block at a time: all codes as float32 at once would be the matrix that they replace.
            for start in range(0, len(self.codes), BLOCK):
                rows = slice(start, start + BLOCK)
                scores[rows] = self.codes[rows].astype(np.float32) @ query
            return scores * self.scales
        return self.vectors @ query

    def search(self, query: np.ndarray, k: int = 10, quantized: bool = False) -> np.ndarray:
        return top(self.scores(query, quantized), k)
