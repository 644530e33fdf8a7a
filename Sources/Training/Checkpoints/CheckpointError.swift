/// A checkpoint that cannot be gone on from: which, what is wrong, what helps.
public struct CheckpointError: Error, Sendable, Hashable, CustomStringConvertible {
  public enum Problem: Sendable, Hashable {
    /// `state.json` cannot be read as such.
    case badState(reason: String)
    /// Written by a later version of this program.
    case unknownFormat(Int)
    /// The optimizer's file lacks a tensor or has one of another shape.
    case badOptimizer(tensor: String)
    /// The data set is not the one that the run began with.
    case otherData
    /// The run's settings are not those of the checkpoint.
    case otherSettings([String])
  }

  /// The checkpoint's folder or the file in it.
  public let path: String
  public let problem: Problem

  public init(_ path: String, _ problem: Problem) {
    self.path = path
    self.problem = problem
  }

  public var description: String {
    switch problem {
    case .badState(let reason): "\(path): cannot be read (\(reason)); remove this checkpoint's folder to go on from the one before"
    case .unknownFormat(let format): "\(path): is of format \(format), which this version does not know; use a newer mvit-tui"
    case .badOptimizer(let tensor):
      "\(path): lacks \"\(tensor)\" in the expected shape; remove this checkpoint's folder to go on from the one before"
    case .otherData: "\(path): the images in the data folder are not those that the run began with; restore them or begin a new run"
    case .otherSettings(let names):
      "\(path): the run's config.toml was changed in \(names.joined(separator: ", ")) since; restore it or begin a new run"
    }
  }
}
