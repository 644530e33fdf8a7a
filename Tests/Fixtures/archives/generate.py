"""Writes the archives beside this script, with Python's own modules: python3 generate.py (needs Pillow)."""
import io, random, tarfile, zipfile
from pathlib import Path
from PIL import Image

here = Path(__file__).parent
random.seed(5)


def picture():
    """A noisy PNG of 12 x 12 pixels."""
    image = Image.new("RGB", (12, 12))
    image.putdata([tuple(random.randrange(0, 256, 32) for _ in range(3)) for _ in range(144)])
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def info(name):
    entry = zipfile.ZipInfo(name, (2021, 10, 1, 12, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry


# The layout of the tutorial's work.zip, as a Mac packs it.
with zipfile.ZipFile(here / "work.zip", "w", zipfile.ZIP_DEFLATED) as archive:
    for part, count in (("trainImages", 3), ("evalImages", 1)):
        for label in ("dome", "tower"):
            for number in range(count):
                archive.writestr(info(f"{part}/{label}/{number}.png"), picture())
                archive.writestr(info(f"__MACOSX/{part}/{label}/._{number}.png"), b"\0\5\x16\7")
    archive.writestr(info("trainImages/.DS_Store"), b"\0\0\0\1Bud1")

# Sizes and places in 64 bits, whether they need them or not.
with zipfile.ZipFile(here / "zip64.zip", "w", zipfile.ZIP_DEFLATED) as archive:
    for label in ("dome", "tower"):
        for number in range(2):
            with archive.open(info(f"{label}/{number}.png"), "w", force_zip64=True) as entry:
                entry.write(picture())

# Names longer than a header's 100 and 255 bytes, and one that is not UTF-8.
for name, form in (("gnu.tar", tarfile.GNU_FORMAT), ("pax.tar", tarfile.PAX_FORMAT)):
    with tarfile.open(here / name, "w", format=form, errors="surrogateescape") as archive:
        for label in ("d" * 120, "t" * 200):
            for file in ("0.png", "f" * 80 + ".png", "caf\udce9.png"):
                entry = tarfile.TarInfo(f"{label}/{file}")
                data = picture()
                entry.size = len(data)
                archive.addfile(entry, io.BytesIO(data))
