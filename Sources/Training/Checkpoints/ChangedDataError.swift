import ImageData

/// A run that cannot be resumed as asked, since its images are not those that it knows.
public struct ChangedDataError: Error, Sendable, Hashable, CustomStringConvertible {
  public enum Problem: Sendable, Hashable {
    /// Images differ, and the change was not accepted.
    case images(DataDifference)
    /// Classes were added, removed or renamed, which no run can take.
    case classes(missing: [String], new: [String])
    /// Something differs, and the run does not record its images.
    case unrecorded
    /// Something differs, and a run cannot be continued with it, or does not record what it takes.
    case inexact(reason: String)
    /// No image to evaluate on is left.
    case nothingToEvaluate
    /// A change of the images was accepted before, and the record of it is missing.
    case recordMissing(file: String)
  }

  /// The data set's folder.
  public let path: String
  public let problem: Problem

  public init(_ path: String, _ problem: Problem) {
    self.path = path
    self.problem = problem
  }

  private static let cure = "restore them, or add --accept-changed-data to resume with the images that are there"

  public var description: String {
    switch problem {
    case .images(let difference):
      if difference.known > 0, difference.missing.count == difference.known {
        return "\(path): holds none of the \(difference.known) images of the run; name the run's folder of images with --data"
      }
      let sentence = difference.sentence ?? "images have other parts"
      return "\(path): \(sentence) against the run's images; \(Self.cure)"
    case .classes(let missing, let new):
      let phrases = [(missing, "missing"), (new, "new")].filter { !$0.0.isEmpty }.map { names, word in
        "class \(Self.list(names)) \(names.count == 1 ? "is" : "are") \(word)"
      }
      return "\(path): \(phrases.joined(separator: " and ")), and a run keeps its classes; restore them or begin a new run"
    case .unrecorded:
      return "\(path): the images are not those that the run began with; which differ is not recorded by the version that began the run; "
        + Self.cure
    case .inexact(let reason):
      return "\(path): the images are not those that the run began with, and --accept-changed-data cannot resume it with these: "
        + "\(reason); restore them or begin a new run"
    case .nothingToEvaluate: return "\(path): none of the images to evaluate on is left; restore some of them or begin a new run"
    case .recordMissing(let file):
      return "\(file): is missing, and without it the run cannot be resumed, as its images were changed; restore it or begin a new run"
    }
  }

  private static func list(_ names: [String]) -> String {
    let shown = names.prefix(8).map { "\"\($0)\"" }.joined(separator: ", ")
    return names.count > 8 ? "\(shown) and \(names.count - 8) more" : shown
  }
}
