"""Small colour profiles (ICC version 4 and 2), made here so that no file of others is needed."""

import struct

# Red, green and blue as XYZ under D50.
DISPLAY_P3 = [(0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407)]
ADOBE = [(0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457)]
SRGB = [(0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410)]
WHITE = (0.96420, 1.0, 0.82491)


def fixed(value):
    return struct.pack(">i", round(value * 65536))


def xyz(values):
    return b"XYZ \0\0\0\0" + b"".join(map(fixed, values))


def curve(gamma):
    if gamma == "srgb":
        return b"para\0\0\0\0" + struct.pack(">HH", 3, 0) + b"".join(map(fixed, (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)))
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"


def text(words):
    return b"mluc\0\0\0\0" + struct.pack(">II2s2sII", 1, 12, b"en", b"US", 2 * len(words), 28) + words.encode("utf-16-be")


def profile(space, tags, version=0x04200000, kind=b"mntr", connection=b"XYZ "):
    tags = {b"desc": text("test"), b"cprt": text("none"), b"wtpt": xyz(WHITE)} | tags
    table, data, offset = b"", b"", 128 + 4 + 12 * len(tags)
    for name, value in tags.items():
        value += b"\0" * (-len(value) % 4)
        table += struct.pack(">4sII", name, offset + len(data), len(value))
        data += value
    header = struct.pack(">I4sI4s4s4s12s4s", offset + len(data), b"lcms", version, kind, space, connection, bytes(12), b"acsp")
    header += bytes(28) + b"".join(map(fixed, WHITE)) + bytes(48)
    return header + struct.pack(">I", len(tags)) + table + data


def rgb(colours, gamma):
    names = [b"rXYZ", b"gXYZ", b"bXYZ"]
    tags = {name: xyz(values) for name, values in zip(names, colours)}
    return profile(b"RGB ", tags | {name: curve(gamma) for name in (b"rTRC", b"gTRC", b"bTRC")})


def gray(gamma):
    return profile(b"GRAY", {b"kTRC": curve(gamma)})


def cmyk():
    """A table with two points an ink: Lab of each of the sixteen corners."""
    ramp = bytes(range(256))
    corners = b""
    for corner in range(16):
        inks = [corner >> shift & 1 for shift in (3, 2, 1, 0)]
        light = 1 - 0.9 * inks[3]
        red, green, blue = [(1 - 0.8 * ink) * light for ink in inks[:3]]
        corners += bytes([round(255 * (0.3 * red + 0.6 * green + 0.1 * blue)), round(128 + 60 * (red - green)), round(128 + 60 * (green - blue))])
    identity = b"".join(fixed(value) for value in (1, 0, 0, 0, 1, 0, 0, 0, 1))
    table = b"mft1\0\0\0\0" + bytes([4, 3, 2, 0]) + identity + ramp * 4 + corners + ramp * 3
    return profile(b"CMYK", {b"A2B0": table}, 0x02400000, b"prtr", b"Lab ")
