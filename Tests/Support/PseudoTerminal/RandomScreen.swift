import Tensors
import Terminal

/// Screens of random cells, the same for a program that draws them and a test that expects them.
public enum RandomScreen {
  public static let count = 60

  private static let characters: [Unicode.Scalar] = ["a", "Z", "~", " ", " ", "é", "─", "⣿", "█", "漢", "🙂", "Ω"]
  private static let attributes: [Attributes] = [[], [], .bold, .dim, .underline, .reverse, [.bold, .italic]]

  /// Frame `number`: some start blank, most change only a part of the one before.
  public static func grid(_ number: Int, _ size: Size) -> Grid {
    var grid = Grid(size)
    for frame in max(0, number - 6)...number { scribble(frame, on: &grid) }
    return grid
  }

  private static func scribble(_ frame: Int, on grid: inout Grid) {
    let random = CounterRandom(seed: 5, purpose: .test, UInt64(frame))
    var counter: UInt64 = 0
    func draw(_ bound: Int) -> Int {
      counter += 1
      return random.integer(counter, below: bound)
    }
    for _ in 0..<grid.size.width * grid.size.height / 4 {
      let style = Style(color(draw(3), draw(256)), on: color(draw(3), draw(256)), attributes[draw(attributes.count)])
      let glyph = Glyph(characters[draw(characters.count)], mark: draw(9) == 0 ? "\u{301}" : nil)
      grid.put(glyph, x: draw(grid.size.width), y: draw(grid.size.height), style, clip: grid.bounds)
    }
  }

  private static func color(_ kind: Int, _ value: Int) -> Color {
    kind == 0 ? .standard : kind == 1 ? .palette(UInt8(value)) : .rgb(UInt8(value), UInt8(255 - value), 7)
  }
}
