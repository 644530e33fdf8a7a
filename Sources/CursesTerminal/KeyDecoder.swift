import Terminal

/// Bytes from the keyboard into keys: the terminal's own sequences from terminfo, xterm's with modifiers, UTF-8.
///
/// A lone escape is only told from the start of a sequence by what does not follow: the caller waits a moment while
/// `isAmbiguous`, then calls `flush`.
public struct KeyDecoder {
  private let sequences: [[UInt8]: KeyEvent]
  private let longest: Int
  private var pending: [UInt8] = []

  /// - Parameter sequences: of more than one byte each, as terminfo has them.
  public init(sequences: [[UInt8]: KeyEvent] = [:]) {
    self.sequences = sequences
    longest = sequences.keys.map(\.count).max() ?? 0
  }

  /// Whether the bytes so far may be a key or the start of another.
  public var isAmbiguous: Bool { !pending.isEmpty }

  /// The keys that are complete with these bytes.
  public mutating func decode(_ bytes: some Sequence<UInt8>) -> [KeyEvent] {
    pending += bytes
    var events: [KeyEvent] = []
    while let event = next(isFinal: false) { if let key = event.key { events.append(key) } }
    return events
  }

  /// The keys in what is left when nothing more comes.
  public mutating func flush() -> [KeyEvent] {
    var events: [KeyEvent] = []
    while let event = next(isFinal: true) { if let key = event.key { events.append(key) } }
    pending = []
    return events
  }

  /// Bytes that were taken, with or without a meaning.
  private struct Taken { let key: KeyEvent? }

  private mutating func take(_ count: Int, _ key: KeyEvent?) -> Taken {
    pending.removeFirst(count)
    return Taken(key: key)
  }

  /// nil where more bytes are needed.
  private mutating func next(isFinal: Bool) -> Taken? {
    guard let first = pending.first else { return nil }
    if first == 0x1B { return escape(isFinal: isFinal) }
    if first < 0x20 || first == 0x7F { return take(1, Self.control(first)) }
    return character(isFinal: isFinal)
  }

  private static func control(_ byte: UInt8) -> KeyEvent {
    switch byte {
    case 0x09: KeyEvent(.tab)
    case 0x0A, 0x0D: KeyEvent(.enter)
    case 0x08, 0x7F: KeyEvent(.backspace)
    case 0x00: .control(" ")
    case 0x01...0x1A: .control(Character(Unicode.Scalar(byte + 0x60)))
    default: .control(Character(Unicode.Scalar(byte + 0x40)))
    }
  }

  private mutating func character(isFinal: Bool) -> Taken? {
    let first = pending[0]
    let count =
      first < 0x80 ? 1 : first >= 0xC2 && first < 0xE0 ? 2 : first >= 0xE0 && first < 0xF0 ? 3 : first >= 0xF0 && first < 0xF5 ? 4 : 0
    guard count > 0 else { return take(1, nil) }
    let have = min(count, pending.count)
    // A byte that cannot go on with the character drops only what came before it.
    if let bad = pending[1..<max(1, have)].firstIndex(where: { $0 & 0xC0 != 0x80 }) { return take(bad, nil) }
    guard have == count else { return isFinal ? take(have, nil) : nil }
    let text = String(decoding: pending[..<count], as: UTF8.self)
    return take(count, text == "\u{FFFD}" ? nil : text.first.map { KeyEvent($0) })
  }

  // MARK: Sequences

  private mutating func escape(isFinal: Bool) -> Taken? {
    for count in stride(from: min(longest, pending.count), to: 1, by: -1) {
      if let key = sequences[Array(pending[..<count])] { return take(count, key) }
    }
    guard pending.count > 1 else { return isFinal ? take(1, KeyEvent(.escape)) : nil }
    switch pending[1] {
    case UInt8(ascii: "["): return controlSequence(isFinal: isFinal)
    case UInt8(ascii: "O"): return singleShift(isFinal: isFinal)
    case 0x1B: return take(1, KeyEvent(.escape))
    case 0x20..<0x7F: return take(2, KeyEvent(Character(Unicode.Scalar(pending[1])), .alt))
    case 0..<0x20, 0x7F:
      let key = Self.control(pending[1])
      return take(2, KeyEvent(key.key, key.modifiers.union(.alt)))
    default: return take(1, KeyEvent(.escape))
    }
  }

  /// `ESC [ parameters letter`. Unknown ones are taken whole, so that their letters do not act as keys.
  private mutating func controlSequence(isFinal: Bool) -> Taken? {
    guard let end = pending.dropFirst(2).firstIndex(where: { $0 >= 0x40 && $0 <= 0x7E || $0 < 0x20 }) else {
      // "Escape, [" typed by hand, or a sequence cut off for good.
      guard isFinal || pending.count > 64 else { return nil }
      return pending.count == 2 ? take(2, KeyEvent("[", .alt)) : take(pending.count, nil)
    }
    if pending[end] < 0x20 { return take(end, nil) }
    // "<", "=", ">" and "?" begin reports and answers, never keys.
    if end > 2 && pending[2] >= 0x3C && pending[2] <= 0x3F { return take(end + 1, nil) }
    if pending[end] == UInt8(ascii: "[") { return linuxFunction(end, isFinal: isFinal) }
    let parameters = pending[2..<end].split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
      .map { Int(String(decoding: $0, as: UTF8.self)) ?? 0 }
    let modifiers = Self.modifiers(parameters.count > 1 ? parameters[1] : 1)
    let final = pending[end]
    if final == UInt8(ascii: "~") {
      return take(end + 1, Self.numbered[parameters.first ?? 0].map { KeyEvent($0, modifiers) })
    }
    if final == UInt8(ascii: "Z") { return take(end + 1, KeyEvent(.tab, .shift)) }
    return take(end + 1, Self.lettered[final].map { KeyEvent($0, modifiers) })
  }

  /// The Linux console's F1 to F5: `ESC [ [ A`.
  private mutating func linuxFunction(_ end: Int, isFinal: Bool) -> Taken? {
    guard pending.count > end + 1 else { return isFinal ? take(pending.count, nil) : nil }
    let letter = pending[end + 1]
    let isFunction = letter >= UInt8(ascii: "A") && letter <= UInt8(ascii: "E")
    return take(end + 2, isFunction ? KeyEvent(.function(Int(letter) - 0x40)) : nil)
  }

  private mutating func singleShift(isFinal: Bool) -> Taken? {
    guard pending.count > 2 else { return isFinal ? take(2, KeyEvent("O", .alt)) : nil }
    // "M" is the keypad's enter.
    let key = pending[2] == UInt8(ascii: "M") ? .enter : Self.lettered[pending[2]]
    return take(3, key.map { KeyEvent($0) })
  }

  private static func modifiers(_ parameter: Int) -> KeyModifiers {
    let bits = max(0, parameter - 1)
    return KeyModifiers(rawValue: UInt8(bits & 7))
  }

  private static let lettered: [UInt8: Key] = {
    let keys: [(Character, Key)] = [
      ("A", .up), ("B", .down), ("C", .right), ("D", .left), ("H", .home), ("F", .end), ("P", .function(1)), ("Q", .function(2)),
      ("R", .function(3)), ("S", .function(4)),
    ]
    return Dictionary(uniqueKeysWithValues: keys.map { ($0.asciiValue!, $1) })
  }()

  private static let numbered: [Int: Key] = [
    1: .home, 2: .insert, 3: .delete, 4: .end, 5: .pageUp, 6: .pageDown, 7: .home, 8: .end, 11: .function(1), 12: .function(2),
    13: .function(3), 14: .function(4), 15: .function(5), 17: .function(6), 18: .function(7), 19: .function(8), 20: .function(9),
    21: .function(10), 23: .function(11), 24: .function(12),
  ]
}
