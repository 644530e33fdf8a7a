import Foundation
import SystemText

/// What one cell shows: a character, and the first mark that combines with it.
///
/// Plain numbers, so that a screen of them is compared and copied without reference counting.
public struct Glyph: Hashable, Sendable {
  public let scalar: Unicode.Scalar
  /// Zero where there is none.
  let markValue: UInt32

  public init(_ scalar: Unicode.Scalar, mark: Unicode.Scalar? = nil) {
    self.scalar = scalar
    markValue = mark?.value ?? 0
  }

  public static let space = Glyph(" ")
  /// The right half of the wide character in the cell to the left.
  public static let continuation = Glyph("\0")

  public var isContinuation: Bool { scalar == "\0" }
  public var mark: Unicode.Scalar? { markValue == 0 ? nil : Unicode.Scalar(markValue) }
  /// Columns: 1 or 2.
  public var width: Int { max(1, CharacterWidth.of(scalar)) }
}

/// Text as a row of glyphs: composed, control characters replaced, stepped down to ASCII on request.
public struct GlyphRow: Sendable {
  public private(set) var glyphs: [Glyph] = []
  /// Columns of all glyphs together.
  public private(set) var width = 0

  /// Characters of a row: no screen shows more, and a name in somebody's file may be megabytes long.
  public static let longest = 4096

  /// - Parameter text: of more than `longest` characters the first, with an ellipsis.
  public init(_ text: String, symbols: SymbolSet = .braille) {
    let isLong = text.utf8.count > Self.longest && text.unicodeScalars.dropFirst(Self.longest).first != nil
    let text = isLong ? String(String.UnicodeScalarView(text.unicodeScalars.prefix(Self.longest))) + "…" : text
    glyphs.reserveCapacity(text.utf8.count)
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) {
      for byte in text.utf8 { glyphs.append(Glyph(Unicode.Scalar(byte))) }
      width = glyphs.count
      return
    }
    // Composing first leaves few marks: "e" + acute becomes one character that every font has.
    let composed =
      text.unicodeScalars.contains { $0.value >= 0x300 && $0.value < 0x2500 } ? text.precomposedStringWithCanonicalMapping : text
    for scalar in composed.unicodeScalars { append(scalar, ascii: symbols.isASCII) }
  }

  private mutating func append(_ scalar: Unicode.Scalar, ascii: Bool) {
    let value = scalar.value
    if scalar.strayByte != nil {
      for shown in String(scalar).plainLine.unicodeScalars { add(Glyph(shown)) }
      return
    }
    if scalar.isCommand {
      // A terminal would obey what someone's file name holds.
      add(Glyph(scalar == "\t" || scalar == "\n" ? " " : ascii ? "?" : "\u{FFFD}"))
      return
    }
    let width = CharacterWidth.of(scalar)
    if width == 0 {
      guard !ascii, scalar.properties.generalCategory == .nonspacingMark, value < 0xFE00 || value > 0xFE0F else { return }
      guard let last = glyphs.last, last.markValue == 0 else { return }
      glyphs[glyphs.count - 1] = Glyph(last.scalar, mark: scalar)
    } else if ascii && value > 0x7E {
      for folded in ASCIIFolding.fold(scalar, width: width) { add(Glyph(folded)) }
    } else {
      add(Glyph(scalar))
    }
  }

  private mutating func add(_ glyph: Glyph) {
    glyphs.append(glyph)
    width += glyph.width
  }

  /// This row in at most `limit` columns, its last one an ellipsis where something was cut.
  ///
  /// - Parameter keepingEnd: cut at the front instead, as for paths, whose end tells more.
  public func truncated(to limit: Int, keepingEnd: Bool = false, symbols: SymbolSet = .braille) -> GlyphRow {
    guard width > limit else { return self }
    var row = GlyphRow("")
    guard limit > 0 else { return row }
    let ellipsis = Glyph(symbols.isASCII ? "~" : "…")
    var kept: [Glyph] = []
    var room = limit - 1
    for glyph in keepingEnd ? glyphs.reversed() : glyphs {
      guard glyph.width <= room else { break }
      kept.append(glyph)
      room -= glyph.width
    }
    if keepingEnd {
      row.add(ellipsis)
      for glyph in kept.reversed() { row.add(glyph) }
    } else {
      for glyph in kept { row.add(glyph) }
      row.add(ellipsis)
    }
    return row
  }
}

extension String {
  /// The columns this text takes in a terminal.
  public var columns: Int { GlyphRow(self).width }
}
