#!/usr/bin/env python3
"""Write Fashion-MNIST as folders of PNG files: the committed sample, or the full set.

usage: make_sample_data.py                    rewrites fashion-mnist/ beside this script (400 + 100 images a class)
       make_sample_data.py --full DIR         writes all 60,000 + 10,000 images to DIR/train and DIR/eval

The images come from Debian's package dataset-fashion-mnist (apt install dataset-fashion-mnist); --source names another
folder with the same four files, as published at https://github.com/zalandoresearch/fashion-mnist. Only the standard
library is needed. The choice is deterministic: the first N images of each class in the order of the source, train from
its training set, eval from its test set. A file's number is the image's index in the source, from 0.
"""

import argparse
import concurrent.futures
import gzip
import pathlib
import shutil
import struct
import sys
import zlib

CLASSES = ["t-shirt_top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle_boot"]
HERE = pathlib.Path(__file__).resolve().parent
DEBIAN = pathlib.Path("/usr/share/datasets/fashion-mnist")


def read_idx(path, magic, header):
    """The payload of one gzipped IDX file (the format of MNIST) and its dimensions."""
    try:
        data = gzip.decompress(path.read_bytes())
    except FileNotFoundError:
        sys.exit(f"{path}: not found; install it with 'apt install dataset-fashion-mnist' or name its folder with --source")
    except (OSError, EOFError, zlib.error) as error:
        sys.exit(f"{path}: cannot be read ({error}); reinstall dataset-fashion-mnist")
    found, *sizes = struct.unpack_from(f">{header}I", data)
    payload = data[4 * header:]
    expected = 1
    for size in sizes:
        expected *= size
    if found != magic or len(payload) != expected:
        sys.exit(f"{path}: not the IDX file expected (magic {found}, {len(payload)} bytes of data)")
    return payload, sizes


def read_split(source, prefix):
    """[(image bytes, label)] of one split, in the order of the source, and the side lengths."""
    pixels, (count, height, width) = read_idx(source / f"{prefix}-images-idx3-ubyte.gz", 2051, 4)
    labels, (label_count,) = read_idx(source / f"{prefix}-labels-idx1-ubyte.gz", 2049, 2)
    if count != label_count:
        sys.exit(f"{source}: {prefix} has {count} images but {label_count} labels")
    size = height * width
    return [(pixels[i * size:(i + 1) * size], labels[i]) for i in range(count)], height, width


def paeth(left, up, corner):
    estimate = left + up - corner
    a, b, c = abs(estimate - left), abs(estimate - up), abs(estimate - corner)
    return left if a <= b and a <= c else up if b <= c else corner


def filtered_rows(row, above):
    """The five PNG filters of one row of 8-bit grey pixels, each with its type byte in front (PNG specification, 9.2)."""
    left, corner = b"\0" + row[:-1], b"\0" + above[:-1]
    return [
        b"\0" + row,
        b"\1" + bytes((x - a) & 255 for x, a in zip(row, left)),
        b"\2" + bytes((x - b) & 255 for x, b in zip(row, above)),
        b"\3" + bytes((x - (a + b) // 2) & 255 for x, a, b in zip(row, left, above)),
        b"\4" + bytes((x - paeth(a, b, c)) & 255 for x, a, b, c in zip(row, left, above, corner)),
    ]


def cost(line):
    """The usual estimate of how badly a filtered row compresses: the sum of its bytes read as signed magnitudes."""
    return sum(min(value, 256 - value) for value in line[1:])


def deflate(data, strategy):
    compressor = zlib.compressobj(9, zlib.DEFLATED, 15, 9, strategy)
    return compressor.compress(data) + compressor.flush()


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(pixels, height, width):
    """An 8-bit grey PNG: each filter for all rows, and the best filter for each row, are tried; the smallest is kept."""
    rows = [pixels[y * width:(y + 1) * width] for y in range(height)]
    variants = [filtered_rows(row, above) for row, above in zip(rows, [bytes(width), *rows])]
    texts = [b"".join(lines[k] for lines in variants) for k in range(5)]
    texts.append(b"".join(min(lines, key=cost) for lines in variants))
    bodies = [deflate(text, strategy) for text in texts for strategy in (zlib.Z_DEFAULT_STRATEGY, zlib.Z_FILTERED)]
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", min(bodies, key=len)) + chunk(b"IEND", b""))


def write_image(job):
    path, pixels, height, width = job
    path.write_bytes(png(pixels, height, width))
    return path.stat().st_size


def jobs_for(source, prefix, folder, per_class):
    """What to write for one split; per_class None means everything."""
    images, height, width = read_split(source, prefix)
    taken = [0] * len(CLASSES)
    for index, (pixels, label) in enumerate(images):
        if per_class is None or taken[label] < per_class:
            taken[label] += 1
            yield folder / CLASSES[label] / f"{index:05d}.png", pixels, height, width
    if per_class is not None and min(taken) < per_class:
        sys.exit(f"{source}: a class of {prefix} has only {min(taken)} images, {per_class} were asked for")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--source", type=pathlib.Path, default=DEBIAN, help="folder of the four .gz files (default %(default)s)")
    parser.add_argument("--full", type=pathlib.Path, metavar="DIR", help="write all 70,000 images to DIR instead of the sample")
    options = parser.parse_args()
    target = options.full or HERE / "fashion-mnist"
    per_class = {"train": None, "eval": None} if options.full else {"train": 400, "eval": 100}

    jobs = [job for split, prefix in (("train", "train"), ("eval", "t10k"))
            for job in jobs_for(options.source, prefix, target / split, per_class[split])]
    for split in per_class:
        for name in CLASSES:
            folder = target / split / name
            if not options.full:
                shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True, exist_ok=True)
    with concurrent.futures.ProcessPoolExecutor() as pool:
        total = sum(pool.map(write_image, jobs, chunksize=500))
    print(f"{target}: {len(jobs)} images, {total / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
