import Configuration
import Foundation
import NumberFormats
import Terminal

/// Every widget on one screen, with made-up numbers.
enum Gallery {
  static func grid(_ size: Size, _ look: Look) -> Grid {
    var canvas = Canvas(size, look: look)
    let rows = canvas.bounds.rows([.fixed(4), .fraction(0.46), .rest, .fixed(1)])
    header(on: &canvas, rows[0])
    let charts = rows[1].columns([.fraction(0.6), .rest])
    loss(on: &canvas, charts[0])
    accuracy(on: &canvas, charts[1])
    let lower = rows[2].columns([.fraction(0.4), .fraction(0.3), .rest])
    table(on: &canvas, lower[0])
    matrix(on: &canvas, lower[1])
    side(on: &canvas, lower[2])
    canvas.draw(
      KeyHintBar([
        KeyHint("p", "pause"), KeyHint("s", "smoothing"), KeyHint("y", "log y"), KeyHint("c", "compare"), KeyHint("t", "layers timing"),
        KeyHint("←→", "cursor"), KeyHint("?", "help"), KeyHint("q", "quit"),
      ]), in: rows[3])
    return canvas.grid
  }

  private static func header(on canvas: inout Canvas, _ rect: Rect) {
    let look = canvas.look
    let box = Box(
      "mobilevit_xxs", subtitle: "sample-data", trailing: [Span("● ", look[.good]), Span("training", look[.text])], key: "1")
    let inside = canvas.box(box, in: rect).inset(horizontal: 1, vertical: 0)
    let columns = inside.columns([.flexible(), .fixed(40)], gap: 3)
    canvas.draw(ProgressBar(0.425, label: "epoch  9/20"), in: columns[0].row(0))
    canvas.draw(ProgressBar(0.71, label: "run        ", shape: .line), in: columns[0].row(1))
    canvas.draw(KeyValueList([.init("left", "00:04:12"), .init("images/s", "1,234.5")]), in: columns[1])
  }

  private static func samples(_ count: Int, noise: Double, _ value: (Double) -> Double) -> [ChartSample] {
    (0..<count).map { index in
      let t = Double(index) / Double(count - 1)
      let wobble = sin(Double(index) * 12.9898) * 43758.5453
      return ChartSample(Double(index) * 12_000 / Double(count - 1), value(t) + (wobble - wobble.rounded(.down) - 0.5) * noise)
    }
  }

  private static func loss(on canvas: inout Canvas, _ rect: Rect) {
    let inside = canvas.box(
      Box("loss", subtitle: "smoothed 0.9", hints: [KeyHint("s", "smoothing"), KeyHint("y", "log")], key: "2"), in: rect)
    let train = ChartSeries(
      "train", number: 1, samples: samples(400, noise: 0.03) { 0.3 + 2 * exp(-4 * $0) },
      raw: samples(400, noise: 0.6) { 0.3 + 2 * exp(-4 * $0) },
      marks: [ChartMark(x: 7_300, .nan)], last: 0.3366, best: 0.3251)
    let eval = ChartSeries(
      "eval", number: 2, samples: samples(9, noise: 0.1) { 0.5 + 1.6 * exp(-4 * $0) }, stroke: .solid, last: 0.5293, best: 0.5102)
    canvas.draw(
      LineChart(
        [train, eval], xAxis: ChartAxis("step", isIntegral: true), boundaries: [ChartBoundary(x: 5_000, label: "resumed")],
        cursor: nil), in: inside)
  }

  private static func accuracy(on canvas: inout Canvas, _ rect: Rect) {
    let inside = canvas.box(Box("accuracy", isActive: true, key: "3"), in: rect)
    let series = (1...4).map { number in
      ChartSeries(
        ["mobilevit_xxs", "mobilevit_xs", "mobilevit_s", "mobilenet_v2"][number - 1], number: number,
        samples: samples(60, noise: 0.01) { 0.95 - Double(number) * 0.03 - 0.8 * exp(-(2 + Double(number)) * $0) },
        readout: "\(NumberFormat.percent(2).text(0.9 - Double(number) * 0.02))", format: .percent(1))
    }
    canvas.draw(
      LineChart(
        series, xAxis: ChartAxis("step", isIntegral: true), yAxis: ChartAxis(labels: .percent), cursor: (x: 8_000, text: "step 8,000")),
      in: inside)
  }

  private static func table(on canvas: inout Canvas, _ rect: Rect) {
    let inside = canvas.box(Box("layers", trailing: [Span("412.3 ms", canvas.look[.text])], key: "4"), in: rect)
    let rows = (0..<24).map { index -> [TableCell] in
      let time = 80 * exp(-Double(index) / 5)
      return [
        TableCell("stages_\(index / 4).\(index % 4).conv", index == 23 ? .dim : .text), TableCell(NumberFormat.fixed(1).text(time)),
        TableCell(NumberFormat.fixed(1).text(time * 2.1)), TableCell(NumberFormat.percent(1).text(time / 400)),
        TableCell(NumberFormat.fixed(1).text(60 - time / 3), isBest: index == 5), TableCell(bar: time / 80, .series1),
      ]
    }
    let table = Table(
      [
        TableColumn("layer", .leading, .flexible(12)), TableColumn("fwd ms", .trailing), TableColumn("bwd ms", .trailing),
        TableColumn("share", .trailing), TableColumn("GFLOP/s", .trailing), TableColumn("", .leading, .flexible(6)),
      ], rows: rows, selection: 2, sorting: (1, false))
    canvas.draw(table, in: inside)
  }

  private static func matrix(on canvas: inout Canvas, _ rect: Rect) {
    let names = ["t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot"]
    let counts = (0..<10).map { (row: Int) -> [Int] in
      (0..<10).map { (column: Int) -> Int in row == column ? 80 + row : (row * 7 + column * 5) % 11 == 0 ? 9 : 0 }
    }
    let inside = canvas.box(Box("confusion"), in: rect)
    canvas.draw(ConfusionMatrix(names: names, counts: counts), in: inside)
  }

  private static func side(on canvas: inout Canvas, _ rect: Rect) {
    let parts = rect.rows([.fraction(0.4), .rest])
    let speed = canvas.box(Box("images/s", trailing: [Span("1,234.5", canvas.look[.text])]), in: parts[0])
    let speeds = (0..<400).map { (index: Int) -> Double in 60 + 40 * sin(Double(index) / 9) + Double(index * 7919 % 13) }
    canvas.draw(AreaGraph(speeds, gradient: .series3), in: speed)
    let inside = canvas.box(Box("system"), in: parts[1])
    canvas.draw(Meter("cpu   ", 0.93, value: "93%"), in: inside.row(0))
    canvas.draw(Meter("memory", 0.41, value: "1.21 GiB"), in: inside.row(1))
    let pixels = (0..<32 * 32).flatMap { (index: Int) -> [UInt8] in [UInt8(index % 32 * 8), UInt8(index / 32 * 8), 128] }
    let picture = Picture(width: 32, height: 32, pixels: pixels)
    canvas.draw(
      ContactSheet((0..<6).map { .init(picture, caption: "bag \($0)", $0 == 2 ? .bad : .good) }, tileWidth: 10), in: inside.droppingTop(3))
    canvas.draw(Toast("checkpoint step-1200 written", .good), in: inside)
  }

  // MARK: Dumping

  /// A theme from its file; a fault is said and ends the program.
  static func theme(_ path: String) -> Theme {
    do {
      let file = try ThemeFile(toml: String(contentsOfFile: path, encoding: .utf8), path: path)
      return try Theme(file: file.path, entries: file.entries)
    } catch {
      FileHandle.standardError.write(Data("terminal-probe: \(error)\n".utf8))
      exit(65)
    }
  }

  /// One line a cell: column, row, character, foreground, background, attributes.
  static func dump(_ arguments: [String]) {
    let width = Int(arguments.first ?? "") ?? 120
    let height = arguments.count > 1 ? Int(arguments[1]) ?? 40 : 40
    let depths: [String: ColorDepth] = ["none": .none, "8": .eight, "16": .sixteen, "256": .palette256]
    let depth = arguments.count > 2 ? depths[arguments[2]] ?? .trueColor : .trueColor
    let symbols = arguments.count > 3 ? SymbolSet(rawValue: arguments[3]) ?? .braille : .braille
    let theme = arguments.count > 4 ? theme(arguments[4]) : .dark
    let grid = grid(Size(width: width, height: height), Look(theme: theme, depth: depth, symbols: symbols))
    print("\(width) \(height)")
    for y in 0..<height {
      for x in 0..<width where !grid[x, y].glyph.isContinuation {
        let cell = grid[x, y]
        print("\(x) \(y) \(cell.glyph.scalar.value) \(name(cell.foreground)) \(name(cell.background)) \(cell.attributes.rawValue)")
      }
    }
  }

  private static func name(_ color: Color) -> String {
    switch color {
    case .standard: "default"
    case .palette(let index): "\(index)"
    case .rgb(let rgb): "\(rgb.red),\(rgb.green),\(rgb.blue)"
    }
  }
}
