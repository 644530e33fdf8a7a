import ArgumentParser
import Configuration
import Training

struct DescribeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "describe",
    abstract: "Describe weights: model, classes, what is done to a picture, and Python code that does the same.",
    discussion: """
      The weights are a checkpoint's folder, a run's folder or name, or a safetensors file.

        mvit-tui describe runs/a
        mvit-tui describe runs/a --python > classify.py && python3 classify.py cat.jpg
      """)

  @Argument(help: ArgumentHelp("The weights.", valueName: "path"))
  var weights: String

  @Option(help: ArgumentHelp("The model, where the file does not tell; of a comparison the one to use.", valueName: "name"))
  var model: String?

  @OptionGroup private var pictures: SettingFlags<ForWeights, DataSection>

  @Flag(help: "Write the Python code alone.")
  var python = false

  @Flag(help: "Write one JSON object to standard output.")
  var json = false

  func validate() throws {
    guard !weights.isEmpty else { throw ValidationError("name the weights: a file or a folder") }
    guard !python || !json else { throw ValidationError("--python and --json exclude each other; leave one of them out") }
    do { _ = try given() } catch { throw ValidationError("--" + error.problem) }
  }

  func run() throws {
    let described = try DescribedWeights(WeightLocation(naming: weights, model: model), model: model, given())
    // Complains about tensors that are missing or have another shape.
    _ = try InitialWeights(reading: described.path, for: described.network, keepsClassifier: true)
    if json { return try StandardStreams.say(described.line.text) }
    if !python { for line in try described.lines + [""] { try StandardStreams.say(line) } }
    // Not as one text: its line ends would be escaped as those of a name are.
    for line in described.python.dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
      try StandardStreams.say(String(line))
    }
  }

  private func given() throws(ConfigurationError) -> Settings {
    var settings = Settings()
    try pictures.add(to: &settings)
    return settings
  }
}
