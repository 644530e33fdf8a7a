import Configuration
import Foundation
import Training

/// In which order runs of this program train their models, by their configurations: who watches them sees each model in the
/// colours that it has where it is trained.
struct ModelOrders {
  private let models = (try? ModelFacts.catalogue()) ?? []
  private var names: [String: [String]] = [:]

  /// The place of a log's model among those of its run; nil for logs of other programs.
  mutating func rank(ofLog folder: String) -> Int? {
    guard let (run, model) = RunFolder.ofLog(folder) else { return nil }
    let names = names[run.path] ?? (try? RunPlan.names(of: run, models: models)) ?? []
    self.names[run.path] = names
    return names.firstIndex(of: model)
  }
}

extension RunFolder {
  /// The run and the model that a log at `RUN/scalars/MODEL` is of; nil for one that lies elsewhere.
  static func ofLog(_ folder: String) -> (run: RunFolder, model: String)? {
    let log = URL(fileURLWithPath: folder).standardizedFileURL
    let scalars = log.deletingLastPathComponent()
    guard scalars.lastPathComponent == "scalars" else { return nil }
    return (RunFolder(path: scalars.deletingLastPathComponent().path), log.lastPathComponent)
  }
}
