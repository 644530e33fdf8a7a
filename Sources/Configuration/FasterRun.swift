import SystemText
import Training

/// What would have a run done sooner: other values of single settings with the time that each would take, and a command with the
/// effective ones.
///
/// The times are estimates: a run's time is taken to be proportional to multiply-accumulates and epochs. Memory traffic does not
/// shrink as fast as arithmetic, so that the smaller run takes somewhat longer.
public struct FasterRun: Sendable {
  private struct Choice {
    let entry: any SettingEntry
    let value: SettingValue
    /// Of the run's time.
    let share: Double

    var flag: String { FasterRun.flag(entry, value) }
  }

  private let choices: [Choice]
  private let given: Settings
  private let isRepeatable: Bool
  private let model: String?

  /// Shorter runs are not worth a hint.
  public static let leastSeconds = 600.0
  /// A change that saves less is no help.
  private static let mostShare = 0.7

  /// - Parameters:
  ///   - given: the settings of the command line, which the command repeats.
  ///   - isRepeatable: whether they can be given again; not so where `--config` names a pipe.
  ///   - macs: multiply-accumulates of a model at an image size.
  public init(
    _ run: RunConfiguration, given: Settings, isRepeatable: Bool, macs: (_ model: String, _ imageSize: Int) throws -> Int
  ) rethrows {
    self.given = given
    self.isRepeatable = isRepeatable
    model = run.models.first
    let table = SettingTable.shared
    guard run.variants.count == 1, let model else {
      choices = []
      return
    }
    let size = run.imageSize
    let cost = Double(try macs(model, size))
    var found: [Choice] = []
    let small = ModelFacts.isTutorial(model) ? "tutorial_mobilevit_xxs" : "mobilevit_xxs"
    // Weights to begin with are of one model.
    if run.weights == nil, model != small {
      found.append(Choice(entry: table.models, value: .text(small), share: Double(try macs(small, size)) / cost))
    }
    if let smaller = [128, 64].first(where: { $0 < size }) {
      found.append(Choice(entry: table.imageSize, value: .integer(smaller), share: Double(try macs(model, smaller)) / cost))
    }
    if run.epochs > 5 { found.append(Choice(entry: table.epochs, value: .integer(5), share: 5 / Double(run.epochs))) }
    choices = found.filter { $0.share <= Self.mostShare }
  }

  /// Sentences for a run that takes `seconds`; none for a short one, or where nothing would help.
  public func lines(seconds: Double) -> [String] {
    guard seconds >= Self.leastSeconds, !choices.isEmpty else { return [] }
    func time(_ share: Double) -> String { "about " + Durations.text(seconds * share) }
    let list = choices.map { "\($0.flag) \(time($0.share))" }.joined(separator: ", ")
    // Fewer epochs cost accuracy first, so that they are named and not taken.
    let taken =
      choices.contains { $0.entry.name != SettingTable.shared.epochs.name }
      ? choices.filter { $0.entry.name != SettingTable.shared.epochs.name } : choices
    let share = taken.reduce(1) { $0 * $1.share }
    let estimates = "faster, by estimate: \(list)"
    return isRepeatable ? [estimates, "for example (\(time(share))): \(command(with: taken))"] : [estimates]
  }

  /// The command line with other values of some settings, and with the run's model, which `compare` has as an argument. The run's
  /// folder is this run's, so the new run gets another. The line goes into logs, so the command of `on-end` is left out.
  private func command(with choices: [Choice]) -> String {
    let left = [InvocationTable.shared.run.name, InvocationTable.shared.resume.name]
    var words = ["mvit-tui train"]
    for entry in InvocationTable.all + SettingTable.shown {
      if choices.contains(where: { $0.entry.name == entry.name }) || left.contains(entry.name) { continue }
      let isModel = entry.name == SettingTable.shared.models.name
      guard let value = isModel ? model.map(SettingValue.text) : given.value(of: entry) else { continue }
      words.append(Self.flag(entry, value))
    }
    return (words + choices.map(\.flag)).joined(separator: " ")
  }

  /// The flag with its value, as a shell reads it.
  private static func flag(_ entry: any SettingEntry, _ value: SettingValue) -> String {
    switch value {
    case .toggle(let isOn): isOn ? "--\(entry.name)" : "--no-\(entry.name)"
    case .text(let path) where entry.kind == .path: "--\(entry.name) \(path.shellPath)"
    case .text, .integer, .number: "--\(entry.name) \(value.description.shellQuoted)"
    }
  }
}
