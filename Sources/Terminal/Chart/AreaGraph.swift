/// Values over time as a filled area, the newest at the right: speed, memory, load. One row high, it is a sparkline.
public struct AreaGraph: Widget, Hashable, Sendable {
  public var values: [Double]
  /// nil for 0 to the largest value shown.
  public var range: ClosedRange<Double>?
  public var gradient: ThemeGradient

  public init(_ values: [Double], range: ClosedRange<Double>? = nil, gradient: ThemeGradient = .series1) {
    self.values = values
    self.range = range
    self.gradient = gradient
  }

  public func draw(on canvas: inout Canvas, in rect: Rect) {
    guard !rect.isEmpty, !values.isEmpty else { return }
    let look = canvas.look
    let across = look.symbols == .braille ? 2 : 1
    // The newest, one to each dot column, so that the picture moves on with every value.
    let newest = values.suffix(rect.width * across)
    let shown = Array(repeating: .nan, count: rect.width * across - newest.count) + newest
    let finite = shown.filter(\.isFinite)
    let low = range?.lowerBound ?? min(0, finite.min() ?? 0)
    let high = range?.upperBound ?? finite.max() ?? 0
    let levels = look.symbols == .braille ? 4 : look.symbols == .block ? 8 : 2
    let heights = shown.map { value -> Int in
      guard value.isFinite, high > low else { return 0 }
      let share = min(max((value - low) / (high - low), 0), 1)
      // Something is never drawn as nothing.
      return max(share > 0 ? 1 : 0, Int((share * Double(rect.height * levels)).rounded()))
    }
    for row in 0..<rect.height {
      let style = look.gradient(gradient, at: rect.height > 1 ? Double(row) / Double(rect.height - 1) : 0.8)
      for column in 0..<rect.width {
        let filled = (0..<across).map { min(levels, max(0, heights[column * across + $0] - row * levels)) }
        guard filled.contains(where: { $0 > 0 }) else { continue }
        canvas.put(Self.symbol(filled, look.symbols), x: rect.x + column, y: rect.bottom - 1 - row, style)
      }
    }
  }

  private static let left: [UInt32] = [0, 0x40, 0x44, 0x46, 0x47]
  private static let right: [UInt32] = [0, 0x80, 0xA0, 0xB0, 0xB8]

  private static func symbol(_ filled: [Int], _ symbols: SymbolSet) -> Unicode.Scalar {
    switch symbols {
    case .braille: Unicode.Scalar(0x2800 + left[filled[0]] + right[filled[1]])!
    case .block: SymbolSet.verticalEighths[filled[0]]
    case .ascii: filled[0] == 2 ? "#" : "."
    }
  }
}
