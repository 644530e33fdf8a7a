import Configuration
import Files
import Names
import ScalarLogs
import SystemText
import Training

/// In which order runs of this program train their models, by their configurations: who watches a run sees each model in the
/// colours that it has where it is trained. Of several runs that is so for the first that is found; later runs have the next colours.
struct ModelOrders {
  private let models: [ModelFacts]
  private var names: [Name: [Name]] = [:]
  /// What keeps an order from being known, for people; each run once.
  private var problems: [String] = []
  private var reported: Set<Name> = []

  init() {
    do {
      models = try ModelFacts.catalogue()
    } catch {
      models = []
      problems = ["the models of this program cannot be listed: \(error)"]
    }
  }

  /// The run that a log is of, and its model's place among the run's; nil for logs of other programs, and where the configuration cannot be
  /// read: it is tried again for the run's next log.
  mutating func place(of log: ScalarLog) -> (run: String, rank: Int)? {
    guard let (run, model) = RunFolder.ofLog(log.folder) else { return nil }
    let key = Name(run.path)
    if names[key] == nil && !FileSystem.isMissing(run.configurationFile) {
      do {
        names[key] = try RunPlan.names(of: run, models: models).map { Name($0) }
      } catch {
        let text = "\(Failure(error).sentence); the curves of this run are coloured in the order of their names"
        if reported.insert(key).inserted { problems.append(text) }
      }
    }
    return names[key]?.firstIndex(of: Name(model)).map { (run.path, $0) }
  }

  /// What was found out since the last call.
  mutating func takeProblems() -> [String] {
    defer { problems = [] }
    return problems
  }
}

extension RunFolder {
  /// The run and the model that a log at `RUN/scalars/MODEL` is of; nil for one that lies elsewhere.
  static func ofLog(_ folder: String) -> (run: RunFolder, model: String)? {
    // As it is named, then as links and `..` lead: the folder of logs, or that of a model, may be a link of either kind.
    for path in [SystemPath.absolute(folder), SystemPath.resolved(folder)].compactMap(\.self) {
      let scalars = SystemPath.parent(of: path)
      guard SystemPath.name(of: scalars) == "scalars" else { continue }
      return (RunFolder(path: SystemPath.parent(of: scalars)), SystemPath.name(of: path))
    }
    return nil
  }
}
