import Configuration
import Testing

@Suite struct SweepTests {
  @Test func everyModelIsTrainedWithEveryValue() throws {
    let run = try configuration("model = \"mobilevit_s, mobilenet_v2\"", "sweep = \"weight-decay=0, 1e-4\"")
    #expect(
      run.variants.map(\.name) == [
        "mobilevit_s@weight-decay=0", "mobilevit_s@weight-decay=1e-4", "mobilenet_v2@weight-decay=0", "mobilenet_v2@weight-decay=1e-4",
      ])
    #expect(run.variants.map(\.configuration.weightDecay) == [0, 1e-4, 0, 1e-4])
    #expect(run.variants.map(\.configuration.dropout) == [0.1, 0.1, 0.2, 0.2])
    #expect(run.variants.allSatisfy { $0.configuration.models == [$0.model] && $0.configuration.sweep == nil })
  }

  @Test func withoutASweepVariantsAreTheModels() throws {
    let run = try configuration("model = \"mobilevit_s, mobilenet_v2\"")
    #expect(run.variants.map(\.name) == ["mobilevit_s", "mobilenet_v2"])
  }

  @Test(arguments: Sweep.keys.map(\.name))
  func everySettingThatMayVaryDoes(name: String) throws {
    let key = try #require(SettingTable.all.first { $0.name == name })
    let values =
      switch key.kind {
      case .choice(let options): options.prefix(2).map(\.name)
      case .integer: ["0", "10"]
      default: ["0.1", "0.2"]
      }
    let run = try configuration("sweep = \"\(name)=\(values.joined(separator: ","))\"")
    #expect(run.variants.map { $0.configuration[key]?.description } == values)
  }

  /// One model that diverges must not end the others; a run of a version without that choice keeps its own.
  @Test func severalModelsAreDroppedOneByOne() throws {
    #expect(try configuration("model = \"mobilevit_s, mobilenet_v2\"").onNaN == .drop)
    #expect(try configuration("sweep = \"lr=0.1,0.2\"").onNaN == .drop)
    #expect(try configuration("model = \"mobilevit_s\"").onNaN == .stop)
    #expect(try configuration("model = \"mobilevit_s, mobilenet_v2\"\non-nan = \"stop\"").onNaN == .stop)
    #expect(try configuration("on-nan = \"drop\"").toml.contains("on-nan = \"drop\""))
  }

  @Test func theFileGivesItBack() throws {
    let first = try configuration("sweep = \"lr=0.1,1e-2\"")
    #expect(first.toml.contains("sweep = \"lr=0.1,1e-2\""))
    #expect(try RunConfiguration(try Settings(toml: first.toml, file: "/x"), models: models) == first)
  }

  @Test(arguments: [
    ("weight-decay", "must be a setting and its values"), ("batch-size=1,2", "cannot vary"), ("lr=0.1", "at least two values"),
    ("lr=0.1,1e-1", "twice"), ("lr=fast,slow", "must be a number"), ("lr=1,-1", "must be a number from 0"), ("schedule=cosine,odd", "odd"),
  ])
  func whatCannotBeVariedIsRefusedWithAReason(text: String, reason: String) {
    #expect {
      try configuration("sweep = \"\(text)\"")
    } throws: { error in
      "\(error)".contains(reason) && "\(error)".contains("line")
    }
  }
}
