/// Random numbers without state: every draw is a hash of a key and a counter.
///
/// A key is made of what the number is for (seed, purpose, epoch, image or step, layer); the counter is the element.
/// So a draw does not depend on how many draws came before it, on the thread that makes it, or on whether a run was
/// resumed, and two models of a comparison see the same augmentation. The mixer is SplitMix64's finaliser
/// (Steele, Lea, Flood 2014), applied once per key word and once per counter.
public struct CounterRandom: Sendable, Hashable {
  /// The mixed key.
  public let key: UInt64

  /// What a stream of draws is for; part of the key, so that two purposes never share a draw.
  public enum Purpose: UInt64, Sendable {
    case initialization = 1
    case shuffle = 2
    case augmentation = 3
    case dropout = 4
    case split = 5
    case test = 6
  }

  public init(seed: UInt64, purpose: Purpose, _ words: UInt64...) {
    var key = Self.mix(seed &+ 0x9E37_79B9_7F4A_7C15)
    key = Self.mix(key ^ Self.mix(purpose.rawValue &+ 0x9E37_79B9_7F4A_7C15))
    for word in words { key = Self.mix(key ^ Self.mix(word &+ 0x9E37_79B9_7F4A_7C15)) }
    self.key = key
  }

  private init(key: UInt64) { self.key = key }

  /// A stream of its own for `word` within this one.
  public func stream(_ word: UInt64) -> CounterRandom {
    CounterRandom(key: Self.mix(key ^ Self.mix(word &+ 0x9E37_79B9_7F4A_7C15)))
  }

  /// 64 random bits for draw `counter`.
  @inlinable public func bits(_ counter: UInt64) -> UInt64 {
    Self.mix(key &+ (counter &+ 1) &* 0x9E37_79B9_7F4A_7C15)
  }

  /// A number in [0, 1) with 24 random bits, exact in float32.
  @inlinable public func uniform(_ counter: UInt64) -> Float {
    Float(bits(counter) >> 40) * 0x1p-24
  }

  /// A number in [0, 1) with 53 random bits.
  @inlinable public func uniformDouble(_ counter: UInt64) -> Double {
    Double(bits(counter) >> 11) * 0x1p-53
  }

  /// A whole number in 0 ..< `bound`, without bias worth speaking of for bounds below 2^32.
  @inlinable public func integer(_ counter: UInt64, below bound: Int) -> Int {
    precondition(bound > 0, "the bound of a random integer must be positive")
    return Int(bits(counter).multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// The SplitMix64 finaliser.
  @inlinable public static func mix(_ word: UInt64) -> UInt64 {
    var z = word
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
