"""Makes a Q8_0 file of a Q4_1 file, on this machine, from what is there.

    python requantize.py SmolLM2-135M-Instruct.Q4_1.gguf smollm2-135m-instruct-q8_0.gguf

Writes the second file, and weights.json: the bytes of both by kind, and the dimensions that the
other programs need.
"""

from __future__ import annotations

import json
import sys

import numpy as np
from numpy.typing import NDArray

from gguf_file import F16, F32, Q4_1, Q8_0, Gguf, NotGguf, Tensor, by_kind, write

BLOCK = 32
MOSTLY_Q8_0 = 7

Floats = NDArray[np.float32]


def q4_1_values(raw: bytes) -> Floats:
    """The weights that Q4_1 blocks stand for, in order.

    A block is 20 bytes: d and m as little-endian half floats, then 16 bytes that hold 32 numbers
    from 0 to 15. The low four bits of byte i are number i, the high four bits number i + 16. The
    weight is d * number + m.
    """
    blocks = np.frombuffer(raw, dtype=[("d", "<f2"), ("m", "<f2"), ("bits", "u1", 16)])
    numbers = np.concatenate([blocks["bits"] & 0x0F, blocks["bits"] >> 4], axis=1).astype(
        np.float32
    )
    scale = blocks["d"].astype(np.float32)[:, None]
    return (numbers * scale + blocks["m"].astype(np.float32)[:, None]).reshape(-1)


def q8_0_blocks(values: Floats) -> bytes:
    """The weights as Q8_0 blocks.

    A block is 34 bytes: d as a little-endian half float, then 32 signed bytes. The weight is d *
    byte. The largest weight of a block, by its absolute value, becomes 127 or -127.
    """
    rows = values.reshape(-1, BLOCK)
    scale = np.abs(rows).max(axis=1) / 127
    # A block of zeros has no scale to divide by.
    inverse = np.divide(1, scale, out=np.zeros_like(scale), where=scale > 0)
    blocks = np.empty(len(rows), dtype=[("d", "<f2"), ("bytes", "i1", BLOCK)])
    blocks["d"] = scale
    blocks["bytes"] = np.rint(rows * inverse[:, None])
    return blocks.tobytes()


def q8_0_values(raw: bytes) -> Floats:
    """The weights that Q8_0 blocks stand for: given, to see what the way there and back costs."""
    blocks = np.frombuffer(raw, dtype=[("d", "<f2"), ("bytes", "i1", BLOCK)])
    return (blocks["bytes"].astype(np.float32) * blocks["d"].astype(np.float32)[:, None]).reshape(
        -1
    )


class Requantizer:
    """Changes every Q4_1 tensor, leaves the others, and keeps account of the error."""

    def __init__(self) -> None:
        self.squares = self.errors = 0.0

    def __call__(self, tensor: Tensor, raw: bytes) -> tuple[int, bytes]:
        if tensor.kind != Q4_1:
            return tensor.kind, raw
        values = q4_1_values(raw)
        blocks = q8_0_blocks(values)
        # Summed in double precision: a hundred million squares lose their digits in single.
        self.squares += float(np.square(values, dtype=np.float64).sum())
        self.errors += float(np.square(values - q8_0_values(blocks), dtype=np.float64).sum())
        return Q8_0, blocks

    @property
    def relative_error(self) -> float:
        return (self.errors / self.squares) ** 0.5 if self.squares else 0.0


def described(path: str) -> dict[str, object]:
    with Gguf(path) as file:
        kinds = by_kind(file.tensors)
    return {
        "file_bytes": file.path.stat().st_size,
        "weight_bytes": sum(kinds.values()),
        "by_kind": kinds,
    }


def main(source: str, target: str) -> None:
    requantizer = Requantizer()
    with Gguf(source) as file:
        unknown = {tensor.kind for tensor in file.tensors} - {F32, F16, Q4_1, Q8_0}
        if unknown or Q4_1 not in {tensor.kind for tensor in file.tensors}:
            sys.exit(f"requantize.py: {source} must hold Q4_1, and else only F32, F16, Q8_0")
        write(file, target, requantizer, MOSTLY_Q8_0)
        prefix = file.values["general.architecture"]
        heads = file.values[f"{prefix}.attention.head_count"]
        dimensions = {
            "layers": file.values[f"{prefix}.block_count"],
            "heads": heads,
            "kv_heads": file.values.get(f"{prefix}.attention.head_count_kv", heads),
            "head_size": file.values[f"{prefix}.embedding_length"] // heads,
            "context": file.values[f"{prefix}.context_length"],
        }
    result = {
        "dimensions": dimensions,
        "relative_error": round(requantizer.relative_error, 6),
        "q4_1": described(source),
        "q8_0": described(target),
    }
    with open("weights.json", "w", encoding="utf-8") as out:
        json.dump(result, out, indent=2)
        out.write("\n")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(f"usage: {sys.argv[0]} SOURCE.gguf TARGET.gguf")
    try:
        main(*sys.argv[1:])
    except (NotGguf, OSError) as fault:
        sys.exit(f"requantize.py: {fault}")
