"""Draws a captured terminal screen as a picture.

Braille, blocks, lines and markers are drawn as shapes, not as a font's glyphs, so that they meet at the borders of their
cells as they do in a terminal.
"""

import re
import unicodedata
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

CELL = (9, 18)
FONTS = Path("/usr/share/fonts/truetype/dejavu")
SIXTEEN = [
    (0, 0, 0), (205, 49, 49), (13, 188, 121), (229, 229, 16), (36, 114, 200), (188, 63, 188), (17, 168, 205), (229, 229, 229),
    (102, 102, 102), (241, 76, 76), (35, 209, 139), (245, 245, 67), (59, 142, 234), (214, 112, 214), (41, 184, 219), (255, 255, 255),
]
PAPER, INK = (16, 16, 16), (220, 220, 220)


def palette(index):
    """The colour of a number of the terminal's palette."""
    if index < 16:
        return SIXTEEN[index]
    if index < 232:
        index -= 16
        return tuple(0 if level == 0 else 55 + 40 * level for level in (index // 36, index // 6 % 6, index % 6))
    return (8 + 10 * (index - 232),) * 3


class Style:
    def __init__(self):
        self.ink, self.paper = None, None
        self.bold = self.dim = self.italic = self.underline = self.reverse = False

    def apply(self, numbers):
        numbers = list(numbers) or [0]
        while numbers:
            code = numbers.pop(0)
            if code == 0:
                self.__init__()
            elif code in (1, 2, 3, 4, 7):
                setattr(self, {1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "reverse"}[code], True)
            elif code == 22:
                self.bold = self.dim = False
            elif code in (23, 24, 27):
                setattr(self, {23: "italic", 24: "underline", 27: "reverse"}[code], False)
            elif 30 <= code <= 37 or 90 <= code <= 97:
                self.ink = palette(code - 30 if code < 90 else code - 82)
            elif 40 <= code <= 47 or 100 <= code <= 107:
                self.paper = palette(code - 40 if code < 100 else code - 92)
            elif code == 39:
                self.ink = None
            elif code == 49:
                self.paper = None
            elif code in (38, 48):
                if numbers.pop(0) == 5:
                    color = palette(numbers.pop(0))
                else:
                    color, numbers = tuple(numbers[:3]), numbers[3:]
                if code == 38:
                    self.ink = color
                else:
                    self.paper = color

    @property
    def colors(self):
        ink, paper = self.ink or INK, self.paper or PAPER
        if self.reverse:
            ink, paper = paper, ink
        if self.dim:
            ink = tuple((a + b) // 2 for a, b in zip(ink, paper))
        return ink, paper


def cells(text, columns):
    """Yields (row, column, character, style's colours, bold, underline) of what `tmux capture-pane -e` printed."""
    style = Style()
    for row, line in enumerate(text.split("\n")):
        column = 0
        for piece in re.split(r"(\x1b\[[0-9;:]*[A-Za-z]|\x1b[()].|[\x0e\x0f])", line):
            if piece.startswith("\x1b["):
                if piece.endswith("m"):
                    style.apply([int(number or 0) for number in piece[2:-1].replace(":", ";").split(";")])
                continue
            if piece[:1] in ("\x1b", "\x0e", "\x0f"):
                continue
            for character in piece:
                if unicodedata.combining(character):
                    continue
                yield row, column, character, style.colors, style.bold, style.underline
                column += 2 if unicodedata.east_asian_width(character) in "WF" else 1


class Painter:
    def __init__(self, columns, rows):
        self.image = Image.new("RGB", (columns * CELL[0], rows * CELL[1]), PAPER)
        self.draw = ImageDraw.Draw(self.image)
        self.fonts = {
            bold: ImageFont.truetype(str(FONTS / ("DejaVuSansMono-Bold.ttf" if bold else "DejaVuSansMono.ttf")), 15)
            for bold in (False, True)
        }

    def cell(self, row, column, character, colors, bold, underline):
        ink, paper = colors
        x, y = column * CELL[0], row * CELL[1]
        self.rectangle(x, y, CELL[0], CELL[1], paper)
        code = ord(character)
        if 0x2800 <= code <= 0x28FF:
            self.braille(x, y, code - 0x2800, ink)
        elif character in BLOCKS:
            for left, top, right, bottom in BLOCKS[character]:
                self.rectangle(
                    x + round(left * CELL[0]), y + round(top * CELL[1]), round(right * CELL[0]) - round(left * CELL[0]),
                    round(bottom * CELL[1]) - round(top * CELL[1]), ink)
        elif character in SHADES:
            share = SHADES[character]
            mixed = tuple(round(a * share + b * (1 - share)) for a, b in zip(ink, paper))
            self.rectangle(x, y, CELL[0], CELL[1], mixed)
        elif character in LINES:
            self.lines(x, y, LINES[character], ink)
        elif character != " ":
            self.draw.text((x, y), character, fill=ink, font=self.fonts[bold])
        if underline:
            self.rectangle(x, y + CELL[1] - 2, CELL[0], 1, ink)

    def rectangle(self, x, y, width, height, color):
        if width > 0 and height > 0:
            self.draw.rectangle((x, y, x + width - 1, y + height - 1), fill=color)

    def braille(self, x, y, bits, ink):
        for bit, (column, row) in enumerate([(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3)]):
            if bits >> bit & 1:
                left, top = x + 1 + round(column * 4.5), y + 1 + round(row * 4.5)
                self.draw.ellipse((left, top, left + 2, top + 2), fill=ink)

    def lines(self, x, y, arms, ink):
        """Arms to left, up, right, down: 0 none, 1 thin, 2 thick; round corners are drawn as arcs."""
        (left, up, right, down), is_round, dashes = arms
        width, height = CELL
        middle_x, middle_y = x + width // 2, y + height // 2
        if is_round:
            r = 4
            cx = middle_x + (r if right else -r)
            cy = middle_y + (r if down else -r)
            box = (cx - r, cy - r, cx + r, cy + r)
            start = {(1, 1): 180, (0, 1): 270, (1, 0): 90, (0, 0): 0}[(int(bool(right)), int(bool(down)))]
            self.draw.arc(box, start, start + 90, fill=ink)
            if down:
                self.rectangle(middle_x, cy, 1, y + height - cy, ink)
            else:
                self.rectangle(middle_x, y, 1, cy - y + 1, ink)
            if right:
                self.rectangle(cx, middle_y, x + width - cx, 1, ink)
            else:
                self.rectangle(x, middle_y, cx - x + 1, 1, ink)
            return
        if dashes:
            step = (height if up else width) / dashes
            for index in range(dashes):
                if up:
                    self.rectangle(middle_x, y + round(index * step) + 1, up, max(1, round(step) - 2), ink)
                else:
                    self.rectangle(x + round(index * step), middle_y, max(1, round(step) - 1), left, ink)
            return
        thick = {1: (0, 1), 2: (-1, 3)}
        for arm, (ax, ay, w, h) in {
            left: (x, middle_y, width // 2 + 1, 0), right: (middle_x, middle_y, width - width // 2, 0),
        }.items() if left != right else [(left, (x, middle_y, width, 0))]:
            if arm:
                self.rectangle(ax, ay + thick[arm][0], w, thick[arm][1], ink)
        for arm, (ax, ay, w, h) in {
            up: (middle_x, y, 0, height // 2 + 1), down: (middle_x, middle_y, 0, height - height // 2),
        }.items() if up != down else [(up, (middle_x, y, 0, height))]:
            if arm:
                self.rectangle(ax + thick[arm][0], ay, thick[arm][1], h, ink)


def _blocks():
    blocks = {"█": [(0, 0, 1, 1)], "▀": [(0, 0, 1, 0.5)], "▐": [(0.5, 0, 1, 1)], "▔": [(0, 0, 1, 0.125)], "▕": [(0.875, 0, 1, 1)]}
    for index in range(1, 8):
        blocks[chr(0x2580 + index)] = [(0, 1 - index / 8, 1, 1)]
        blocks[chr(0x2590 - index)] = [(0, 0, index / 8, 1)]
    quadrants = {"▘": "a", "▝": "b", "▖": "c", "▗": "d", "▚": "ad", "▞": "bc", "▛": "abc", "▜": "abd", "▙": "acd", "▟": "bcd"}
    places = {"a": (0, 0, 0.5, 0.5), "b": (0.5, 0, 1, 0.5), "c": (0, 0.5, 0.5, 1), "d": (0.5, 0.5, 1, 1)}
    blocks.update({character: [places[part] for part in parts] for character, parts in quadrants.items()})
    blocks["■"] = [(0.1, 0.28, 0.9, 0.68)]
    return blocks


BLOCKS = _blocks()
SHADES = {"░": 0.25, "▒": 0.5, "▓": 0.75}
LINES = {
    "─": ((1, 0, 1, 0), False, 0), "│": ((0, 1, 0, 1), False, 0), "━": ((2, 0, 2, 0), False, 0), "┃": ((0, 2, 0, 2), False, 0),
    "┌": ((0, 0, 1, 1), False, 0), "┐": ((1, 0, 0, 1), False, 0), "└": ((0, 1, 1, 0), False, 0), "┘": ((1, 1, 0, 0), False, 0),
    "├": ((0, 1, 1, 1), False, 0), "┤": ((1, 1, 0, 1), False, 0), "┬": ((1, 0, 1, 1), False, 0), "┴": ((1, 1, 1, 0), False, 0),
    "┼": ((1, 1, 1, 1), False, 0), "╭": ((0, 0, 1, 1), True, 0), "╮": ((1, 0, 0, 1), True, 0), "╰": ((0, 1, 1, 0), True, 0),
    "╯": ((1, 1, 0, 0), True, 0), "╴": ((1, 0, 0, 0), False, 0), "╶": ((0, 0, 1, 0), False, 0), "╵": ((0, 1, 0, 0), False, 0),
    "╷": ((0, 0, 0, 1), False, 0), "╸": ((2, 0, 0, 0), False, 0), "╺": ((0, 0, 2, 0), False, 0), "┆": ((0, 1, 0, 1), False, 3), "┊": ((0, 1, 0, 1), False, 4), "┄": ((1, 0, 1, 0), False, 3),
    "┈": ((1, 0, 1, 0), False, 4), "╌": ((1, 0, 1, 0), False, 2), "╎": ((0, 1, 0, 1), False, 2),
}


def render(text, columns, rows):
    """The picture of a screen that `tmux capture-pane -e` printed."""
    painter = Painter(columns, rows)
    for cell in cells(text, columns):
        if cell[0] < rows and cell[1] < columns:
            painter.cell(*cell)
    return painter.image


def save(image, path):
    """Writes a PNG of few bytes: a screen has few colours, but for pictures on it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _few_colours(image).save(path, optimize=True)


def save_moving(images, seconds, path):
    """Writes a GIF that shows each image for so many seconds, over and over."""
    path.parent.mkdir(parents=True, exist_ok=True)
    frames = [_few_colours(image) for image in images]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=[int(1000 * s) for s in seconds], loop=0, optimize=True)


def _few_colours(image):
    return image.quantize(colors=256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
