import Configuration
import ImageData
import Testing

@Suite struct RunConfigurationTests {
  @Test(arguments: ["model = \"tutorial_mobilevit_s\"", "schedule = \"tutorial\""])
  func theTutorialsRunsReadPicturesAsTheTutorialDid(line: String) throws {
    let run = try configuration(line)
    #expect(run.augment == .tutorial && run.orientation == .stored && run.background == .drop && run.colorManagement == .off)
    #expect(run.resize == .stretch && run.sampleBits == .auto)
    #expect(try configuration(line, "normalization = \"imagenet\"").resize == .stretch)
  }

  @Test func picturesAreReadAsTheyAreShown() throws {
    let run = try configuration()
    #expect(run.augment == .standard && run.orientation == .applied && run.background == .color(.white) && run.colorManagement == .sRGB)
    #expect(run.resize == .stretch)
    #expect(try configuration("normalization = \"imagenet\"").resize == .crop)
    #expect(try configuration("normalization = \"unit\"").resize == .crop)
    #expect(try configuration("background = \"#FF8000\"").background == Background("#ff8000"))
    let error = #expect(throws: ConfigurationError.self) { try configuration("background = \"whitish\"") }
    #expect(error?.problem == "background must be white, black, gray, red, green, blue, #rrggbb or drop, not \"whitish\"")
  }

  @Test func picturesAreReadAsTheWeightsRecord() throws {
    var rules = PictureRules.asStored
    rules.resize = .pad
    let ours = WeightFacts(model: "mobilevit_s", normalization: "imagenet", rules: rules)
    let run = try configuration(weights: ours)
    #expect(run.orientation == .stored && run.background == .drop && run.colorManagement == .off && run.resize == .pad)
    #expect(try configuration("resize = \"crop\"", weights: ours).resize == .crop)
    let foreign = try configuration(weights: WeightFacts(model: "mobilenet_v2", normalization: nil))
    #expect(foreign.orientation == .applied && foreign.resize == .crop)
  }

  @Test func theDefaultsAreTheTutorials() throws {
    let run = try configuration()
    #expect(run.models == ["mobilevit_s"] && run.imageSize == 256 && run.epochs == 20 && run.batchSize == 16)
    #expect(run.optimizer == .sgd && run.learningRate == 0.01 && run.momentum == 0.9 && run.weightDecay == 1e-4)
    #expect(run.schedule == .cosine && run.warmupSteps == 0 && run.labelSmoothing == 0)
    #expect(run.normalization == .tutorial && run.shuffle)
    #expect(run.evalFraction == 0.2 && run.evalEvery == 1 && run.bestAbove == 0 && run.onNaN == .stop)
    #expect(run.threads == nil && run.cacheSize == nil && run.checkpointEvery == nil && run.weights == nil)
  }

  @Test func dropoutIsTheModels() throws {
    #expect(try configuration("model = \"mobilevit_s\"").dropout == 0.1)
    #expect(try configuration("model = \"mobilenet_v2\"").dropout == 0.2)
    #expect(try configuration("model = \"tutorial_mobilevit_s\"").dropout == 0)
    #expect(try configuration("model = \"tutorial_mobilevit_s\"", "dropout = 0.3").dropout == 0.3)
  }

  @Test func adamHasARateAndADecayOfItsOwn() throws {
    let run = try configuration("optimizer = \"adamw\"")
    #expect(run.learningRate == 0.001 && run.weightDecay == 0.01)
    #expect(try configuration("optimizer = \"adamw\"", "lr = 0.5").learningRate == 0.5)
  }

  @Test func normalizationFollowsTheWeights() throws {
    let foreign = WeightFacts(model: "mobilenet_v2", normalization: nil)
    #expect(try configuration(weights: foreign).models == ["mobilenet_v2"])
    #expect(try configuration(weights: foreign).normalization == .imagenet)
    #expect(try configuration("model = \"mobilevit_s\"", weights: WeightFacts(model: nil, normalization: nil)).normalization == .unit)
    let ours = WeightFacts(model: "mobilevit_s", normalization: "tutorial")
    #expect(try configuration(weights: ours).normalization == .tutorial)
    #expect(try configuration("normalization = \"imagenet\"", weights: ours).normalization == .imagenet)
  }

  @Test func itsFileGivesItBack() throws {
    let first = try configuration(
      "model = \"tutorial_mobilevit_s\"", "data = \"/odd \\\" \\\\ name/\\u00e9\"", "image-size = 128", "lr = 0.1", "momentum = 0.3",
      "weight-decay = 1e-05", "seed = 9007199254740993", "shuffle = false", "weights = \"w.safetensors\"", "threads = 3",
      "cache-size = 100", "checkpoint-every = 5", "on-nan = \"continue\"", "tensorboard = true", "best-above = 0.5")
    let again = try RunConfiguration(try Settings(toml: first.toml, file: "/elsewhere/config.toml"), models: models)
    #expect(again == first)
    #expect(first.data == "/odd \" \\ name/é")
    #expect(first.seed == 9_007_199_254_740_993)
    let defaults = try configuration()
    #expect(try RunConfiguration(try Settings(toml: defaults.toml, file: "/x"), models: models) == defaults)
  }

  @Test func everySettingStandsInTheFile() throws {
    let toml = try configuration().toml
    for entry in SettingTable.all { #expect(toml.contains("\n\(entry.name) = ") || toml.contains("\n# \(entry.name): ")) }
  }

  @Test(arguments: [
    ("mobilevit_s", 31), ("mobilevit_s", 0), ("tutorial_mobilevit_s", 96), ("tutorial_mobilevit_s", 32),
  ])
  func sizesThatAModelCannotTakeAreRefused(model: String, size: Int) {
    #expect(throws: ConfigurationError.self) { try configuration("model = \"\(model)\"", "image-size = \(size)") }
  }

  @Test func theRefusalNamesTheNearestSizes() throws {
    let error = #expect(throws: ConfigurationError.self) { try configuration("model = \"tutorial_mobilevit_s\"", "image-size = 100") }
    #expect(
      error?.description == "/runs/run.toml, line 2: tutorial_mobilevit_s takes multiples of 64 from 64 to 8192, not 100; use 64 or 128")
    #expect(models[0].objection(toImageSize: 33) == nil)
    #expect(models[2].objection(toImageSize: 320) == nil)
    #expect(models[2].objection(toImageSize: 32) == "tutorial_mobilevit_s takes multiples of 64 from 64 to 8192, not 32; use 64")
    #expect(models[2].objection(toImageSize: 8192) == nil)
    #expect(models[2].objection(toImageSize: 8256) == "tutorial_mobilevit_s takes multiples of 64 from 64 to 8192, not 8256; use 8192")
    #expect(models[0].objection(toImageSize: .max) == "mobilevit_s takes any size from 32 to 8192, not \(Int.max); use 8192")
    #expect(models[0].objection(toImageSize: .min) == "mobilevit_s takes any size from 32 to 8192, not \(Int.min); use 32")
  }

  @Test func unknownModelsAndMissingDataAreRefused() throws {
    let unknown = #expect(throws: ConfigurationError.self) { try configuration("model = \"resnet\"") }
    #expect(unknown?.problem == "there is no model \"resnet\"; the models are mobilevit_s, mobilenet_v2 and tutorial_mobilevit_s")
    let missing = #expect(throws: ConfigurationError.self) { try RunConfiguration(Settings(), models: models) }
    #expect(missing?.place == "--data")
  }

  @Test func onlyWhatChangesTheResultConflictsOnResume() throws {
    let run = try configuration("epochs = 3", "data = \"/home/photos\"", "weights = \"/home/first\"")
    #expect(names(run, try settings("epochs = 3", "threads = 7", "checkpoint-every = 1", "lr = 0.01"), "/") == [])
    #expect(names(run, try settings("seed = 1", "epochs = 4", "threads = 7"), "/") == ["epochs", "seed"])
    var flags = Settings()
    try flags.set(\.weights, .text("first/"))
    #expect(names(run, flags, "/home") == [])
    #expect(names(run, flags, "/") == ["weights"])
    // Where the images are decides nothing: they have a fingerprint.
    #expect(names(run, try settings("data = \"/elsewhere\"", "train-dir = \"/a\"", "eval-dir = \"/b\""), "/") == [])
  }

  @Test func partsMoveWithTheirData() throws {
    func moved(_ run: [String], _ given: [String]) throws -> [String?] {
      let run = try RunConfiguration(settings(run.joined(separator: "\n")), models: models)
      var flags = try settings(given.joined(separator: "\n"))
      try run.followMove(in: &flags, relativeTo: "/")
      let now = try RunConfiguration(flags.over(settings(run.toml)), models: models)
      return [now.data, now.trainDir, now.evalDir]
    }
    let inside = ["data = \"/a\"", "train-dir = \"/a/one\"", "eval-dir = \"/a/two\""]
    #expect(try moved(inside, ["data = \"/b\""]) == ["/b", "/b/one", "/b/two"])
    #expect(try moved(inside, ["data = \"/b\"", "eval-dir = \"/c\""]) == ["/b", "/b/one", "/c"])
    #expect(try moved(inside, ["train-dir = \"/b\""]) == ["/a", "/b", "/a/two"])
    // A neighbour whose name begins alike is not inside.
    #expect(try moved(["data = \"/a\"", "train-dir = \"/ab/one\""], ["data = \"/b\""]) == ["/b", "/ab/one", nil])
    // Paths are bytes: a slash before a combining mark is a slash, and two spellings of a letter are two folders.
    #expect(try moved(["data = \"/a\"", "train-dir = \"/a/\u{301}x\""], ["data = \"/b\""]) == ["/b", "/b/\u{301}x", nil])
    #expect(try moved(["data = \"/\u{E9}\"", "train-dir = \"/e\u{301}/x\""], ["data = \"/b\""]) == ["/b", "/e\u{301}/x", nil])
    // The training part is all there is.
    #expect(try moved(["train-dir = \"/a/one\"", "eval-dir = \"/a/two\""], ["train-dir = \"/b\""]) == ["/b", "/b", "/a/two"])
    #expect(try moved(["train-dir = \"/a/one\""], ["data = \"/b\""]) == ["/b", "/b", nil])
    #expect(try moved(["data = \"/a\""], ["threads = 2"]) == ["/a", nil, nil])
  }

  /// The same models and values, however they are spelled.
  @Test func spellingIsNoConflict() throws {
    let run = try configuration("model = \"mobilevit_s, mobilenet_v2\"", "sweep = \"weight-decay=0, 1e-4\"")
    for sweep in ["weight-decay=0, 1e-4", "weight-decay=0,1e-4", " weight-decay = 0.0 , 0.0001"] {
      #expect(names(run, try settings("sweep = \"\(sweep)\""), "/") == [], "\(sweep)")
    }
    for sweep in ["weight-decay=1e-4,0", "weight-decay=0,1e-3", "lr=0,1e-4", "weight-decay=0,1e-4,1"] {
      #expect(names(run, try settings("sweep = \"\(sweep)\""), "/") == ["sweep"], "\(sweep)")
    }
    #expect(names(run, try settings("model = \"mobilevit_s,mobilenet_v2\""), "/") == [])
    #expect(names(run, try settings("model = \"mobilenet_v2, mobilevit_s\""), "/") == ["model"])
  }

  private func names(_ run: RunConfiguration, _ given: Settings, _ folder: String) -> [String] {
    run.conflicts(with: given, relativeTo: folder).map(\.name)
  }
}
