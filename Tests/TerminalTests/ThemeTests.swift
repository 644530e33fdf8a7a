import Terminal
import Testing

@Suite struct ThemeTests {
  private func entries(changing key: String = "", to values: [String]? = nil) -> [Theme.Entry] {
    var entries: [Theme.Entry] = ThemeKey.allCases.map { ("colors.\($0.name)", ["#102030"], 0) }
    entries += ThemeGradient.allCases.map { ("colors.\($0.name)", ["#000000", "#ffffff"], 0) }
    for index in entries.indices {
      entries[index].line = index + 1
      if entries[index].key == key, let values { entries[index].values = values }
    }
    return entries
  }

  @Test func keysAreNamedByMeaning() {
    #expect(ThemeKey.selectionBackground.name == "selection-background")
    #expect(ThemeGradient.series8.name == "series-8")
    #expect(ThemeGradient.series(9) == .series1)
  }

  @Test(arguments: [
    ("#ff8000", Color.rgb(255, 128, 0)), ("#f80", .rgb(255, 136, 0)), ("7", .palette(7)), ("bright-cyan", .palette(14)),
    ("default", .standard),
  ]) func colors(_ text: String, _ expected: Color) throws {
    let theme = try Theme(file: "t.toml", entries: entries(changing: "colors.accent", to: ["bold \(text)"]))
    #expect(theme[.accent] == Theme.Paint(expected, .bold))
    #expect(theme.name == "t")
  }

  @Test(arguments: [
    ("colors.dim", ["#12345"], "mine.toml, line 3: colors.dim has \"#12345\", which is not a colour"),
    ("colors.dim", ["greenish"], "which is not a colour"), ("colors.dim", ["256"], "which is not a colour"),
    ("colors.dim", ["red blue"], "line 3: colors.dim names two colours"), ("colors.dim", ["red", "blue"], "takes one colour"),
    ("colors.series-2", [], "line 18: colors.series-2 needs at least one colour"),
  ]) func faults(_ key: String, _ values: [String], _ reason: String) {
    let error = #expect(throws: ThemeError.self) { try Theme(file: "mine.toml", entries: entries(changing: key, to: values)) }
    #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
  }

  @Test func unknownAndMissingKeys() {
    let unknown = #expect(throws: ThemeError.self) {
      try Theme(file: "mine.toml", entries: entries() + [(key: "colors.txet", values: ["red"], line: 40)])
    }
    #expect(unknown?.description.hasPrefix("mine.toml, line 40: \"txet\" is not a colour of the interface") == true)
    let missing = #expect(throws: ThemeError.self) {
      try Theme(file: "mine.toml", entries: entries().filter { $0.key != "colors.warning" })
    }
    #expect(missing?.description == "mine.toml: [colors] lacks \"warning\"; copy it from themes/dark.toml")
  }

  @Test func coloursStepDown() {
    #expect(ColorDepth.palette256.nearest(.rgb(255, 0, 0)) == .palette(196))
    #expect(ColorDepth.palette256.nearest(.rgb(128, 128, 128)) == .palette(244))
    #expect(ColorDepth.sixteen.nearest(.rgb(250, 80, 70)) == .palette(9))
    #expect(ColorDepth.sixteen.nearest(.rgb(20, 100, 20)) == .palette(2))
    #expect(ColorDepth.sixteen.nearest(.rgb(1, 2, 3), sixteen: .palette(5)) == .palette(5))
    #expect(ColorDepth.eight.nearest(.rgb(250, 80, 70)) == .palette(1))
    #expect(ColorDepth.none.nearest(.rgb(250, 80, 70)) == .standard)
  }

  @Test func withoutColourMeaningIsCarriedByAttributes() {
    let look = Look(depth: .none)
    #expect(look[.title].attributes.contains(.bold))
    #expect(look[.dim].attributes.contains(.dim))
    #expect(look.selection.attributes.contains(.reverse))
    #expect(look.reliesOnShape)
    #expect(!Look().reliesOnShape)
  }

  @Test func gradientsRunFromEndToEnd() throws {
    let theme = try Theme(file: "t.toml", entries: entries())
    let look = Look(theme: theme)
    #expect(look.series(1, at: 0).foreground == .rgb(0, 0, 0))
    #expect(look.series(1, at: 1).foreground == .rgb(255, 255, 255))
    #expect(look.gradient(.meter, at: 0.5).foreground == .rgb(128, 128, 128))
    #expect(look.gradient(.meter, at: .nan).foreground == .rgb(255, 255, 255))
  }
}
