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

    var flag: String { "--\(entry.name) \(value.description.shellQuoted)" }
  }

  private let choices: [Choice]
  private let given: Settings

  /// Shorter runs are not worth a hint.
  public static let leastSeconds = 600.0
  /// A change that saves less is no help.
  private static let mostShare = 0.7

  /// - Parameters:
  ///   - given: the settings of the command line, which the command repeats.
  ///   - macs: multiply-accumulates of a model at an image size.
  public init(
    _ run: RunConfiguration, given: Settings, macs: (_ model: String, _ imageSize: Int) throws -> Int
  ) rethrows {
    self.given = given
    let table = SettingTable.shared
    guard run.variants.count == 1, let model = run.models.first else {
      choices = []
      return
    }
    let size = run.imageSize
    let cost = Double(try macs(model, size))
    var found: [Choice] = []
    let small = model.hasPrefix("tutorial_") ? "tutorial_mobilevit_xxs" : "mobilevit_xxs"
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
    return ["faster, by estimate: \(list)", "for example (\(time(share))): \(command(with: taken))"]
  }

  /// The command line with other values of some settings. The run's folder is this run's, so the new run gets another.
  private func command(with choices: [Choice]) -> String {
    let left = [InvocationTable.shared.run.name, InvocationTable.shared.resume.name]
    var words = ["mvit-tui train"]
    for entry in InvocationTable.all + SettingTable.all {
      if choices.contains(where: { $0.entry.name == entry.name }) || left.contains(entry.name) { continue }
      guard let value = given.value(of: entry) else { continue }
      switch value {
      case .toggle(let isOn): words.append(isOn ? "--\(entry.name)" : "--no-\(entry.name)")
      case .text, .integer, .number: words.append("--\(entry.name) \(value.description.shellQuoted)")
      }
    }
    return (words + choices.map(\.flag)).joined(separator: " ")
  }
}
