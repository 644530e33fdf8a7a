import Configuration
import ImageData
import Testing

@Suite struct SettingsTests {
  @Test func aFileGivesItsValues() throws {
    let read = try settings("epochs = 3", "lr = 1", "label-smoothing = 1e-1", "shuffle = false", "augment = \"none\" # as it is")
    #expect(read.epochs == 3)
    #expect(read.learningRate == 1)
    #expect(read.labelSmoothing == 0.1)
    #expect(read.shuffle == false)
    #expect(read.augment == Augmentation.none)
    #expect(read.models == nil)
    #expect(read.keys.map(\.name) == ["epochs", "lr", "label-smoothing", "augment", "shuffle"])
  }

  @Test func pathsInAFileStartFromItsFolder() throws {
    #expect(try Settings(toml: "data = \"../photos\"", file: "/usr/run.toml").data == "/photos")
    // Of a folder that is missing nobody knows where its parent is.
    #expect(try Settings(toml: "data = \"../photos\"", file: "/missing/run.toml").data == "/missing/../photos")
    #expect(try settings("weights = \"/w/a.safetensors\"").weights == "/w/a.safetensors")
  }

  @Test(arguments: [
    ("lr = 0.1\nepoch = 3", "/runs/run.toml, line 2: \"epoch\" is not a setting; did you mean \"epochs\"?"),
    ("batch_size = 3", "/runs/run.toml, line 1: \"batch_size\" is not a setting; did you mean \"batch-size\"?"),
    ("\n\nepochs = \"three\"", "/runs/run.toml, line 3: epochs must be a whole number from 1 to 1000000, not the text \"three\""),
    ("epochs = 0", "/runs/run.toml, line 1: epochs must be a whole number from 1 to 1000000, not 0"),
    ("lr = true", "/runs/run.toml, line 1: lr must be a number, not true"),
    ("lr = nan", "/runs/run.toml, line 1: lr must be a number from 0 to 1000000, not nan"),
    ("momentum = 1", "/runs/run.toml, line 1: momentum must be a number from 0 to below 1, not 1"),
    ("shuffle = 1", "/runs/run.toml, line 1: shuffle must be true or false, not 1"),
    ("optimizer = \"adam\"", "/runs/run.toml, line 1: optimizer must be sgd or adamw, not \"adam\""),
    ("epochs = [1]", "/runs/run.toml, line 1: epochs must be one plain value, but it is a list"),
    ("seed = 1\n[data]\ntrain = \"a\"", "/runs/run.toml, line 2: data must be one plain value, but it is a table"),
    ("data = \"\"", "/runs/run.toml, line 1: data must not be empty"),
  ])
  func aBadFileIsToldByLineReasonAndCure(text: String, sentence: String) {
    let error = #expect(throws: ConfigurationError.self) { try Settings(toml: text, file: "/runs/run.toml") }
    #expect(error?.description == sentence)
  }

  @Test func textThatIsNotTOMLIsToldByItsLine() {
    let error = #expect(throws: ConfigurationError.self) { try Settings(toml: "lr = 0.1\nepochs 3\n", file: "a.toml") }
    #expect(error?.place == "a.toml, line 2")
    #expect(error?.problem.hasPrefix("is not TOML") == true)
  }

  /// Each dot of a key is a level to the readers of the table, whose stack ends long before such a file does.
  @Test func keysWithoutEndAreRefused() {
    let deep = String(repeating: "a.", count: 20_000) + "a = 1"
    let error = #expect(throws: ConfigurationError.self) { try Settings(toml: "lr = 0.1\n\(deep)\n", file: "a.toml") }
    #expect(error?.place == "a.toml, line 2")
    #expect(error?.problem.hasPrefix("is not TOML at column 1: more than 100 levels of tables and arrays") == true)
    let long = #expect(throws: ConfigurationError.self) {
      try Settings(toml: String(repeating: "# nothing\n", count: 10_000), file: "a.toml")
    }
    #expect(long?.description == "a.toml: is larger than any configuration, 97 kB; check the path")
  }

  /// The system would take a NUL for the end of the path.
  @Test func aTextWithANULIsRefused() {
    let error = #expect(throws: ConfigurationError.self) { try Settings(toml: #"data = "small\u0000x""#, file: "a.toml") }
    #expect(error?.description == "a.toml, line 1: data must not hold a NUL character")
    var flags = Settings()
    #expect(throws: ConfigurationError.self) { try flags.set(\.data, .text("small\0x")) }
  }

  @Test func aFlagIsNamedAsItsOwnPlace() {
    var flags = Settings()
    let error = #expect(throws: ConfigurationError.self) { try flags.set(\.batchSize, .integer(-1)) }
    #expect(error?.description == "--batch-size: batch-size must be a whole number from 1 to 65536, not -1")
  }

  @Test func flagsLieOverTheFile() throws {
    var flags = Settings()
    try flags.set(\.epochs, .integer(2))
    let merged = flags.over(try settings("epochs = 7", "seed = 5"))
    #expect(merged.epochs == 2)
    #expect(merged.seed == 5)
    #expect(merged.place(of: \.epochs) == "--epochs")
    #expect(merged.place(of: \.seed) == "/runs/run.toml, line 2")
  }
}
