"""Makes the images of this folder and what Pillow (and PyTorch, for normalisation) make of them.

    python generate.py        needs pillow, numpy and torch

Writes files/*, expected.bin (all expected bytes, one after the other) and manifest.json, which says what lies where.
PNG files are written by hand here, since Pillow cannot write most of the format's kinds.
"""

import io
import json
import pathlib
import struct
import zlib

import numpy
import torch
from PIL import Image

HERE = pathlib.Path(__file__).parent
FILES = HERE / "files"
expected = bytearray()


def keep(array):
    """Appends the bytes and returns where they begin."""
    offset = len(expected)
    expected.extend(numpy.ascontiguousarray(array).tobytes())
    return offset


def pattern(width, height, seed=0):
    """Smooth colours with some noise, uint8 [height, width, 3]."""
    y, x = numpy.mgrid[0:height, 0:width]
    waves = numpy.stack([
        128 + 120 * numpy.sin(x / 3.1 + y / 7.3),
        128 + 120 * numpy.sin(x / 5.7 - y / 2.9),
        128 + 120 * numpy.sin((x + y) / 4.3),
    ], axis=-1)
    noise = numpy.random.default_rng(seed).normal(0, 12, waves.shape)
    return numpy.clip(waves + noise, 0, 255).astype(numpy.uint8)


# --- PNG by hand -----------------------------------------------------------------------------------------------------

ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def pack(samples, depth):
    """Rows [height, width * channels] of whole numbers as a PNG stores them; every row takes another filter."""
    height, count = samples.shape
    if depth == 16:
        rows = [row.astype(">u2").tobytes() for row in samples]
    elif depth == 8:
        rows = [row.astype(numpy.uint8).tobytes() for row in samples]
    else:
        per_byte = 8 // depth
        rows = []
        for row in samples:
            padded = numpy.zeros(-(-count // per_byte) * per_byte, numpy.uint8)
            padded[:count] = row
            packed = numpy.zeros(len(padded) // per_byte, numpy.uint8)
            for i in range(per_byte):
                packed |= padded[i::per_byte] << (8 - depth * (i + 1))
            rows.append(packed.tobytes())
    return rows


def filtered(rows, pixel_bytes):
    out = bytearray()
    before = bytes(len(rows[0])) if rows else b""
    for y, row in enumerate(rows):
        kind = y % 5
        out.append(kind)
        for i, value in enumerate(row):
            a = row[i - pixel_bytes] if i >= pixel_bytes else 0
            b = before[i]
            c = before[i - pixel_bytes] if i >= pixel_bytes else 0
            p = a + b - c
            paeth = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
            out.append((value - [0, a, b, (a + b) // 2, paeth][kind]) % 256)
        before = row
    return bytes(out)


def png(samples, depth, colour, interlaced, extra=b""):
    height, width = samples.shape[:2]
    channels = CHANNELS[colour]
    samples = samples.reshape(height, width, channels)
    pixel_bytes = max(1, channels * depth // 8)
    if interlaced:
        data = b""
        for x0, y0, dx, dy in ADAM7:
            part = samples[y0::dy, x0::dx]
            if part.size:
                data += filtered(pack(part.reshape(part.shape[0], -1), depth), pixel_bytes)
    else:
        data = filtered(pack(samples.reshape(height, -1), depth), pixel_bytes)
    compressed = zlib.compress(data)
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlaced))
    half = len(compressed) // 2  # in two IDAT chunks
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", compressed[:half])
            + chunk(b"IDAT", compressed[half:]) + chunk(b"IEND", b""))


def rgb_of(data):
    with Image.open(io.BytesIO(data)) as image:
        return numpy.asarray(image.convert("RGB"))


decode = []


def add_decode(name, data, rgb, tolerance):
    (FILES / name).write_bytes(data)
    height, width = rgb.shape[:2]
    decode.append({"file": name, "width": width, "height": height, "offset": keep(rgb), "tolerance": tolerance})


def make_pngs():
    width, height = 13, 11
    random = numpy.random.default_rng(1)
    for colour, depths in {0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16]}.items():
        for depth in depths:
            samples = random.integers(0, 1 << depth, (height, width, CHANNELS[colour]))
            extra = b"" if colour in (4, 6) else chunk(b"gAMA", struct.pack(">I", 20000))
            if colour == 3:
                count = min(1 << depth, 200)
                samples %= count
                extra += chunk(b"PLTE", random.integers(0, 256, 3 * count, dtype=numpy.uint8).tobytes())
            for interlaced in (False, True):
                data = png(samples, depth, colour, interlaced, extra)
                rgb = rgb_of(data)
                if (colour, depth) == (0, 16):
                    # Pillow clips 16-bit grey at 255, which makes nearly everything white; the rule is the high byte.
                    rgb = numpy.repeat((samples >> 8).astype(numpy.uint8), 3, axis=2)
                name = f"colour{colour}-depth{depth}{'-interlaced' if interlaced else ''}.png"
                add_decode(name, data, rgb, 0)
    # Transparency of each kind is dropped.
    grey = random.integers(0, 256, (height, width, 1))
    data = png(grey, 8, 0, False, chunk(b"tRNS", struct.pack(">H", int(grey[0, 0, 0]))))
    add_decode("grey-transparent.png", data, rgb_of(data), 0)
    colours = random.integers(0, 256, (height, width, 3))
    data = png(colours, 8, 2, False, chunk(b"tRNS", struct.pack(">3H", *map(int, colours[0, 0]))))
    add_decode("rgb-transparent.png", data, rgb_of(data), 0)
    palette = chunk(b"PLTE", random.integers(0, 256, 48, dtype=numpy.uint8).tobytes())
    indices = random.integers(0, 16, (height, width, 1))
    data = png(indices, 4, 3, False, palette + chunk(b"tRNS", bytes([0, 128, 255])))
    add_decode("palette-transparent.png", data, rgb_of(data), 0)
    # Indices beyond the palette are black.
    data = png(indices, 8, 3, False, chunk(b"PLTE", bytes(range(24))))
    add_decode("palette-short.png", data, rgb_of(data), 0)
    one = numpy.array([[[200, 100, 50]]])
    for interlaced in (False, True):
        data = png(one, 8, 2, interlaced)
        add_decode(f"one-pixel{'-interlaced' if interlaced else ''}.png", data, rgb_of(data), 0)


# --- JPEG ------------------------------------------------------------------------------------------------------------

def jpeg(array, mode="RGB", **options):
    buffer = io.BytesIO()
    Image.fromarray(array, mode).save(buffer, "JPEG", **{"quality": 85, **options})
    return buffer.getvalue()


def with_adobe_transform(data, transform):
    place = data.index(b"Adobe")
    return data[:place + 11] + bytes([transform]) + data[place + 12:]


def make_jpegs():
    colour = pattern(45, 38)
    grey = colour[:, :, 1].copy()
    cmyk = numpy.concatenate([pattern(45, 38, 3), pattern(45, 38, 4)[:, :, :1]], axis=2)
    exif = Image.Exif()
    exif[0x0112] = 6  # "turn by 90 degrees": not applied
    kinds = {
        "baseline-444.jpg": jpeg(colour, subsampling=0),
        "baseline-422.jpg": jpeg(colour, subsampling=1),
        "baseline-420.jpg": jpeg(colour, subsampling=2),
        "progressive-420.jpg": jpeg(colour, subsampling=2, progressive=True),
        "progressive-444.jpg": jpeg(colour, subsampling=0, progressive=True, quality=95),
        "restarts.jpg": jpeg(colour, restart_marker_blocks=2),
        "optimized.jpg": jpeg(colour, optimize=True, quality=30),
        "rgb-components.jpg": jpeg(colour, keep_rgb=True),
        "grey.jpg": jpeg(grey, "L"),
        "grey-progressive.jpg": jpeg(grey, "L", progressive=True),
        "cmyk.jpg": jpeg(cmyk, "CMYK"),
        "cmyk-progressive.jpg": jpeg(cmyk, "CMYK", progressive=True),
        "orientation.jpg": jpeg(colour, exif=exif),
        "one-pixel.jpg": jpeg(colour[:1, :1].copy()),
    }
    kinds["ycck.jpg"] = with_adobe_transform(kinds["cmyk.jpg"], 2)
    kinds["appended.jpg"] = kinds["baseline-420.jpg"] + b"appended by a camera" * 10
    for name, data in kinds.items():
        add_decode(name, data, rgb_of(data), 1)


# --- Resizing and rotating -------------------------------------------------------------------------------------------

resize = []
rotate = []


def add_source(name, array):
    Image.fromarray(array).save(FILES / name, optimize=True)
    return name


def make_resizes():
    small = add_source("small.png", pattern(37, 29, 7))
    y, x = numpy.mgrid[0:120, 0:180]
    large = add_source("large.png", numpy.stack([x * 7 ^ y * 3, x * y // 50, (x // 9 + y // 7) % 2 * 255], axis=-1).astype(numpy.uint8))
    levels = numpy.arange(768).reshape(3, 16, 16) * numpy.array([1, 3, 5])[:, None, None] % 256  # every level once a channel
    add_source("levels.png", levels.transpose(1, 2, 0).astype(numpy.uint8).copy())
    dot = add_source("dot.png", pattern(1, 1, 8))
    cases = [
        (small, 37, 29, None), (small, 16, 12, None), (small, 64, 64, None), (small, 30, 31, None), (small, 1, 1, None),
        (small, 37, 10, None), (small, 50, 29, None), (small, 256, 7, None), (small, 28, 28, None),
        (small, 24, 24, (3, 4, 30, 25)), (small, 64, 48, (10.25, 5.5, 20.75, 14.125)), (small, 8, 8, (0, 0, 37, 15)),
        (small, 10, 10, (27, 19, 37, 29)), (small, 5, 3, (0.5, 0, 36.5, 29)), (small, 40, 8, (2.5, 3, 30, 27.75)),
        (large, 64, 64, None), (large, 33, 57, None), (large, 181, 20, None), (large, 7, 120, None),
        (large, 64, 64, (17, 31, 147, 110)), (dot, 9, 8, None),
    ]
    for name, width, height, box in cases:
        with Image.open(FILES / name) as image:
            out = image.resize((width, height), Image.Resampling.BILINEAR, box=box)
            resize.append({"file": name, "width": width, "height": height, "box": box, "offset": keep(numpy.asarray(out))})
            if box and all(side == int(side) for side in box):
                # torchvision's crop comes first: the filter does not see beyond it.
                out = image.crop(box).resize((width, height), Image.Resampling.BILINEAR)
                resize.append({"file": name, "width": width, "height": height, "crop": box, "offset": keep(numpy.asarray(out))})


def make_rotations():
    square = add_source("square.png", pattern(32, 32, 9))
    for name in (square, "small.png"):
        for degrees in (-10, -9.87654321, -1, 0, 0.03, 2.718281828, 10, 33.3):
            with Image.open(FILES / name) as image:
                out = image.rotate(degrees)
                rotate.append({"file": name, "degrees": degrees, "offset": keep(numpy.asarray(out))})


# --- Normalisation ---------------------------------------------------------------------------------------------------

NORMALIZATIONS = {
    "unit": ([0, 0, 0], [1, 1, 1]),
    "imagenet": ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
    "tutorial": ([0.50950350, 0.54632660, 0.57409690], [0.26059777, 0.26041326, 0.29220656]),
}


def make_normalizations():
    """[256 values, 3 channels] float32 for each."""
    values = torch.arange(256, dtype=torch.float32).div(255)[:, None]
    return {name: keep(values.sub(torch.tensor(mean)).div(torch.tensor(deviation)).numpy().astype("<f4"))
            for name, (mean, deviation) in NORMALIZATIONS.items()}


# --- Broken and large files ------------------------------------------------------------------------------------------

def make_broken():
    array = pattern(20, 16)
    for kind in ("GIF", "WEBP", "BMP", "TIFF", "PPM"):
        Image.fromarray(array[:8, :8]).save(FILES / f"other.{kind.lower()}")
    claims = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0))
    (FILES / "claims-60000.png").write_bytes(claims + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b""))
    photo = jpeg(pattern(64, 64, 5), subsampling=0)
    frame = photo.index(b"\xff\xc0")
    (FILES / "claims-60000.jpg").write_bytes(photo[:frame + 5] + struct.pack(">HH", 60000, 60000) + photo[frame + 9:])
    (FILES / "twelve-bit.jpg").write_bytes(photo[:frame + 4] + b"\x0c" + photo[frame + 5:])
    (FILES / "lossless.jpg").write_bytes(photo[:frame + 1] + b"\xc3" + photo[frame + 2:])
    middle = len(photo) * 2 // 3
    (FILES / "cut-and-closed.jpg").write_bytes(photo[:middle].rstrip(b"\xff") + b"\xff\xd9")
    samples = numpy.arange(400).reshape(10, 40) % 256
    whole = png(samples, 8, 0, False)
    data = whole.index(b"IDAT") + 8
    (FILES / "flipped-bits.png").write_bytes(whole[:data] + bytes([whole[data] ^ 0x55]) + whole[data + 1:])
    (FILES / "no-palette.png").write_bytes(png(samples % 4, 2, 3, False))
    # Rows missing although file and checksums are whole.
    header = struct.pack(">IIBBBBB", 40, 10, 8, 0, 0, 0, 0)
    short = zlib.compress(filtered(pack(samples[:6], 8), 1))
    (FILES / "rows-missing.png").write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", short) + chunk(b"IEND", b""))


def flat_png(width, height, interlace, depth=1):
    """Black, 1 bit a pixel: an image far larger than its file."""
    if interlace:
        rows = sum((len(range(y0, height, dy)) * (1 + -(-len(range(x0, width, dx)) * depth // 8))) for x0, y0, dx, dy in ADAM7)
    else:
        rows = height * (1 + -(-width * depth // 8))
    header = struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, interlace)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(rows), 9)) + chunk(b"IEND", b""))


def make_large():
    (FILES / "vast.png").write_bytes(flat_png(8000, 5000, 0))
    (FILES / "vast-interlaced.png").write_bytes(flat_png(4000, 4000, 1))
    grey = numpy.zeros((1000, 1600), numpy.uint8)
    (FILES / "wide-baseline.jpg").write_bytes(jpeg(grey, "L", optimize=True))
    (FILES / "wide-progressive.jpg").write_bytes(jpeg(grey, "L", progressive=True))


if __name__ == "__main__":
    FILES.mkdir(exist_ok=True)
    for old in FILES.iterdir():
        old.unlink()
    make_pngs()
    make_jpegs()
    make_resizes()
    make_rotations()
    normalizations = make_normalizations()
    make_broken()
    make_large()
    (HERE / "expected.bin").write_bytes(expected)
    manifest = {"decode": decode, "resize": resize, "rotate": rotate, "normalizations": normalizations}
    (HERE / "manifest.json").write_text(json.dumps(manifest).replace("}, ", "},\n") + "\n")
