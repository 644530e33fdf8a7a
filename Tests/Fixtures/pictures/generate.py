"""Makes the pictures of this folder and what Pillow makes of them under each rule of reading.

    python generate.py        needs pillow 13 and numpy; heif-enc and heif-convert (Debian: libheif-examples) for HEIC

Writes files/*, expected.bin (all expected bytes, one after the other) and manifest.json, which says what lies where.
"""

import io
import json
import pathlib
import struct
import subprocess
import tempfile

import numpy
from PIL import Image, ImageCms, ImageOps

import containers
import profiles

HERE = pathlib.Path(__file__).parent
FILES = HERE / "files"
SRGB = ImageCms.createProfile("sRGB")
SHOWN = {"orientation": "applied", "background": "white", "color_management": "srgb"}
STORED = {"orientation": "stored", "background": "drop", "color_management": "off"}
expected = bytearray()
decode, resize = [], []


def keep(array):
    """Appends the bytes and returns where they begin."""
    offset = len(expected)
    expected.extend(numpy.ascontiguousarray(array, numpy.uint8).tobytes())
    return offset


def pattern(width, height, seed=0):
    """Smooth colours, uint8 [height, width, 3]; no symmetry, so that every turn shows."""
    y, x = numpy.mgrid[0:height, 0:width]
    waves = numpy.stack([128 + 120 * numpy.sin(x / 3.1 + y / 7.3 + seed), 20 + 9 * x, 250 - 11 * y], axis=-1)
    return numpy.clip(waves, 0, 255).astype(numpy.uint8)


def clear(width, height):
    """Alpha from 0 to 255 across, uint8 [height, width]."""
    return numpy.repeat(numpy.linspace(0, 255, width).astype(numpy.uint8)[None, :], height, axis=0)


COLOUR = pattern(24, 19)
ALPHA = numpy.dstack([COLOUR, clear(24, 19)])


def to_srgb(image):
    """In RGB or RGBA, through the image's profile."""
    transparent = image.mode in ("RGBA", "LA", "RGBa") or "transparency" in image.info
    profile = image.info.get("icc_profile")
    if image.mode in ("P", "1", "RGBX") or "transparency" in image.info:
        image = image.convert("RGBA" if transparent else "RGB")
    if profile is None:
        return image.convert("RGBA" if transparent else "RGB")
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    alpha = image.getchannel("A") if transparent else None
    image = image.convert({"LA": "L", "RGBA": "RGB"}.get(image.mode, image.mode))
    if image.mode == "L" and source.profile.xcolor_space.strip() == "RGB":
        image = image.convert("RGB")
    image = ImageCms.profileToProfile(image, source, SRGB, outputMode="RGB")
    if alpha is not None:
        image.putalpha(alpha)
    return image


def read(path, rules):
    with Image.open(path) as image:
        image.load()
        if rules["orientation"] == "applied":
            image = ImageOps.exif_transpose(image)
        if rules["color_management"] == "srgb":
            image = to_srgb(image)
        if rules["background"] == "drop":
            return image.convert("RGB")
        image = image.convert("RGBA") if "A" in image.getbands() or "transparency" in image.info else image.convert("RGB")
        if image.mode == "RGBA":
            image = Image.alpha_composite(Image.new("RGBA", image.size, rules["background"]), image)
        return image.convert("RGB")


def add(name, data, tolerance=1, rules=(SHOWN, STORED), rgb=None):
    """A file, and its pixels under each of the rules."""
    path = FILES / name
    if data is not None:
        path.write_bytes(data)
    for it in rules:
        pixels = numpy.asarray(read(path, it)) if rgb is None else rgb
        decode.append({"file": name, "rules": it, "width": pixels.shape[1], "height": pixels.shape[0], "offset": keep(pixels),
                       "tolerance": tolerance})


def saved(array, kind, mode=None, **options):
    buffer = io.BytesIO()
    Image.fromarray(array, mode).save(buffer, kind, **options)
    return buffer.getvalue()


def exif(orientation):
    it = Image.Exif()
    it[0x0112] = orientation
    return it


OVER_BLUE = SHOWN | {"background": "#204080"}
CLEAR = (SHOWN, STORED, OVER_BLUE)


def make_orientations():
    for turn in range(1, 9):
        add(f"turned-{turn}.jpg", saved(COLOUR, "JPEG", quality=95, subsampling=0, exif=exif(turn)))
        add(f"turned-{turn}.png", saved(COLOUR, "PNG", exif=exif(turn)), 0)
        add(f"turned-{turn}.webp", saved(COLOUR, "WEBP", lossless=True, exif=exif(turn)), 0)
        # Pillow turns a TIFF whenever it is read.
        add(f"turned-{turn}.tiff", containers.tiff(COLOUR, extra={274: turn}), 0, [SHOWN])
    late = saved(COLOUR, "PNG", exif=exif(6))
    start = late.index(b"eXIf") - 4
    length = struct.unpack(">I", late[start:start + 4])[0] + 12
    chunk, rest = late[start:start + length], late[:start] + late[start + length:]
    add("turned-6-behind.png", rest[:-12] + chunk + rest[-12:], 0)
    big = saved(COLOUR, "JPEG", quality=95, subsampling=0, exif=b"Exif\0\0MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\x08\0\0\0\0\0\0")
    add("turned-8-motorola.jpg", big)
    add("turned-9.jpg", saved(COLOUR, "JPEG", quality=95, subsampling=0, exif=exif(9)))


def make_transparent():
    gray = numpy.dstack([COLOUR[:, :, 1], ALPHA[:, :, 3]])
    add("clear.png", saved(ALPHA, "PNG"), 0, CLEAR)
    add("clear-gray.png", saved(gray, "PNG", "LA"), 0, CLEAR)
    add("clear-colour.png", saved(COLOUR, "PNG", transparency=tuple(map(int, COLOUR[3, 4]))), 0, CLEAR)
    add("clear-level.png", saved(COLOUR[:, :, 2], "PNG", transparency=int(COLOUR[7, 0, 2])), 0, CLEAR)
    palette = Image.fromarray(COLOUR).quantize(16)
    buffer = io.BytesIO()
    palette.save(buffer, "PNG", transparency=bytes(range(0, 256, 16)))
    add("clear-palette.png", buffer.getvalue(), 0, CLEAR)
    add("clear.webp", saved(ALPHA, "WEBP", lossless=True, exact=True), 0, CLEAR)
    add("clear-lossy.webp", saved(ALPHA, "WEBP", quality=90), 1, CLEAR)
    add("clear.tiff", containers.tiff(ALPHA, extra={338: 2}), 0, CLEAR)
    multiplied = ALPHA.copy()
    multiplied[:, :, :3] = multiplied[:, :, :3].astype(int) * multiplied[:, :, 3:] // 255
    add("clear-multiplied.tiff", containers.tiff(multiplied, extra={338: 1}), 1, CLEAR)
    add("clear.bmp", containers.bmp(ALPHA, 32, masks=(0xFF0000, 0xFF00, 0xFF, 0xFF000000), header=124), 0, CLEAR)


def make_profiles():
    p3 = profiles.rgb(profiles.DISPLAY_P3, "srgb")
    for name, profile in {"p3": p3, "adobe": profiles.rgb(profiles.ADOBE, 2.19921875), "same": profiles.rgb(profiles.SRGB, "srgb")}.items():
        add(f"profile-{name}.jpg", saved(COLOUR, "JPEG", quality=95, subsampling=0, icc_profile=profile))
        add(f"profile-{name}.png", saved(COLOUR, "PNG", icc_profile=profile))
    add("profile-p3.webp", saved(COLOUR, "WEBP", lossless=True, icc_profile=p3))
    add("profile-p3-clear.webp", saved(ALPHA, "WEBP", lossless=True, exact=True, icc_profile=p3), 1, CLEAR)
    add("profile-p3-clear.png", saved(ALPHA, "PNG", icc_profile=p3), 1, CLEAR)
    add("profile-p3.tiff", containers.tiff(COLOUR, extra={34675: p3}))
    add("profile-p3-turned.jpg", saved(COLOUR, "JPEG", quality=95, subsampling=0, icc_profile=p3, exif=exif(6)))
    gray = profiles.gray(1.5)
    add("profile-gray.jpg", saved(COLOUR[:, :, 1], "JPEG", quality=95, icc_profile=gray))
    add("profile-gray.png", saved(COLOUR[:, :, 1], "PNG", icc_profile=gray))
    add("profile-gray-clear.png", saved(numpy.dstack([COLOUR[:, :, 1], ALPHA[:, :, 3]]), "PNG", "LA", icc_profile=gray), 1, CLEAR)
    add("profile-rgb-of-gray.jpg", saved(COLOUR[:, :, 1], "JPEG", quality=95, icc_profile=p3))
    inks = numpy.dstack([COLOUR, COLOUR[:, :, 0] // 3])
    add("profile-cmyk.jpg", saved(inks, "JPEG", "CMYK", quality=95, icc_profile=profiles.cmyk()))
    add("profile-cmyk.tiff", containers.tiff(inks, photometric=5, extra={34675: profiles.cmyk()}))
    for name, profile in {"torn": p3[:200], "other": gray}.items():
        data = saved(COLOUR, "JPEG", quality=95, subsampling=0, icc_profile=profile)
        add(f"profile-{name}.jpg", data, 1, rules=[SHOWN | {"color_management": "off"}])


def make_webp():
    add("lossy.webp", saved(COLOUR, "WEBP", quality=80))
    add("lossless.webp", saved(COLOUR, "WEBP", lossless=True), 0)
    frames = [Image.fromarray(pattern(24, 19, seed)) for seed in range(3)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "WEBP", save_all=True, append_images=frames[1:], duration=50, lossless=True)
    add("animated.webp", buffer.getvalue(), 0)
    add("animated-part.webp", containers.webp_part(saved(ALPHA, "WEBP", lossless=True, exact=True), 30, 26, 4, 2), 0, CLEAR)


def make_gif():
    buffer = io.BytesIO()
    still = Image.fromarray(COLOUR).quantize(64)
    still.save(buffer, "GIF", interlace=0)
    plain = buffer.getvalue()
    add("plain.gif", plain, 0)
    buffer = io.BytesIO()
    still.save(buffer, "GIF", interlace=1)
    add("interlaced.gif", buffer.getvalue(), 0)
    buffer = io.BytesIO()
    still.save(buffer, "GIF", transparency=5)
    add("clear.gif", buffer.getvalue(), 0, CLEAR)
    add("part.gif", containers.gif_part(plain, 31, 24, 3, 2), 0)
    add("part-clear.gif", containers.gif_part(buffer.getvalue(), 31, 24, 3, 2), 0, CLEAR)
    frames = [Image.fromarray(pattern(24, 19, seed)).quantize(32) for seed in range(3)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    add("animated.gif", buffer.getvalue(), 0)
    buffer = io.BytesIO()
    Image.fromarray(COLOUR[:, :, 0]).save(buffer, "GIF")
    add("gray.gif", buffer.getvalue(), 0)


def make_bmp():
    index = numpy.asarray(Image.fromarray(COLOUR).quantize(16))
    palette = numpy.array(Image.fromarray(COLOUR).quantize(16).getpalette()[:48], numpy.uint8).reshape(16, 3)
    for bits in (1, 4, 8):
        add(f"palette-{bits}.bmp", containers.bmp(index.astype(int) % (1 << bits), bits, palette=palette[:1 << bits]), 0)
    add("core.bmp", containers.bmp(index, 4, palette=palette, header=12), 0)
    add("rows-8.bmp", containers.bmp_runs(index, 8, palette), 0)
    add("rows-4.bmp", containers.bmp_runs(index, 4, palette), 0)
    add("colour-16.bmp", containers.bmp(COLOUR, 16), 0)
    add("colour-565.bmp", containers.bmp(COLOUR, 16, masks=(0xF800, 0x7E0, 0x1F)), 0)
    add("colour-24.bmp", containers.bmp(COLOUR, 24), 0)
    add("colour-24-top.bmp", containers.bmp(COLOUR, 24, top_down=True), 0)
    add("colour-32.bmp", containers.bmp(ALPHA, 32), 0)
    add("pillow.bmp", saved(COLOUR, "BMP"), 0)
    add("pillow-gray.bmp", saved(COLOUR[:, :, 0], "BMP"), 0)


def make_tiff():
    for compression in (None, "tiff_lzw", "tiff_adobe_deflate", "packbits", "zstd"):
        add(f"colour-{compression or 'plain'}.tiff", saved(COLOUR, "TIFF", compression=compression), 0)
    add("colour-jpeg.tiff", saved(COLOUR, "TIFF", compression="jpeg", quality=95))
    bits = COLOUR[:, :, 0] > 128
    buffer = io.BytesIO()
    Image.fromarray(bits).save(buffer, "TIFF", compression="group4")
    add("fax.tiff", buffer.getvalue(), 0)
    buffer = io.BytesIO()
    Image.fromarray(COLOUR).quantize(32).save(buffer, "TIFF")
    add("palette.tiff", buffer.getvalue(), 0)
    inks = numpy.dstack([COLOUR, COLOUR[:, :, 0] // 3])
    add("inks.tiff", containers.tiff(inks, photometric=5), 0)
    gray = COLOUR[:, :, 0]
    add("gray.tiff", containers.tiff(gray), 0)
    add("white-is-zero.tiff", containers.tiff(gray, photometric=0), 0)
    add("motorola.tiff", containers.tiff(COLOUR, order=">"), 0)
    add("big.tiff", containers.tiff(COLOUR, big=True), 0)
    add("planes.tiff", containers.tiff(COLOUR, planes=True), 0)
    add("strips.tiff", containers.tiff(COLOUR, strip=4), 0)
    add("tiles.tiff", containers.tiff(COLOUR, tile=16), 0)
    add("tile-planes.tiff", containers.tiff(COLOUR, tile=16, planes=True), 0)
    add("uneven.tiff", containers.tiff(COLOUR, photometric=6, subsampling=True))
    # What Pillow clips at 255: the upper eight bits by the rule.
    deep = (gray.astype(numpy.uint16) << 8) + 77
    add("gray-16.tiff", containers.tiff(deep), 0, rgb=numpy.dstack([gray] * 3))
    packed = (gray.astype(numpy.uint16) << 4) + 5
    add("gray-12.tiff", containers.tiff(packed, bits=12), 0, rgb=numpy.dstack([gray] * 3))


def make_deep():
    """Samples of 10 and 12 bits in 16: the upper eight of the bits that are used."""
    gray, colour = COLOUR[:, :, 0], COLOUR
    for bits in (10, 12):
        rules = [SHOWN | {"sample_bits": bits}]
        deep = (gray.astype(numpy.uint16) << (bits - 8)) + 1
        deep[0, 0] = (1 << bits) - 1
        shown = deep >> (bits - 8)
        add(f"used-{bits}.png", saved(deep, "PNG"), 0, rules, numpy.dstack([shown] * 3))
        add(f"used-{bits}.tiff", containers.tiff(deep), 0, rules, numpy.dstack([shown] * 3))
        three = (colour.astype(numpy.uint16) << (bits - 8)) + 2
        add(f"used-{bits}-colour.png", containers.png16(three), 0, rules, three >> (bits - 8))
        add(f"used-{bits}-colour.tiff", containers.tiff(three), 0, rules, three >> (bits - 8))
    four = numpy.dstack([(colour.astype(numpy.uint16) << 4), ALPHA[:, :, 3].astype(numpy.uint16) * 257])
    over = Image.alpha_composite(Image.new("RGBA", (24, 19), "white"), Image.fromarray(ALPHA)).convert("RGB")
    add("used-12-clear.png", containers.png16(four), 1, [SHOWN | {"sample_bits": 12}], numpy.asarray(over))


def make_heif():
    buffer = io.BytesIO()
    Image.fromarray(COLOUR).save(buffer, "AVIF", quality=95, subsampling="4:4:4")
    add("plain.avif", buffer.getvalue(), 3)
    for turn in (3, 6):
        buffer = io.BytesIO()
        Image.fromarray(COLOUR).save(buffer, "AVIF", quality=95, subsampling="4:4:4", exif=exif(turn))
        add(f"turned-{turn}.avif", buffer.getvalue(), 3, [SHOWN])
    buffer = io.BytesIO()
    Image.fromarray(ALPHA).save(buffer, "AVIF", quality=95, subsampling="4:4:4")
    add("clear.avif", buffer.getvalue(), 4, [SHOWN, OVER_BLUE])
    # Codecs work on even sizes at least.
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        Image.fromarray(pattern(64, 64)).save(folder / "in.png")
        subprocess.run(["heif-enc", "-q", "90", folder / "in.png", "-o", FILES / "plain.heic"], check=True)
        subprocess.run(["heif-convert", FILES / "plain.heic", folder / "out.png"], check=True)
        with Image.open(folder / "out.png") as image:
            add("plain.heic", None, 3, rgb=numpy.asarray(image.convert("RGB")))


def make_resizes():
    """Square networks' inputs: [side, side, 3] from pictures of all orientations under each way of resizing."""
    for size in ((61, 37), (30, 52)):
        source = pattern(*size, seed=size[0])
        for turn in range(1, 9):
            name = f"square-{size[0]}x{size[1]}-{turn}.png"
            (FILES / name).write_bytes(saved(source, "PNG", exif=exif(turn)))
            with Image.open(FILES / name) as image:
                upright = ImageOps.exif_transpose(image)
            width, height = upright.size
            for side in (16, 40):
                square = 0.875 * min(width, height)
                left, top = (width - square) / 2, (height - square) / 2
                results = {
                    "stretch": upright.resize((side, side), Image.Resampling.BILINEAR),
                    "crop": upright.resize((side, side), Image.Resampling.BILINEAR, box=(left, top, left + square, top + square)),
                    "pad": ImageOps.pad(upright, (side, side), Image.Resampling.BILINEAR, color="white"),
                }
                for rule, result in results.items():
                    resize.append({"file": name, "rules": SHOWN | {"resize": rule}, "side": side, "offset": keep(numpy.asarray(result))})


if __name__ == "__main__":
    FILES.mkdir(exist_ok=True)
    for old in FILES.iterdir():
        old.unlink()
    make_orientations()
    make_transparent()
    make_profiles()
    make_webp()
    make_gif()
    make_bmp()
    make_tiff()
    make_deep()
    make_heif()
    make_resizes()
    (HERE / "expected.bin").write_bytes(expected)
    (HERE / "manifest.json").write_text(json.dumps({"decode": decode, "resize": resize}).replace("}, {\"file", "},\n{\"file") + "\n")
