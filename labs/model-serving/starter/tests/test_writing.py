"""Numbers into Q8_0 blocks, and a whole file. Given: the checks run it."""

import json
import struct

import numpy as np

import requantize
from gguf_file import F32, Q4_1, Q8_0, Gguf
from requantize import q8_0_blocks, q8_0_values
from test_reading import block


def numbers(seed: int, blocks: int = 50) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.05, blocks * 32).astype(np.float32)


def test_a_block_is_a_half_float_and_32_signed_bytes():
    raw = q8_0_blocks(np.array([-127.0] + [1.0] * 31, dtype=np.float32))
    assert len(raw) == 34
    d, *bytes_ = struct.unpack("<e32b", raw)
    assert (d, bytes_) == (1.0, [-127] + [1] * 31)


def test_the_largest_weight_becomes_127():
    raw = np.frombuffer(q8_0_blocks(numbers(1)), dtype=[("d", "<f2"), ("bytes", "i1", 32)])
    assert np.abs(raw["bytes"].astype(int)).max(axis=1).tolist() == [127] * len(raw)


def test_the_nearest_byte_is_taken():
    values = np.array([127.0, 0.6, -0.6, 0.4, -0.4, 2.9] + [0.0] * 26, dtype=np.float32)
    assert struct.unpack("<e32b", q8_0_blocks(values))[1:7] == (127, 1, -1, 0, 0, 3)


def test_there_and_back_is_within_half_a_step():
    values = numbers(2)
    back = q8_0_values(q8_0_blocks(values))
    step = np.abs(values.reshape(-1, 32)).max(axis=1, keepdims=True) / 127
    # d is rounded to a half float, which moves a weight of 127 steps by up to 1/16 step.
    assert (np.abs(back - values).reshape(-1, 32) <= step * 0.57).all()


def test_a_block_of_zeros_stays_zero():
    with np.errstate(all="raise"):
        back = q8_0_values(q8_0_blocks(np.zeros(64, dtype=np.float32)))
    assert back.tolist() == [0.0] * 64


def small_file(path) -> None:
    """A GGUF file with one tensor of each kind that matters here."""

    def text(value: str) -> bytes:
        return struct.pack("<Q", len(value)) + value.encode()

    def number(key: str, value: int) -> bytes:
        return text(key) + struct.pack("<II", 4, value)

    keys = {"block_count": 2, "embedding_length": 64, "context_length": 128}
    keys |= {"attention.head_count": 4, "attention.head_count_kv": 2}
    values = [
        text("general.architecture") + struct.pack("<I", 8) + text("llama"),
        number("general.file_type", 3),
    ]
    values += [number(f"llama.{key}", value) for key, value in keys.items()]
    norm = np.arange(32, dtype="<f4").tobytes()
    weights = b"".join(block(0.25, -2.0, [(i + j) % 16 for i in range(32)]) for j in range(4))
    tensors = text("norm") + struct.pack("<IQIQ", 1, 32, F32, 0)
    tensors += text("weights") + struct.pack("<IQQIQ", 2, 64, 2, Q4_1, len(norm))
    head = b"GGUF" + struct.pack("<IQQ", 3, 2, len(values)) + b"".join(values) + tensors
    path.write_bytes(head + b"\0" * (-len(head) % 32) + norm + weights)


def test_a_file_keeps_what_is_not_q4_1(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    small_file(tmp_path / "small.gguf")
    requantize.main("small.gguf", "made.gguf")
    with Gguf("made.gguf") as made, Gguf("small.gguf") as small:
        assert made.values["general.file_type"] == 7
        norm, weights = made.tensors
        assert (norm.kind, made.raw(norm)) == (F32, small.raw(small.tensors[0]))
        assert (weights.kind, weights.size) == (Q8_0, 4 * 34)
        back = q8_0_values(made.raw(weights))
        before = requantize.q4_1_values(small.raw(small.tensors[1]))
    assert np.abs(back - before).max() < 0.02
    told = json.loads((tmp_path / "weights.json").read_text())
    assert told["dimensions"] == {
        "layers": 2,
        "heads": 4,
        "kv_heads": 2,
        "head_size": 16,
        "context": 128,
    }
    assert told["q8_0"]["by_kind"] == {"F32": 128, "Q8_0": 136}
