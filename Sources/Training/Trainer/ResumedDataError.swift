import Foundation
import ImageData
import SystemText

/// A folder that a run cannot be resumed with: a run keeps its classes and its parts, so the cures are not those of a run that
/// begins.
public struct ResumedDataError: Error, Sendable, Hashable, CustomStringConvertible {
  public let error: ImageFolderError
  /// The flag that names the folder.
  public let flag: String
  /// Whether the run has the classes that the error says training lacks; nil where the run does not record its classes.
  private let hasClasses: Bool?

  /// - Parameter classNames: of the run; nil where it does not record them.
  public init(_ error: ImageFolderError, _ request: DataRequest, classNames: [String]? = nil) {
    self.error = error
    let known = classNames.map { Set($0.map(\.systemBytes)) }
    if case .unknownClasses(_, let names) = error, let known {
      hasClasses = names.contains { known.contains($0.systemBytes) }
    } else {
      hasClasses = nil
    }
    let paths = [(request.trainingFolder, "--train-dir"), (request.evaluationFolder, "--eval-dir")]
    let path: String? =
      switch error {
      case .folderMissing(let path), .notAFolder(let path), .folderUnreadable(let path, _), .noClasses(let path),
        .onlyOneClass(let path, _), .deadLinks(let path, _), .fileUnreadable(let path, _), .archive(let path, _):
        path
      default: nil
      }
    flag = paths.first { $0.0 != nil && $0.0 == path }?.1 ?? "--data"
  }

  public var description: String {
    let whole = "\(error)"
    // Names may hold a semicolon, but they come before the cure.
    let what = whole.range(of: "; ", options: .backwards).map { String(whole[..<$0.lowerBound]) } ?? whole
    switch error {
    case .folderMissing: return "\(what); if it was moved, name the place where it is now with \(flag)"
    case .notAFolder: return "\(what); name the run's images with \(flag)"
    case .noClasses, .onlyOneClass: return "\(what), and a run keeps its classes; restore them, or name the run's images with \(flag)"
    case .emptyClasses: return "\(what), and a run keeps its classes; restore some of its images or begin a new run"
    case .deadLinks: return "\(what); mount the disk with the folder, or let the link lead to where the folder is now"
    case .nothingLeft: return "\(what); restore some of them, or replace the broken ones and add --accept-changed-data"
    case .unknownClasses:
      let cures = ["restore it there", "remove it here"]
      return "\(what); " + (hasClasses.map { $0 ? cures[0] : cures[1] } ?? cures.joined(separator: " or "))
    case .severalParts: return "\(what); rename those that the run does not use"
    case .partOrClass, .partsWithoutClasses, .sameFoldersInside, .noTrainingPart, .nothingToTrainOn:
      return "\(what); arrange the folders as when the run began, or name the run's images with \(flag)"
    case .folderUnreadable, .fileUnreadable, .archive, .list, .noPart, .splitUnknown, .noImages: return whole
    }
  }
}
