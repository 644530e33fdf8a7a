import Tensors

/// A 64-bit hash that is the same in every run and on every machine. Not for keeping secrets.
struct StableHash {
  private(set) var value: UInt64 = 0x6D76_6974_2D74_7569

  mutating func add(_ word: UInt64) { value = CounterRandom.mix(value ^ CounterRandom.mix(word &+ 0x9E37_79B9_7F4A_7C15)) }

  /// The length comes first, so that neighbouring texts cannot trade letters.
  mutating func add(_ text: String) {
    add(UInt64(text.utf8.count))
    var word: UInt64 = 0
    var filled = 0
    for byte in text.utf8 {
      word = word << 8 | UInt64(byte)
      filled += 1
      if filled == 8 {
        add(word)
        word = 0
        filled = 0
      }
    }
    if filled > 0 { add(word) }
  }

  /// Sixteen hexadecimal digits.
  var digits: String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
  }
}
