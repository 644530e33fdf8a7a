"""Files of kinds that Pillow reads but does not write."""

import struct
import zlib

import numpy


def tiff(array, photometric=None, bits=None, order="<", big=False, planes=False, strip=None, tile=None, subsampling=False, extra=None):
    """Uncompressed but for subsampled colours. `extra` has further tags: numbers, or bytes."""
    extra = dict(extra or {})
    array = array if array.ndim == 3 else array[:, :, None]
    height, width, samples = array.shape
    bits = bits or array.dtype.itemsize * 8
    if photometric is None:
        photometric = 1 if samples == 1 else 2
    if photometric == 0:
        array = (1 << bits) - 1 - array.astype(int)

    def packed(part):
        if bits == 12:
            out = b""
            for row in part.reshape(part.shape[0], -1):
                digits = "".join(f"{int(value):03x}" for value in row)
                out += bytes.fromhex(digits + "0" * (len(digits) % 2))
            return out
        return part.astype(order + ("u2" if bits == 16 else "u1")).tobytes()

    parts = [array[:, :, i:i + 1] for i in range(samples)] if planes else [array]
    blocks = []
    for part in parts:
        if tile:
            for top in range(0, height, tile):
                for left in range(0, width, tile):
                    block = numpy.full((tile, tile, part.shape[2]), 99, part.dtype)
                    piece = part[top:top + tile, left:left + tile]
                    block[:piece.shape[0], :piece.shape[1]] = piece
                    blocks.append(packed(block))
        else:
            step = strip or height
            blocks += [packed(part[top:top + step]) for top in range(0, height, step)]
    if subsampling:  # Y Y Y Y Cb Cr for squares of four pixels
        data = b""
        full = numpy.pad(array, ((0, height % 2), (0, width % 2), (0, 0)), "edge").astype(int)
        for y in range(0, height, 2):
            for x in range(0, width, 2):
                square = full[y:y + 2, x:x + 2]
                data += bytes(square[:, :, 0].reshape(-1).tolist()) + bytes(square[:, :, 1:].mean((0, 1)).astype(int).tolist())
        blocks = [zlib.compress(data)]  # Pillow leaves such colours to libtiff only where something is compressed
        extra |= {530: struct.pack(order + "2H", 2, 2)}
    tags = {256: width, 257: height, 258: struct.pack(f"{order}{samples}H", *[bits] * samples), 259: 8 if subsampling else 1, 262: photometric,
            277: samples, 284: 2 if planes else 1} | extra
    tags |= {322: tile, 323: tile} if tile else {278: strip or height}
    return _tiff_file(tags, blocks, order, big, (324, 325) if tile else (273, 279))


def _tiff_file(tags, blocks, order, big, block_tags):
    start = 16 if big else 8
    body, offsets = b"", []
    for block in blocks:
        offsets.append(start + len(body))
        body += block + b"\0" * (len(block) % 2)
    long = "Q" if big else "I"
    entries = {}
    for tag, value in tags.items():
        if isinstance(value, bytes):
            short = tag in (258, 530)
            entries[tag] = (3 if short else 7, len(value) // (2 if short else 1), value)
        else:
            entries[tag] = (3, 1, struct.pack(order + "H", value))
    for tag, values in zip(block_tags, (offsets, [len(block) for block in blocks])):
        entries[tag] = (16 if big else 4, len(values), struct.pack(f"{order}{len(values)}{long}", *values))
    room = 8 if big else 4
    folder = start + len(body)
    table_size = (8 + 20 * len(entries) + 8) if big else (2 + 12 * len(entries) + 4)
    table, after = struct.pack(order + ("Q" if big else "H"), len(entries)), b""
    for tag, (kind, count, value) in sorted(entries.items()):
        if len(value) > room:
            place = folder + table_size + len(after)
            after += value + b"\0" * (len(value) % 2)
            value = struct.pack(order + long, place)
        table += struct.pack(order + "HH" + long, tag, kind, count) + value.ljust(room, b"\0")
    mark = b"II" if order == "<" else b"MM"
    head = struct.pack(order + "HHHQ", 43, 8, 0, folder) if big else struct.pack(order + "HI", 42, folder)
    return mark + head + body + table + struct.pack(order + long, 0) + after


def bmp(array, bits, masks=None, palette=None, top_down=False, header=40):
    height, width = array.shape[:2]
    rows = []
    for row in array:
        if bits <= 8:
            text = "".join(f"{int(index):0{bits}b}" for index in row)
            data = int(text.ljust(-(-len(text) // 8) * 8, "0"), 2).to_bytes(-(-len(text) // 8), "big")
        elif bits == 24:
            data = row[:, ::-1].astype(numpy.uint8).tobytes()
        else:
            used = masks or ((0x7C00, 0x3E0, 0x1F) if bits == 16 else (0xFF0000, 0xFF00, 0xFF, 0xFF000000))
            values = numpy.zeros(width, numpy.uint64)
            for c, mask in enumerate(used[:row.shape[1]]):
                top = mask >> (mask & -mask).bit_length() - 1
                values |= (row[:, c].astype(numpy.uint64) * top // 255) << ((mask & -mask).bit_length() - 1)
            data = values.astype("<u2" if bits == 16 else "<u4").tobytes()
        rows.append(data + b"\0" * (-len(data) % 4))
    return _bmp_file(width, height, bits, 3 if masks else 0, b"".join(rows if top_down else rows[::-1]), masks, palette, top_down, header)


def _bmp_file(width, height, bits, compression, data, masks, palette, top_down, header):
    if header == 12:
        head = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        count = len(palette) if palette is not None else 0
        head = struct.pack("<IiiHHIIiiII", header, width, -height if top_down else height, 1, bits, compression, len(data), 0, 0, count, 0)
        if masks:
            head += struct.pack(f"<{len(masks)}I", *masks)
        if header > 40:
            head = head.ljust(header, b"\0")
    if palette is not None:
        colours = palette if header != 12 else numpy.vstack([palette, numpy.zeros(((1 << bits) - len(palette), 3), numpy.uint8)])
        head += b"".join(bytes(colour[::-1].tolist()) + (b"" if header == 12 else b"\0") for colour in colours)
    return b"BM" + struct.pack("<IHHI", 14 + len(head) + len(data), 0, 0, 14 + len(head)) + head + data


def bmp_runs(index, bits, palette):
    """Runs, literals and a jump over the first pixels of a row, which become index 0."""
    data = b""
    for y, row in enumerate(index[::-1]):
        row = [int(value) for value in row]
        if y == 3:
            data += b"\0\2\5\0"
            row = row[5:]
        literal, rest = row[:7], row[7:]
        if bits == 8:
            data += bytes([0, len(literal)] + literal) + b"\0"
        else:
            nibbles = literal + [0]
            data += bytes([0, len(literal)] + [nibbles[i] << 4 | nibbles[i + 1] for i in range(0, 8, 2)])
        while rest:
            count = 1
            while count < len(rest) and rest[count] == rest[0]:
                count += 1
            data += bytes([count, rest[0] if bits == 8 else rest[0] * 17])
            rest = rest[count:]
        data += b"\0\0"
    data += b"\0\1"
    return _bmp_file(index.shape[1], index.shape[0], bits, 1 if bits == 8 else 2, data, None, palette, False, 40)


def gif_part(data, width, height, left, top):
    """The first frame on a larger canvas."""
    place = data.index(b"\x2c\0\0\0\0")
    moved = data[:place + 1] + struct.pack("<HH", left, top) + data[place + 5:]
    return moved[:6] + struct.pack("<HH", width, height) + moved[10:]


def webp_part(still, width, height, left, top):
    """A still image as the only frame of an animation on a larger canvas."""
    place = still.index(b"VP8L")
    size = struct.unpack("<I", still[place + 4:place + 8])[0]
    image = still[place:place + 8 + size + size % 2]
    bits = struct.unpack("<I", still[place + 9:place + 13])[0]

    def three(value):
        return struct.pack("<I", value)[:3]

    frame = three(left // 2) + three(top // 2) + three(bits & 0x3FFF) + three(bits >> 14 & 0x3FFF) + three(50) + b"\2" + image
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\x12\0\0\0" + three(width - 1) + three(height - 1)
    body += b"ANIM" + struct.pack("<IIH", 6, 0, 0) + b"ANMF" + struct.pack("<I", len(frame)) + frame
    return b"RIFF" + struct.pack("<I", len(body)) + body


def png16(array):
    """RGB or RGBA of 16 bits a sample."""
    height, width, channels = array.shape

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in array)
    head = struct.pack(">IIBBBBB", width, height, 16, 2 if channels == 3 else 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
