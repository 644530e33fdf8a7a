import ArgumentParser
import Dashboard
import Foundation

struct CompareCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Train several models on the same images in the same order.",
    discussion: """
      The models take turns, an epoch each; each gets the very numbers that `train` alone would give it. All options of `train` \
      hold for all of them but --model, and --weights for one model only.

        mvit-tui compare mobilevit_xxs mobilenet_v2 --data photos --image-size 128
        mvit-tui compare mobilevit_xxs mobilevit_xs mobilevit_s --config sample-data/fashion-mnist.toml
        mvit-tui compare mobilevit_xxs --sweep weight-decay=0,1e-4,1e-3 --data photos

      At the end the run's folder holds report.html: curves, table, confusion matrices and configuration in one page.
      """)

  @OptionGroup var training: TrainingFlags<ForCompare>

  @Argument(help: ArgumentHelp("Models to compare; `mvit-tui models` lists them.", valueName: "model"))
  var models: [String] = []

  /// No option of this command: declared to be refused with the cure.
  @Option(help: .hidden) var model: String?

  func validate() throws {
    if model != nil { throw ValidationError("--model has no place here; name the models without a flag") }
    if models.isEmpty && !training.resumes {
      throw ValidationError("name the models, for instance: mvit-tui compare mobilevit_xxs mobilenet_v2 --data photos")
    }
  }

  func run() async throws {
    let settings = try training.settings()
    let isSingle = models.count == 1 && settings.sweep == nil
    try await TrainingInvocation(settings: settings).train(
      models.isEmpty ? nil : models, screen: isSingle ? .overview : .comparison)
  }
}
