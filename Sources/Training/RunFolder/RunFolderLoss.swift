import Foundation

/// A run's folder that training cannot write any longer: what happened, and where the newest checkpoint is.
public struct RunFolderLoss: Error, Sendable, Hashable, CustomStringConvertible {
  public enum Cause: Sendable, Hashable {
    /// The folder has another path now.
    case moved(to: String)
    /// The lock's file was removed and another process has taken a new one.
    case taken(process: Int32?)
    /// The path leads to something else.
    case replaced
    /// The folder cannot be looked at or written; the sentence says why.
    case unusable(String)
  }

  /// A run's folder from which the run can be resumed.
  public struct Rescue: Sendable, Hashable {
    public var folder: String
    /// Of the newest checkpoint there; nil if no model had weights worth saving.
    public var step: Int?

    public init(folder: String, step: Int?) {
      self.folder = folder
      self.step = step
    }
  }

  /// The folder as the run was given it.
  public let path: String
  public let cause: Cause
  /// Where checkpoints of all models were saved; nil if nowhere.
  public internal(set) var rescue: Rescue?
  /// Why they could not be saved.
  public internal(set) var failure: String?

  init(_ path: String, _ cause: Cause) {
    self.path = path
    self.cause = cause
  }

  public var description: String {
    let what =
      switch cause {
      case .moved(let path): "was moved to \(path) while the run was trained"
      case .taken(let process):
        "its lock was removed, and \(process.map { "process \($0)" } ?? "another process") writes there now"
      case .replaced: "was replaced by something else while the run was trained"
      case .unusable(let reason): "can no longer be used (\(reason))"
      }
    guard let rescue else {
      return "\(path): \(what); the run ended, and no checkpoint could be saved elsewhere (\(failure ?? "nothing was trained yet"))"
    }
    let saved = rescue.step.map { "the checkpoint of step \($0) is in \(rescue.folder)" } ?? "no weights were worth saving"
    return "\(path): \(what); the run ended, and \(saved); resume with --run \(rescue.folder) --resume"
  }
}
