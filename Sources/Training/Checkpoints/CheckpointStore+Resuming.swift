import Files
import Glibc
import SystemText
import WeightFiles

extension CheckpointStore {
  /// The checkpoint to resume from; nil if there is none.
  ///
  /// - Throws: `CheckpointError`, `FileSystemError`.
  public func checkpointToResume() throws -> Checkpoint? {
    guard let step = try resumeStep else { return nil }
    return try reading(step) { try Checkpoint(reading: path(ofStep: step)) }
  }

  /// Calls `body`, which reads the checkpoint of `step`.
  ///
  /// - Throws: what `body` throws; `CheckpointError.damaged` in place of an error that shows the checkpoint's files to be
  ///   missing or damaged, with the newest checkpoint that is whole. Files that cannot be read for now are not called damaged.
  public func reading<Result>(_ step: Int, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch {
      guard let reason = Self.damage(error) else { throw error }
      let (removed, whole) = try newestWhole(without: step)
      throw CheckpointError(path(ofStep: step), .damaged(reason: reason, remove: removed, whole: whole))
    }
  }

  /// The newest checkpoint that is whole, and the damaged ones that must go so that a run resumes from it.
  private func newestWhole(without damaged: Int) throws -> (removed: [Int], whole: Int?) {
    var removed = [damaged]
    for step in try steps.reversed() where step != damaged {
      do {
        try Checkpoint(reading: path(ofStep: step)).check()
        return (removed, step)
      } catch {
        // Of one that cannot be read for now nothing is known, and removing it must not be advised.
        guard Self.damage(error) != nil else { return (removed, nil) }
        removed.append(step)
      }
    }
    return (removed, nil)
  }

  /// What an error shows to be wrong with a checkpoint's files; nil where it does not show that.
  private static func damage(_ error: any Error) -> String? {
    func name(_ path: String) -> String { SystemPath.name(of: path) }
    switch error {
    case let error as WeightFileError: return error.problem == .changedWhileRead ? nil : "\(name(error.file)) \(error.reason)"
    case let error as CheckpointError:
      switch error.problem {
      case .badState(let reason): return "\(name(error.path)): \(reason)"
      case .badOptimizer(let tensor): return "\(name(error.path)) lacks \"\(tensor)\" in the expected shape"
      default: return nil
      }
    case let error as FileSystemError where error.problem == .system(code: ENOENT): return "\(name(error.path)) is missing"
    default: return nil
    }
  }
}
