import Configuration
import ImageData
import NeuralNetwork
import Testing

/// What must hold for every entry of the table.
@Suite struct SettingTableTests {
  /// The keys of the first configuration files, whose defaults have held ever since.
  private static let first: Set = [
    "model", "sweep", "data", "eval-fraction", "image-size", "epochs", "batch-size", "optimizer", "lr", "momentum", "weight-decay",
    "schedule", "warmup-steps", "label-smoothing", "dropout", "augment", "normalization", "shuffle", "seed", "weights", "eval-every",
    "best-above", "on-nan", "skip-bad-images", "checkpoint-every", "tensorboard", "kernels", "threads", "cache-size",
  ]
  private static let all = SettingTable.all + InvocationTable.all

  @Test func itHoldsTheKeysOfTheFirstFiles() {
    #expect(Self.first.isSubset(of: Set(SettingTable.all.map(\.name))))
    #expect(Set(Self.all.map(\.name)).count == Self.all.count)
  }

  /// A run of the version before knows nothing of them: its behaviour then has to be said. (An absent value was absent then.)
  @Test func aKeyThatIsYoungerThanTheFirstFilesSaysWhatWasBeforeIt() throws {
    let context = SettingContext(given: Settings(), models: [models[0]])
    for entry in SettingTable.all where !Self.first.contains(entry.name) && entry.value(in: context) != nil {
      #expect(entry.valueBefore != nil, "\(entry.name)")
    }
  }

  @Test func everyEntryCanBeDocumented() {
    for entry in Self.all {
      #expect(!entry.commands.isEmpty && !entry.help.isEmpty && entry.help.hasSuffix("."), "\(entry.name)")
      switch entry.kind {
      case .toggle, .flag: #expect(entry.placeholder.isEmpty && entry.example.isEmpty, "\(entry.name)")
      default: #expect(!entry.placeholder.isEmpty && !entry.example.isEmpty, "\(entry.name)")
      }
    }
  }

  /// What the documentation shows is accepted, and stays the same through a file.
  @Test func everyExampleIsAccepted() throws {
    for entry in SettingTable.all {
      let value: SettingValue =
        switch entry.kind {
        case .integer: try .integer(#require(Int(entry.example)))
        case .number: try .number(#require(Double(entry.example)))
        case .toggle, .flag: .toggle(true)
        default: .text(entry.example)
        }
      var given = Settings()
      try given.set(\.data, .text("/data"))
      try given.set(entry, value)
      if entry.name == "weights" { try given.set(\.models, .text("mobilevit_s")) }
      let run = try RunConfiguration(given, models: models, relativeTo: "/")
      #expect(try RunConfiguration(Settings(toml: run.toml, file: "/x/config.toml"), models: models) == run, "\(entry.name)")
      #expect(run.conflicts(with: given, relativeTo: "/").isEmpty, "\(entry.name)")
    }
  }

  @Test func aChoiceListsTheCasesOfItsEnumeration() {
    #expect(
      SettingTable.shared.schedule.help
        == "How the learning rate moves: cosine (falls from --lr to 0 over all steps), tutorial (from --lr to 0 and back every 2 x --epochs steps) or constant (stays at --lr)."
    )
    guard case .choice(let options) = SettingTable.shared.augment.kind else { Issue.record("augment is no choice"); return }
    #expect(options.map(\.name) == Augmentation.allCases.map(\.rawValue))
  }

  // MARK: What a run of an older version means

  /// A setting as a later version adds it: with a default that differs from what the program did without it.
  private let younger = Setting<Augmentation>(
    "younger", .choice(of: Augmentation.self), in: .data, placeholder: "name",
    default: .varying("standard; tutorial for the tutorial's runs") { $0.followsTutorial ? .tutorial : .standard },
    before: Augmentation.none,
    example: "none", help: "A setting")

  @Test func aRunWithoutAKeyMeansTheTimeBeforeIt() throws {
    let toml = try configuration().toml
    let old = try Settings(toml: toml, file: "/runs/a/config.toml")
    #expect(old.isOfARun)
    #expect(younger.value(in: SettingContext(given: old, models: [models[0]])) == .text("none"))
    // A person's file is no run's, and a flag comes before both.
    let written = try settings("epochs = 3")
    #expect(!written.isOfARun)
    #expect(younger.value(in: SettingContext(given: written, models: [models[0]])) == .text("standard"))
    var flags = Settings()
    try flags.set(younger, .text("tutorial"))
    let both = flags.over(old)
    #expect(both.isOfARun)
    #expect(younger.value(in: SettingContext(given: both, models: [models[0]])) == .text("tutorial"))
  }

  @Test func theTutorialsRunsCanHaveDefaultsOfTheirOwn() throws {
    func value(_ given: Settings, _ models: [ModelFacts]) -> SettingValue? {
      younger.value(in: SettingContext(given: given, models: models))
    }
    #expect(value(Settings(), [models[2]]) == .text("tutorial"))
    #expect(value(Settings(), [models[2], models[0]]) == .text("standard"))
    #expect(value(try settings("schedule = \"tutorial\""), [models[0]]) == .text("tutorial"))
    #expect(value(try settings("schedule = \"constant\""), [models[0]]) == .text("standard"))
  }

  @Test func aCheckpointRecordsWhatDecidesTheResult() throws {
    let decisive = try configuration("weights = \"/w\"", "lr = 0.5").decisive
    #expect(decisive["lr"] == "0.5" && decisive["shuffle"] == "true" && decisive["model"] == "mobilevit_s")
    for name in ["data", "weights", "threads", "kernels", "cache-size", "on-nan", "sweep"] { #expect(decisive[name] == nil, "\(name)") }
    #expect(Set(RunConfiguration.decisiveBefore.keys).isDisjoint(with: Self.first))
  }
}
