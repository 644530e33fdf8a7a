/// Which characters a terminal can show, the ladder that every glyph steps down.
public enum SymbolSet: String, Hashable, Sendable, CaseIterable {
  /// Braille curves (2x4 dots a cell), rounded boxes, eighth blocks.
  case braille
  /// No braille: curves from quadrant blocks (2x2 a cell).
  case block
  /// Nothing but ASCII: curves are drawn with each series' own letter.
  case ascii

  public var isASCII: Bool { self == .ascii }
}

/// The characters of a box.
struct BoxSymbols {
  let topLeft, topRight, bottomLeft, bottomRight, horizontal, vertical: Unicode.Scalar
  /// Around a title in the top border, and around a hint in the bottom border.
  let titleOpen, titleClose, hintOpen, hintClose: Unicode.Scalar

  static let rounded = BoxSymbols(
    topLeft: "╭", topRight: "╮", bottomLeft: "╰", bottomRight: "╯", horizontal: "─", vertical: "│", titleOpen: "┐", titleClose: "┌",
    hintOpen: "┘", hintClose: "└")
  static let ascii = BoxSymbols(
    topLeft: "+", topRight: "+", bottomLeft: "+", bottomRight: "+", horizontal: "-", vertical: "|", titleOpen: "[", titleClose: "]",
    hintOpen: "[", hintClose: "]")
}

extension SymbolSet {
  var box: BoxSymbols { isASCII ? .ascii : .rounded }

  /// Bars that grow to the right, by eighths: index 1...8.
  static let horizontalEighths: [Unicode.Scalar] = [" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"]
  /// Bars that grow upward, by eighths: index 1...8.
  static let verticalEighths: [Unicode.Scalar] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
  /// Shades from empty to full, for where colour cannot tell.
  var shades: [Unicode.Scalar] {
    isASCII ? [" ", ".", ":", "-", "=", "+", "*", "#", "%", "@"] : [" ", "░", "▒", "▓", "█"]
  }
}
