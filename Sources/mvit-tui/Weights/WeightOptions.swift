import ArgumentParser
import Configuration

/// The flags that say which weights.
struct WeightOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The weights: a checkpoint's folder or its model.safetensors, a run's folder, or a file in the names of timm, torchvision or the AI Studio tutorial.",
      valueName: "path"))
  var weights: String?

  @Option(
    help: ArgumentHelp(
      "Instead of --weights: a run's folder or its name in runs/; its best checkpoint, else its latest.", valueName: "run"))
  var run: String?

  @Option(help: ArgumentHelp("The model, where the file does not tell; of a comparison the one to use.", valueName: "name"))
  var model: String?

  @OptionGroup private var pictures: SettingFlags<ForWeights, DataSection>

  func validate() throws {
    guard (weights == nil) != (run == nil) else {
      throw ValidationError(
        weights == nil
          ? "name the weights with --weights, or a run with --run" : "--weights and --run both name weights; leave one of them out")
    }
    guard weights != "", run != "" else { throw ValidationError("--weights and --run must name a file or a folder") }
    do { _ = try reading() } catch { throw ValidationError("--" + error.problem) }
  }

  /// The settings of reading pictures that are given.
  ///
  /// - Throws: `ConfigurationError`.
  func reading() throws(ConfigurationError) -> Settings {
    var settings = Settings()
    try pictures.add(to: &settings)
    return settings
  }

  /// The weight file that is meant.
  func location() throws -> WeightLocation {
    if let run { return try WeightLocation(run: run, model: model) }
    return try WeightLocation(weights: weights ?? "", model: model)
  }
}
