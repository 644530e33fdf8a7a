import Tensors
import Terminal
import Testing

/// Every widget at every kind of size and with unpleasant contents: nothing traps and nothing is drawn outside of its place.
@Suite struct FuzzTests {
  private static let sizes: [(Int, Int)] = {
    let sizes = (0...6).flatMap { w in (0...6).map { (w, $0) } }
    return sizes + [(1, 100), (300, 1), (2, 50), (12, 4), (20, 5), (40, 12), (80, 24)]
  }()

  private static let looks = [
    Look(), Look(depth: .palette256, symbols: .block), Look(depth: .sixteen), Look(depth: .none, symbols: .ascii),
  ]

  private func check(_ widget: some Widget, _ name: String) {
    for (index, look) in Self.looks.enumerated() {
      // One look is enough at the largest size: debug builds take their time over 30,000 cells.
      for (width, height) in index == 0 ? Self.sizes + [(300, 100)] : Self.sizes {
        var canvas = Canvas(Size(width: width + 4, height: height + 4), look: look)
        canvas.fill(canvas.bounds, "%", look[.text])
        let before = canvas.grid
        let rect = Rect(x: 2, y: 2, width: width, height: height)
        canvas.draw(widget, in: rect)
        let after = canvas.grid
        let isOutsideKept = (0..<after.size.height).allSatisfy { y in
          let row = y * after.size.width
          let edges = y < 2 || y >= 2 + height ? [row..<row + after.size.width] : [row..<row + 2, row + 2 + width..<row + after.size.width]
          return edges.allSatisfy { after.cells[$0] == before.cells[$0] }
        }
        #expect(isOutsideKept, "\(name) at \(width)x\(height) drew outside of its place")
      }
    }
  }

  private static let words = [
    "", "a", "sneaker", "漢字漢字漢字", "e\u{301}\u{301}\u{301}", "\u{1B}[31m", "🙂🙂", String(repeating: "long ", count: 60), "a\nb\tc",
  ]

  @Test func textWidgets() {
    let style = Style()
    for word in Self.words {
      check(Box(word, subtitle: word, trailing: [Span(word, style)], hints: [KeyHint("k", word), KeyHint(word, "x")], key: word), "Box")
      check(Line([Span(word, style), Span("b", style)], .trailing), "Line")
      check(Paragraph(word, style, .center), "Paragraph")
      check(KeyValueList([.init(word, word), .init("b", word)]), "KeyValueList")
      check(KeyHintBar([KeyHint(word, word), KeyHint("q", "quit")]), "KeyHintBar")
      check(ProgressBar(0.3, label: word, trailing: word), "ProgressBar")
      check(Toast(word), "Toast")
      check(Dialog(word, word, answers: [KeyHint("y", word), KeyHint("n", "no")], selection: 1), "Dialog")
      check(HelpOverlay(word, [.init(word, [KeyHint(word, word)]), .init("b", [])], first: 2), "HelpOverlay")
      check(LogPane([.init(word, time: "12:00:00"), .init(word)], scrolledBy: 1), "LogPane")
      check(PlainText(word, [PlainLine(word, word, .steady)]), "PlainText")
    }
    check(TooSmallNotice(needed: Size(width: 60, height: 20)), "TooSmallNotice")
  }

  @Test func barsAndTables() {
    for value in [0, 0.5, 1, -3, 7, .nan, .infinity, -.infinity] as [Double] {
      check(ProgressBar(value, label: "x"), "ProgressBar")
      check(Meter("cpu", value, value: "1"), "Meter")
      check(BarList([.init("a", value, text: "1"), .init("漢", 1, text: "2")], first: 9), "BarList")
      check(AreaGraph([value, 1, 2, value]), "AreaGraph")
    }
    check(AreaGraph([]), "AreaGraph")
    let rows = (0..<30).map { [TableCell("row \($0)"), TableCell("漢字", isBest: true), TableCell(bar: Double($0) / 9)] }
    for selection in [nil, 0, 29, 300, -4] as [Int?] {
      check(
        Table(
          [TableColumn("a", .leading, .flexible(9)), TableColumn("b", .trailing), TableColumn("c", .center, .fixed(40))], rows: rows,
          selection: selection, first: 7, sorting: (1, true)), "Table")
    }
    check(Table([TableColumn("a")], rows: [[], ["x", "too many"]]), "Table")
    check(Table([], rows: [["x"]]), "Table")
  }

  @Test func pictures() {
    let picture = Picture(width: 7, height: 3, pixels: (0..<63).map { UInt8($0 * 4) })
    check(PictureView(picture), "PictureView")
    check(PictureView(Picture(width: 1, height: 500, pixels: Array(repeating: 9, count: 1_500))), "PictureView")
    check(ContactSheet((0..<40).map { .init(picture, caption: "picture \($0)") }, selection: 39, tileWidth: 9), "ContactSheet")
    for classes in [0, 1, 2, 10, 60] {
      let counts = (0..<classes).map { row in (0..<classes).map { ($0 * row) % 5 } }
      check(ConfusionMatrix(names: (0..<classes).map { "class \($0)" }, counts: counts), "ConfusionMatrix")
    }
    check(ConfusionMatrix(names: [], counts: [[1], [1, 2, 3]]), "ConfusionMatrix")
  }

  @Test func charts() {
    let random = CounterRandom(seed: 21, purpose: .test)
    let strange: [Double] = [.nan, .infinity, -.infinity, 0, -1, 1e-300, 1e300, -1e308, 1e308, Double.leastNonzeroMagnitude]
    for round in 0..<24 {
      let stream = random.stream(UInt64(round))
      let series = (1...3).map { number -> ChartSeries in
        var samples = (0..<stream.integer(UInt64(number), below: 60)).map { index -> ChartSample in
          let draw = UInt64(number * 1_000 + index)
          let y =
            stream.integer(draw, below: 6) == 0 ? strange[stream.integer(draw + 500, below: strange.count)] : stream.uniformDouble(draw)
          return ChartSample(x: Double(index) * (round % 5 == 0 ? 1e300 : 3), low: y, high: y + (round % 3 == 0 ? 1 : 0))
        }
        if round % 7 == 0 { samples = samples.prefix(1).map { $0 } }
        return ChartSeries(
          Self.words[round % Self.words.count], number: number, samples: samples, raw: samples, marks: [ChartMark(x: 4, .nan)], last: .nan,
          best: 1e300,
          readout: "0.1")
      }
      let chart = LineChart(
        series, xAxis: ChartAxis("step", range: round % 4 == 0 ? 10...50 : nil, isIntegral: round % 2 == 0),
        yAxis: ChartAxis(isLogarithmic: round % 3 == 1, labels: [.number, .percent, .clock][round % 3]),
        boundaries: [ChartBoundary(x: 12, label: "resumed")], cursor: round % 2 == 0 ? (x: 20, text: "step 20") : nil)
      check(chart, "LineChart, seed 21, round \(round)")
    }
  }
}
