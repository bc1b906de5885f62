"""An index as arrays and a manifest: exact search, a quantized copy, and whose vectors they are."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from chunks import Chunk
from tokens import DIMENSION, MODEL


class WrongModel(Exception):
    """The vectors come from another model than the one that asks."""


def unit(matrix: np.ndarray) -> np.ndarray:
    """Each row divided by its length, so that a dot product is a cosine. A row of zeros stays."""
    lengths = np.linalg.norm(matrix, axis=-1, keepdims=True)
    return (matrix / np.where(lengths == 0, 1, lengths)).astype(np.float32)


def quantize(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows as int8 from -127 to 127, and for each row the float32 that one step stands for."""
    # Yours. The largest number of a row becomes 127 or -127. A row of zeros is no fault.
    raise NotImplementedError("index.py: nothing is quantized yet")


def top(scores: np.ndarray, k: int) -> np.ndarray:
    """Positions of the k highest scores, the highest first; of equal ones the first of them."""
    # Yours. There may be fewer than k.
    raise NotImplementedError("index.py: nothing is ordered yet")


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
        # Yours: refuse with WrongModel what another model made, and say in it which one asks and
        # which one made it.
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
        # Yours. The query may have any length; the rows have length 1, and codes x scales are the
        # rows again. Turn codes into float32 a few thousand rows at a time, or int8 saves nothing.
        raise NotImplementedError("index.py: nothing is scored yet")

    def search(self, query: np.ndarray, k: int = 10, quantized: bool = False) -> np.ndarray:
        return top(self.scores(query, quantized), k)
