"""Sources/Tensors/CounterRandom.swift in numpy, bit for bit: random numbers that are a hash of a key and a counter."""

import numpy as np

GOLDEN = 0x9E37_79B9_7F4A_7C15
MASK = (1 << 64) - 1
TEST_PURPOSE = 6  # CounterRandom.Purpose.test


def fnv1a64(text):
    """The 64-bit FNV-1a hash of a text's UTF-8 bytes: how a name becomes a key word."""
    value = 0xCBF2_9CE4_8422_2325
    for byte in text.encode():
        value = ((value ^ byte) * 0x100_0000_01B3) & MASK
    return value


def mix(word):
    """The SplitMix64 finaliser of one Python integer."""
    word = ((word ^ (word >> 30)) * 0xBF58_476D_1CE4_E5B9) & MASK
    word = ((word ^ (word >> 27)) * 0x94D0_49BB_1331_11EB) & MASK
    return word ^ (word >> 31)


class CounterRandom:
    """`CounterRandom(seed:purpose:_:)` with purpose .test; a word that is a string stands for its FNV-1a hash."""

    def __init__(self, seed, *words):
        key = mix((seed + GOLDEN) & MASK)
        for word in (TEST_PURPOSE, *words):
            number = fnv1a64(word) if isinstance(word, str) else word
            key = mix(key ^ mix((number + GOLDEN) & MASK))
        self.key = key

    def bits(self, count):
        """uint64 [count]: `bits(0)`, `bits(1)`, ..."""
        z = np.uint64(self.key) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(GOLDEN)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58_476D_1CE4_E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D0_49BB_1331_11EB)
        return z ^ (z >> np.uint64(31))

    def uniform(self, count):
        """float32 [count] in [0, 1), 24 random bits each: `uniform(0)`, `uniform(1)`, ..."""
        return (self.bits(count) >> np.uint64(40)).astype(np.float32) * np.float32(2.0**-24)

    def integers(self, count, below):
        """[count] whole numbers in 0 ..< below: `integer(0, below:)`, `integer(1, below:)`, ..."""
        return [(int(word) * below) >> 64 for word in self.bits(count)]
