import Configuration
import Foundation
import SystemText
import Training

/// In which order runs of this program train their models, by their configurations: who watches a run sees each model in the
/// colours that it has where it is trained. Of several runs that is so for the first that is found; colours go on from there.
struct ModelOrders {
  private let models = (try? ModelFacts.catalogue()) ?? []
  private var names: [String: [String]] = [:]

  /// The run that a log is of, and its model's place among the run's; nil for logs of other programs, and where the configuration cannot be
  /// read: it is tried again for the run's next log.
  mutating func place(ofLog folder: String) -> (run: String, rank: Int)? {
    guard let (run, model) = RunFolder.ofLog(folder) else { return nil }
    if names[run.path] == nil { names[run.path] = try? RunPlan.names(of: run, models: models) }
    return names[run.path]?.firstIndex(of: model).map { (run.path, $0) }
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
