/// How often each class (rows) was taken for each class (columns), as a map of colours.
///
/// The diagonal is what was right. Shares are of their row. Where there is room the counts stand in the cells; where there is
/// little, several classes share a half cell, which then shows the largest share among them.
public struct ConfusionMatrix: Widget, Hashable, Sendable {
  public let names: [String]
  /// [true class][predicted class]
  public let counts: [[Int]]
  private let totals: [Int]

  public init(names: [String], counts: [[Int]]) {
    self.names = names
    self.counts = counts
    totals = counts.map { $0.reduce(0, +) }
  }

  public func draw(on canvas: inout Canvas, in rect: Rect) {
    let classes = counts.count
    guard !rect.isEmpty, classes > 0 else { return }
    let label = min(names.reduce(0) { max($0, $1.columns) }, rect.width / 3, 16)
    let plot = rect.droppingLeft(label > 0 ? label + 1 : 0)
    let digits = String(counts.reduce(0) { max($0, $1.max() ?? 0) }).count
    let roomy = (plot.width / classes, plot.height - 1)
    if roomy.0 >= digits + 1 && roomy.1 >= classes {
      drawNumbers(on: &canvas, rect, label, cell: min(roomy.0, digits + 4))
    } else if plot.width >= 2 * classes && plot.height >= classes {
      drawBlocks(on: &canvas, plot, rect, label)
    } else {
      drawSmall(on: &canvas, rect)
    }
  }

  private func share(_ row: Int, _ column: Int) -> Double {
    guard row < counts.count, column < counts[row].count, totals[row] > 0 else { return 0 }
    return Double(counts[row][column]) / Double(totals[row])
  }

  /// Columns are in the order of the rows: where their names do not fit, their first letters do.
  private func drawNumbers(on canvas: inout Canvas, _ rect: Rect, _ label: Int, cell: Int) {
    let look = canvas.look
    let left = rect.x + (label > 0 ? label + 1 : 0)
    for column in counts.indices {
      let head = Rect(x: left + column * cell, y: rect.y, width: cell - 1, height: 1)
      let name = column < names.count ? names[column] : "\(column)"
      canvas.text(name.columns > head.width ? String(name.prefix(head.width)) : name, in: head, look[.dim], align: .trailing)
    }
    for row in counts.indices {
      let y = rect.y + 1 + row
      if label > 0 {
        let name = Rect(x: rect.x, y: y, width: label, height: 1)
        canvas.text(row < names.count ? names[row] : "\(row)", in: name, look[.dim], align: .trailing)
      }
      for column in counts[row].indices.prefix(counts.count) {
        let area = Rect(x: left + column * cell, y: y, width: cell, height: 1)
        let style = cellStyle(row, column, look)
        canvas.clear(area, style)
        let count = counts[row][column]
        canvas.text(count == 0 ? "·" : "\(count)", in: area.droppingRight(1), style, align: .trailing)
      }
    }
  }

  /// The colour behind a count, and one that reads on it. Without colours: bold for right ones, dim for none.
  private func cellStyle(_ row: Int, _ column: Int, _ look: Look) -> Style {
    let share = share(row, column)
    let isRight = row == column
    guard look.depth > .sixteen else {
      if share == 0 { return look[.faint] }
      return isRight ? look[.good].adding(.bold) : look[share > 0.2 ? .bad : .warning]
    }
    let ground = look.gradient(.heat, at: share.squareRoot()).foreground
    guard case .rgb(let color) = look.theme[.heat].color(at: share.squareRoot()) else { return look[.text] }
    let onGround: Color = color.lightness > 0.5 ? .rgb(16, 16, 20) : .rgb(232, 236, 244)
    if share == 0 { return look[.faint].on(ground) }
    return Style(look.depth.nearest(onGround), on: ground, isRight ? .bold : [])
  }

  private func drawBlocks(on canvas: inout Canvas, _ plot: Rect, _ rect: Rect, _ label: Int) {
    let cell = min(4, plot.width / counts.count)
    for row in counts.indices {
      if label > 0 {
        let name = Rect(x: rect.x, y: plot.y + row, width: label, height: 1)
        canvas.text(row < names.count ? names[row] : "\(row)", in: name, canvas.look[.dim], align: .trailing)
      }
      for column in counts.indices {
        shade(share(row, column), Rect(x: plot.x + column * cell, y: plot.y + row, width: cell, height: 1), on: &canvas)
      }
    }
  }

  private func shade(_ share: Double, _ area: Rect, on canvas: inout Canvas) {
    let look = canvas.look
    if look.depth > .sixteen {
      canvas.clear(area, Style(.standard, on: look.gradient(.heat, at: share.squareRoot()).foreground))
    } else {
      let shades = look.symbols.shades
      canvas.fill(
        area, shades[min(shades.count - 1, Int((share.squareRoot() * Double(shades.count - 1)).rounded(.up)))],
        look.gradient(.heat, at: share.squareRoot()))
    }
  }

  /// Many classes in little room: every cell shows the largest share among the classes it stands for.
  private func drawSmall(on canvas: inout Canvas, _ rect: Rect) {
    let classes = counts.count
    let side = min(rect.height, rect.width / 2, classes)
    guard side > 0 else { return shade(share(0, 0), rect.row(0), on: &canvas) }
    for y in 0..<side {
      for x in 0..<side {
        var largest = 0.0
        for row in y * classes / side..<(y + 1) * classes / side {
          for column in x * classes / side..<(x + 1) * classes / side { largest = max(largest, share(row, column)) }
        }
        shade(largest, Rect(x: rect.x + 2 * x, y: rect.y + y, width: 2, height: 1), on: &canvas)
      }
    }
  }
}
