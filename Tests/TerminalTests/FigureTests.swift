import NumberFormats
import Terminal
import Testing

/// Numbers on the screen: padded, and told in words.
@Suite struct FigureTests {
  /// Three digits in every decade: a figure that moves does not change its width but at the thousands.
  @Test func figuresStandStill() {
    for value in stride(from: 1_000.0, to: 900_000, by: 777) {
      #expect(NumberFormat.si.text(value, width: 5).count == 5)
    }
    #expect(NumberFormat.fixed(1).text(nil, width: 6) == "     -")
  }

  @Test func trends() {
    #expect(Trend([1, 0.5, 0.2]) == .falling)
    #expect(Trend([0.1, .nan, 0.9]) == .rising)
    #expect(Trend([0.5, 0.7, 0.501]) == .steady)
    #expect(Trend([1, .nan]) == nil)
    #expect(PlainLine("train loss", "0.3366", .falling).text == "train loss: 0.3366, falling")
  }
}
