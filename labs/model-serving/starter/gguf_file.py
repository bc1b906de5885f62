"""Reads a GGUF file's header, and writes it again with other weights. Given: nothing of yours
belongs here.

A GGUF file is a header (named values, then for each tensor its name, shape, kind and offset), a gap
up to the next multiple of the alignment, and the tensors' bytes. The format: ggml's `docs/gguf.md`.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

F32, F16, Q4_1, Q8_0 = 0, 1, 3, 8
NAMES = {F32: "F32", F16: "F16", Q4_1: "Q4_1", Q8_0: "Q8_0"}
# Weights of a block, and its bytes.
BLOCKS = {F32: (1, 4), F16: (1, 2), Q4_1: (32, 20), Q8_0: (32, 34)}

_SCALARS = {
    0: "B",
    1: "b",
    2: "H",
    3: "h",
    4: "I",
    5: "i",
    6: "f",
    7: "?",
    10: "Q",
    11: "q",
    12: "d",
}
_TEXT, _LIST, _U32 = 8, 9, 4
_FILE_TYPE = "general.file_type"  # 3: mostly Q4_1, 7: mostly Q8_0


class NotGguf(ValueError):
    """The file is no GGUF file that this module can read."""


@dataclass(frozen=True)
class Tensor:
    name: str
    shape: tuple[int, ...]
    kind: int
    offset: int

    @property
    def count(self) -> int:
        product = 1
        for length in self.shape:
            product *= length
        return product

    @property
    def size(self) -> int:
        """Its bytes in the file."""
        if self.kind not in BLOCKS:
            raise NotGguf(
                f"{self.name} is of kind {self.kind}, and F32, F16, Q4_1 and Q8_0 are known here"
            )
        weights, size = BLOCKS[self.kind]
        return self.count // weights * size


class Gguf:
    """A file that is open for reading."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.file: BinaryIO = self.path.open("rb")
        if self.file.read(4) != b"GGUF":
            raise NotGguf(f"{self.path.name} does not begin with GGUF")
        self.version = self._one("I")
        tensors, values = self._one("Q"), self._one("Q")
        began = self.file.tell()
        self.values: dict[str, Any] = {}
        self._file_type_at: int | None = None
        for _ in range(values):
            key, kind = self._text(), self._one("I")
            if key == _FILE_TYPE and kind == _U32:
                self._file_type_at = self.file.tell() - began
            self.values[key] = self._value(kind)
        ended = self.file.tell()
        self.file.seek(began)
        self._raw_values = self.file.read(ended - began)
        self.tensors = [self._tensor() for _ in range(tensors)]
        self.alignment = int(self.values.get("general.alignment", 32))
        self.data_at = _aligned(self.file.tell(), self.alignment)

    def __enter__(self) -> Gguf:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def raw(self, tensor: Tensor) -> bytes:
        self.file.seek(self.data_at + tensor.offset)
        found = self.file.read(tensor.size)
        if len(found) != tensor.size:
            raise NotGguf(f"{tensor.name} lies beyond the end of {self.path.name}")
        return found

    def _one(self, kind: str) -> Any:
        return struct.unpack("<" + kind, self.file.read(struct.calcsize("<" + kind)))[0]

    def _text(self) -> str:
        return self.file.read(self._one("Q")).decode("utf-8", "replace")

    def _value(self, kind: int) -> Any:
        if kind == _TEXT:
            return self._text()
        if kind == _LIST:
            of, count = self._one("I"), self._one("Q")
            return [self._value(of) for _ in range(count)]
        return self._one(_SCALARS[kind])

    def _tensor(self) -> Tensor:
        name, dimensions = self._text(), self._one("I")
        shape = tuple(self._one("Q") for _ in range(dimensions))
        return Tensor(name, shape, self._one("I"), self._one("Q"))


def write(
    source: Gguf,
    path: str | Path,
    change: Callable[[Tensor, bytes], tuple[int, bytes]],
    file_type: int,
) -> None:
    """Writes `source` to `path` with the kind and the bytes that `change` makes of each tensor."""
    values = bytearray(source._raw_values)
    if source._file_type_at is not None:
        struct.pack_into("<I", values, source._file_type_at, file_type)
    with Path(path).open("wb") as out:
        out.write(
            b"GGUF"
            + struct.pack("<IQQ", source.version, len(source.tensors), len(source.values))
            + values
        )
        table = out.tell()
        kinds = [(tensor, F32, 0) for tensor in source.tensors]
        out.write(
            b"".join(_entry(*kind) for kind in kinds)
        )  # Its length is right; offsets come below.
        _pad(out, source.alignment)
        data_at = out.tell()
        entries = []
        for tensor in source.tensors:
            kind, raw = change(tensor, source.raw(tensor))
            entries.append(_entry(tensor, kind, out.tell() - data_at))
            out.write(raw)
            _pad(out, source.alignment)
        out.seek(table)
        out.write(b"".join(entries))


def by_kind(tensors: Iterator[Tensor] | list[Tensor]) -> dict[str, int]:
    """Bytes of the weights, by kind."""
    total: dict[str, int] = {}
    for tensor in tensors:
        name = NAMES[tensor.kind]
        total[name] = total.get(name, 0) + tensor.size
    return total


def _entry(tensor: Tensor, kind: int, offset: int) -> bytes:
    name = tensor.name.encode()
    shape = struct.pack(f"<{len(tensor.shape)}Q", *tensor.shape)
    head = struct.pack("<Q", len(name)) + name + struct.pack("<I", len(tensor.shape))
    return head + shape + struct.pack("<IQ", kind, offset)


def _aligned(position: int, alignment: int) -> int:
    return -(-position // alignment) * alignment


def _pad(out: BinaryIO, alignment: int) -> None:
    out.write(b"\0" * (_aligned(out.tell(), alignment) - out.tell()))
