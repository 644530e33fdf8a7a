import Foundation
import Terminal
import Testing

@Suite struct LineChartTests {
  private func chart(_ series: [ChartSeries], y: ChartAxis = ChartAxis(), cursor: (Double, String)? = nil) -> LineChart {
    LineChart(series, xAxis: ChartAxis("step", isIntegral: true), yAxis: y, cursor: cursor.map { (x: $0.0, text: $0.1) })
  }

  private let falling = ChartSeries(
    "train", number: 1, samples: (0...40).map { ChartSample(Double($0) * 250, 2 * exp(-Double($0) / 10)) }, last: 0.0366, best: 0.0366)
  private let evaluation = ChartSeries(
    "eval", number: 2, samples: [ChartSample(2_000, 1.2), ChartSample(6_000, 0.6), ChartSample(10_000, 0.5)], last: 0.5, best: 0.5)

  @Test func twoSeries() {
    #expect(
      picture(chart([falling, evaluation]), 60, 14) == """
        ─●─ train 0.0366 best 0.0366   ╌◆╌ eval 0.5000 best 0.5000
        2.0 ┤⠳⡄┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈
            │ ⠙⣆
            │  ⠈⢳⡀
        1.5 ┤┈┈┈┈⠙⢦⡀┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈
            │      ⠙⢆⡀  ◆⠤⣀⡀
        1.0 ┤┈┈┈┈┈┈┈┈⠉⠢⡀┈┈┈┈┈⠒⠒⠄┈⣀┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈
            │          ⠈⠑⠤⡀       ⠉⠁ ⠢⠤⡀
            │             ⠈⠑⠢⢄⡀          ⠉⠑⠂ ◆⣀⡀ ⣀⣀⡀ ⣀⡀
        0.5 ┤┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈⠈⠑⠒⠤⢄⣀┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈⠈⠁┈⠉⠉⠁┈⠉⠉⠁┈⠒⠒◆
            │                       ⠉⠑⠒⠢⠤⠤⣀⣀⣀
            │                                ⠉⠉⠉⠑⠒⠒⠒⠒⠢⠤⠤⠤⠤⠤⠤⠤⣀⣀⣀⣀⣀⣀●
            └┬──────────┬──────────┬─────────┬──────────┬──────────┬
        step 0         2k         4k        6k         8k        10k
        """)
    #expect(
      picture(chart([falling, evaluation]), 60, 14, Look(symbols: .block)) == """
        ─●─ train 0.0366 best 0.0366   ╌◆╌ eval 0.5000 best 0.5000
        2.0 ┤▚▖┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈
            │ ▝▖
            │  ▝▚▖
        1.5 ┤┈┈┈┈▀▄┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈
            │      ▀▙▖  ◆▄▄▖
        1.0 ┤┈┈┈┈┈┈┈┈▀▚▄┈┈┈┈┈▀▀▖┈▄┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈
            │           ▀▄▄       ▀▘ ▚▄▖
            │             ▝▀▚▄▄          ▀▀▘ ◆▄▖ ▄▄▖ ▄▄▖
        0.5 ┤┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈▝▀▀▚▄▄▖┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈▀▀▘┈▀▀▘┈▀▀◆
            │                       ▝▀▀▀▜▄▄▄▄▄▖
            │                                 ▝▀▀▀▀▀▀▀▀▀▚▄▄▄▄▄▄▄▄▄▄●
            └┬──────────┬──────────┬─────────┬──────────┬──────────┬
        step 0         2k         4k        6k         8k        10k
        """)
    #expect(
      picture(chart([falling, evaluation]), 60, 14, ascii) == """
        -*- train 0.0366 best 0.0366   -o- eval 0.5000 best 0.5000
        2.0 +*......................................................
            | **
            |   *
        1.5 +....**.................................................
            |      **   ooo
        1.0 +........***...o.ooo.o..................................
            |           ****      oo ooo
            |              *****         ooo ooo ooo ooo ooo o
        0.5 +..................*******........................oo.ooo
            |                        *************
            |                                    *******************
            ++----------+----------+---------+----------+----------+
        step 0         2k         4k        6k         8k        10k
        """)
  }

  @Test func logarithmicAxis() {
    #expect(
      picture(chart([falling], y: ChartAxis(isLogarithmic: true)), 40, 10) == """
        ─●─ train 0.0366 best 0.0366
            │⠉⠒⠤⢄⣀
          1 ┤┈┈┈┈⠈⠉⠒⠢⢄⣀┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈
            │          ⠉⠒⠢⢄⣀
            │               ⠉⠒⠲⠤⣀
        0.1 ┤┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈⠉⠑⠢⠤⣀┈┈┈┈┈┈┈┈┈┈
            │                         ⠉⠑⠢⠤⣀⡀
            │                              ⠉⠑⠒⠤●
            └┬────────────────┬────────────────┬
        step 0               5k              10k
        """)
    let negative = ChartSeries("x", number: 1, samples: [ChartSample(0, -1), ChartSample(1, 0)])
    #expect(picture(chart([negative], y: ChartAxis(isLogarithmic: true)), 40, 5).contains("waiting"))
  }

  @Test func cursorAndReadout() {
    var series = falling
    series.readout = "0.735758882"
    #expect(
      picture(chart([series], cursor: (2_500, "step 2,500")), 40, 9) == """
        ─●─ train 0.735758882 best 0.0366
          2 ┤⠳⣄┈┈┈┈┈┈┈│┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈
            │ ⠈⠳⡀     │
            │   ⠈⠲⣄   │
          1 ┤┈┈┈┈┈┈⠉⠢⢄⡀┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈
            │         ⠈⠙⠒⠤⢄⣀⡀
            │         │     ⠈⠉⠉⠒⠒⠒⠲⠤⠤⠤⠤⠤⠤⣀⣀⣀⣀⣀⣀●
            └┬── step 2,500 ──┬────────────────┬
        step 0               5k              10k
        """)
  }

  @Test func nanAndInfinityStandAtTheirColumn() {
    var samples = (0...20).map { ChartSample(Double($0), 1 + Double($0 % 3)) }
    samples[5] = ChartSample(5, .nan)
    samples[10] = ChartSample(10, .infinity)
    samples[15] = ChartSample(15, -.infinity)
    let drawn = picture(chart([ChartSeries("loss", number: 1, samples: samples)]), 31, 9)
    #expect(
      drawn == """
        ─●─ loss
          3 ┤┈┈⣸┈┈┈✖┈┈┈⣷┈┈▲⡇┈┈⢰⠃┈┈⢸⡆┈┈●
            │ ⢀⡏⡇     ⢸⢹   ⢹  ⡞   ⡏⡇ ⢀⡇
            │ ⢸ ⡇     ⡞⠸⡄  ⢸ ⢠⠇  ⢸⠁⢧ ⣸
          2 ┤┈⡏┈⢳⢀⡇┈┈⢰⠃┈⡇┈┈⠘⡆⡼┈┈┈⠈┈⢸┈⡇┈
            │⢸⠁ ⢸⣸   ⡼  ⣇   ⣇⡇     ⢸⣸⠁
          1 ┤⡞┈┈⠸⡇┈┈⢠⠇┈┈⢸┈┈┈⢿┈┈┈▼┈┈┈⡏┈┈
            └┬────────────┬───────────┬
        step 0           10          20
        """)
  }

  @Test func aBoundaryIsShown() {
    var resumed = chart([falling])
    resumed.boundaries = [ChartBoundary(x: 5_000, label: "resumed")]
    #expect(
      picture(resumed, 40, 9) == """
        ─●─ train 0.0366 best 0.0366
          2 ┤⠳⣄┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┊resumed┈┈┈┈┈┈┈┈┈┈
            │ ⠈⠳⡀             ┊
            │   ⠈⠲⣄           ┊
          1 ┤┈┈┈┈┈┈⠉⠢⢄⡀┈┈┈┈┈┈┈┊┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈
            │         ⠈⠙⠒⠤⢄⣀⡀ ┊
            │               ⠈⠉⠉⠒⠒⠒⠲⠤⠤⠤⠤⠤⠤⣀⣀⣀⣀⣀⣀●
            └┬────────────────┬────────────────┬
        step 0               5k              10k
        """)
  }

  /// One bucket of many is high: the top row of the plot has a dot, at its column, however wide the window is.
  @Test(arguments: [80, 200]) func theSpikeReachesTheTopRow(_ width: Int) throws {
    let spike = 97
    let samples = (0..<2 * width).map { ChartSample(x: Double($0), low: 1, high: $0 == spike ? 9.5 : 1.06) }
    for symbols in SymbolSet.allCases {
      var chart = chart([ChartSeries("loss", number: 1, samples: samples)])
      chart.showsLegend = false
      let drawn = grid(chart, width, 24, Look(symbols: symbols))
      let row = (0..<width).map { drawn[$0, 0].glyph.scalar }
      let left = try #require(row.firstIndex { ["┤", "│", "+", "|"].contains($0) }) + 1
      let inTopRow = (left..<width).filter { ![" ", "┈", "."].contains(row[$0]) }
      #expect(inTopRow.count == 1, "\(symbols)")
      let expected = left + Int((Double(spike) / Double(2 * width - 1) * Double(width - left - 1)).rounded())
      #expect(abs((inTopRow.first ?? -9) - expected) <= 1, "\(symbols)")
    }
  }

  @Test func theAxisNameStaysInItsPlace() {
    for name in ["step", "epoch"] {
      for last in stride(from: 10.0, through: 12_000, by: 37) {
        let series = ChartSeries("a", number: 1, samples: [ChartSample(0, 0.5), ChartSample(last, 0.9)])
        let chart = LineChart([series], xAxis: ChartAxis(name), yAxis: ChartAxis(range: 0...1))
        let row = picture(chart, 60, 10).split(separator: "\n", omittingEmptySubsequences: false).last ?? ""
        #expect(row.hasPrefix(name + " "), "\(row)")
      }
    }
    let long = LineChart([falling], xAxis: ChartAxis("weight-decay"))
    #expect(!picture(long, 60, 10).contains("weight-decay"), "labels come before a name that has no room")
  }

  @Test func figuresOfALegendStandInColumns() {
    let names = ["a", "a/longer", "b"]
    let series = names.enumerated().map { ChartSeries($1, number: $0 + 1, samples: [ChartSample(0, 1), ChartSample(9, 2)], last: 2) }
    let rows = picture(LineChart(series), 24, 14).split(separator: "\n").prefix(3)
    let places = rows.map { row in row.components(separatedBy: "2.0000")[0].count }
    #expect(rows.allSatisfy { $0.contains("2.0000") } && Set(places).count == 1, "\(rows)")
  }

  @Test func withoutHueCurvesCarryTheirGlyphs() {
    let drawn = picture(chart([falling]), 60, 10, Look(depth: .none))
    #expect(drawn.filter { $0 == "●" }.count >= 4)
    #expect(picture(chart([falling]), 60, 10).filter { $0 == "●" }.count == 2, "in the legend and at the end")
  }
}

@Suite struct AxisTicksTests {
  private func labels(
    _ range: ClosedRange<Double>, atMost count: Int, _ labels: AxisLabels = .number, log: Bool = false, integral: Bool = false
  )
    -> [String]
  {
    AxisTicks(ChartScale(range, isLogarithmic: log), atMost: count, labels: labels, isIntegral: integral).ticks.map(\.label)
  }

  @Test func roundNumbers() {
    #expect(labels(0...1, atMost: 6) == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"])
    #expect(labels(0.013...0.987, atMost: 3) == ["0.5"])
    #expect(labels(0...2.3, atMost: 5) == ["0.0", "0.5", "1.0", "1.5", "2.0"])
    #expect(labels(0...12_000, atMost: 7) == ["0", "2k", "4k", "6k", "8k", "10k", "12k"])
    #expect(labels(-0.5...0.5, atMost: 5) == ["-0.4", "-0.2", "0.0", "0.2", "0.4"])
    #expect(labels(0...1, atMost: 5, .percent) == ["0%", "50%", "100%"])
    #expect(labels(0...4, atMost: 9, integral: true) == ["0", "1", "2", "3", "4"])
    #expect(labels(0...7_200, atMost: 5, .clock) == ["00:00", "30:00", "1:00:00", "1:30:00", "2:00:00"])
  }

  @Test func powersOfTen() {
    #expect(labels(0.001...100, atMost: 8, log: true) == ["0.001", "0.01", "0.1", "1", "10", "100"])
    #expect(labels(1e-8...1, atMost: 4, log: true) == ["1e-6", "0.001", "1"])
    #expect(labels(0.15...0.7, atMost: 4, log: true) == ["0.2", "0.5"])
  }

  @Test func noTwoLabelsTouch() {
    for width in 1...220 {
      for high in [1.0, 17, 999, 12_345, 3_000_000] {
        let scale = ChartScale(0...high)
        let ticks = AxisTicks(along: width, scale, isIntegral: true)
        var end = -2
        for tick in ticks.ticks {
          let center = Int((scale.share(tick.value) * Double(width - 1)).rounded())
          let start = max(0, min(center - tick.label.count / 2, width - tick.label.count))
          #expect(start >= end + 2 || ticks.ticks.count == 1, "width \(width), up to \(high)")
          end = start + tick.label.count
        }
      }
    }
  }

  @Test func strangeRangesEnd() {
    for range in [0...Double.leastNonzeroMagnitude, 1e9...1e9 + 1e-6, -1e308...1e308, 5...5, 0...1e-300, 1e15...1e15 + 3]
      as [ClosedRange<Double>]
    {
      _ = AxisTicks(ChartScale(range), atMost: 5)
      _ = AxisTicks(ChartScale(range), atMost: 5, labels: .clock)
      _ = AxisTicks(ChartScale(range), atMost: 5, labels: .percent)
    }
    _ = AxisTicks(ChartScale(.leastNonzeroMagnitude...1e308, isLogarithmic: true), atMost: 5)
    _ = AxisTicks(ChartScale(.leastNonzeroMagnitude...Double.leastNonzeroMagnitude, isLogarithmic: true), atMost: 5)
  }

  @Test func labelsKeepARowBetweenThem() {
    for height in 7...40 {
      for top in stride(from: 1.0, through: 3, by: 0.07) {
        let series = ChartSeries("a", number: 1, samples: [ChartSample(0, 0), ChartSample(10, top)])
        let rows = picture(LineChart([series]), 40, height).split(separator: "\n", omittingEmptySubsequences: false)
        let labelled = rows.indices.filter { rows[$0].contains("┤") }
        let isApart = labelled.count <= 2 || zip(labelled, labelled.dropFirst()).allSatisfy { $1 - $0 > 1 }
        #expect(isApart && labelled.count >= 1, "0...\(top) in \(height) rows")
      }
    }
  }
}
