/// A checkpoint that cannot be resumed from: which, what is wrong, what helps.
public struct CheckpointError: Error, Sendable, Hashable, CustomStringConvertible {
  public enum Problem: Sendable, Hashable {
    /// `state.json` cannot be read as such.
    case badState(reason: String)
    /// Written by a later version of this program.
    case unknownFormat(Int)
    /// The optimizer's file lacks a tensor or has one of another shape.
    case badOptimizer(tensor: String)
    /// Something that is no folder has a checkpoint's name.
    case notAFolder
    /// Something that is no link has the name of `latest` or `best`; with its article.
    case notALink(String)
    /// `latest` or `best` leads to something that is no checkpoint beside it.
    case foreignLink(target: String)
    /// A file of the checkpoint is missing or damaged. Without the checkpoints `remove`, `whole` is the newest; nil if none of
    /// the others is known to be whole.
    case damaged(reason: String, remove: [Int], whole: Int?)
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
    case .badState(let reason): "\(path): cannot be read (\(reason)); remove this checkpoint's folder to resume from the one before"
    case .unknownFormat(let format): "\(path): is of format \(format), which this version does not know; use a newer mvit-tui"
    case .badOptimizer(let tensor):
      "\(path): lacks \"\(tensor)\" in the expected shape; remove this checkpoint's folder to resume from the one before"
    case .notAFolder: "\(path): is not a folder, and so not the checkpoint that its name promises; move it away"
    case .notALink(let kind):
      "\(path): is \(kind) instead of a link to a checkpoint's folder; remove it, and --resume continues from the newest checkpoint"
    case .foreignLink(let target):
      "\(path): leads to \"\(target)\", which is no checkpoint beside it; remove the link, and --resume continues from the newest checkpoint"
    case .damaged(let reason, let remove, let whole?):
      "\(path): is damaged (\(reason)), but step-\(whole) is whole: remove \(Self.list(remove)), and --resume continues from step \(whole)"
    case .damaged(let reason, _, nil):
      "\(path): is damaged (\(reason)), and no other checkpoint beside it is known to be whole; restore it from a copy or begin a new run"
    case .otherData: "\(path): the images in the data folder are not those that the run began with; restore them or begin a new run"
    case .otherSettings(let names):
      "\(path): the run's config.toml was changed in \(names.joined(separator: ", ")) since; restore it or begin a new run"
    }
  }

  private static func list(_ steps: [Int]) -> String { steps.map { "step-\($0)" }.joined(separator: " and ") }
}
