"""Q4_1 blocks into numbers. Given: the checks run it."""

import struct

import numpy as np

from requantize import q4_1_values


def block(d: float, m: float, numbers: list[int]) -> bytes:
    """A block as the format says, made one number at a time."""
    bits = [numbers[i] | numbers[i + 16] << 4 for i in range(16)]
    return struct.pack("<ee16B", d, m, *bits)


def test_the_numbers_come_back_in_order():
    numbers = [(7 * i) % 16 for i in range(32)]
    values = q4_1_values(block(1.0, 0.0, numbers))
    assert values.tolist() == [float(number) for number in numbers]


def test_scale_and_minimum_are_applied():
    values = q4_1_values(block(0.5, -3.0, [15] * 32))
    assert values.tolist() == [0.5 * 15 - 3.0] * 32


def test_each_block_has_its_own_scale():
    values = q4_1_values(block(1.0, 0.0, [1] * 32) + block(2.0, 10.0, [2] * 32))
    assert values.tolist() == [1.0] * 32 + [14.0] * 32


def test_the_values_are_single_floats():
    values = q4_1_values(block(0.1, 0.2, [3] * 32))
    assert values.dtype == np.float32
    # In half floats, 3 * 0.1 + 0.2 is off by more than this.
    exact = 3 * float(np.float16(0.1)) + float(np.float16(0.2))
    assert abs(float(values[0]) - exact) < 1e-6
