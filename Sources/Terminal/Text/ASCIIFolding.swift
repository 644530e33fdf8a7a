import Foundation

/// The nearest ASCII for a character, where a terminal shows nothing else.
enum ASCIIFolding {
  /// - Parameter width: columns the character would have taken; an unknown one is replaced by as many question marks.
  static func fold(_ scalar: Unicode.Scalar, width: Int) -> [Unicode.Scalar] {
    if let known = table[scalar] { return Array(known.unicodeScalars) }
    if scalar.value >= 0x2801 && scalar.value <= 0x28FF { return [":"] }
    if scalar.value >= 0x2500 && scalar.value <= 0x257F { return ["+"] }
    // Letters with marks lose the marks: "é" reads better as "e" than as "?".
    if let base = String(Character(scalar)).decomposedStringWithCanonicalMapping.unicodeScalars.first, base.value < 0x7F {
      return [base]
    }
    return Array(repeating: "?", count: width)
  }

  private static let table: [Unicode.Scalar: String] = [
    "…": "~", "–": "-", "—": "-", "−": "-", "‘": "'", "’": "'", "“": "\"", "”": "\"", "×": "x", "·": ".", "•": "*", "±": "+-", "µ": "u",
    "μ": "u", "→": ">", "←": "<", "↑": "^", "↓": "v", "▲": "^", "▼": "v", "△": "^", "▽": "v", "▶": ">", "▸": ">", "◀": "<", "◂": "<",
    "●": "*", "○": "o", "◆": "+", "◇": "x", "■": "#", "□": "=", "★": "*", "☆": "*", "✓": "y", "✗": "x", "✖": "x", "✔": "y", "─": "-",
    "━": "-", "┈": ".", "╌": "-", "╸": "-", "│": "|", "┃": "|", "┊": ":", "┆": ":", "╎": ":", "▏": "|", "▕": "|", "█": "#", "▓": "#",
    "▒": "=",
    "░": ".", "▀": "\"", "▄": "_", "▌": "|", "▐": "|", "≤": "<", "≥": ">", "≈": "~", "√": "v", "∞": "oo", "°": "o", "²": "2", "³": "3",
    "Δ": "d", "σ": "s", "ß": "ss", "æ": "ae", "ø": "o", "\u{A0}": " ", "⏎": ">", "⌫": "<", "␣": "_", "∙": ".", "┤": "|", "⏸": "=",
  ]
}
