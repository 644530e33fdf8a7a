/// A folder of images that cannot be trained on: where, why, and what to do about it.
public enum ImageFolderError: Error, Sendable, Hashable, CustomStringConvertible {
  case folderMissing(String)
  case notAFolder(String)
  /// Folder, the system's words.
  case folderUnreadable(String, String)
  /// A file that should be a list or an archive, and the system's words.
  case fileUnreadable(String, String)
  /// An archive that cannot be read in place.
  case archive(String, ArchiveProblem)
  case list(ListError)
  /// A list none of whose images is to train on, and its parts.
  case nothingToTrainOn(String, [String])
  /// No folder of classes at all.
  case noClasses(String)
  /// The only class there is.
  case onlyOneClass(String, String)
  /// Folder, its classes without images.
  case emptyClasses(String, [String])
  /// Links to nowhere among the class folders.
  case deadLinks(String, [String])
  /// Folder with no part to train on, and the parts that it has.
  case noTrainingPart(String, [String])
  /// Folder without the part asked for, and the parts that it has.
  case noPart(String, DataPart, [String])
  /// Several folders that are named as the same part.
  case severalParts(String, DataPart, [String])
  /// A folder named as the training part beside folders that are classes by their names.
  case partOrClass(String, [String], others: [String])
  /// Folders named as parts that hold images but no class folders.
  case partsWithoutClasses(String, [String])
  /// Folders that each hold the same folders, and the names of these.
  case sameFoldersInside(String, [String], inside: [String])
  /// Evaluation folder, its classes that training does not have.
  case unknownClasses(String, [String])
  /// Class folders of which nothing records what was set aside for evaluation, and the part that was asked for.
  case splitUnknown(String, PartChoice)
  /// Folder without any image in it.
  case noImages(String)
  /// Classes of which no usable training image is left.
  case nothingLeft(String, [String])

  public var description: String {
    switch self {
    case .folderMissing(let path): "\(path): there is no such folder; check --data"
    case .notAFolder(let path): "\(path): is not a folder of images, a list (.csv, .tsv, .jsonl) or an archive (ZIP, tar); check --data"
    case .folderUnreadable(let path, let words): "\(path): the folder cannot be read (\(words)); check its permissions"
    case .fileUnreadable(let path, let words): "\(path): cannot be read (\(words)); check the path and its permissions"
    case .archive(let path, let problem): problem.description(of: path)
    case .list(let error): "\(error)"
    case .nothingToTrainOn(let path, let parts):
      "\(path): lists images of \(Self.list(parts)) but none to train on; mark those with \"train\""
    case .noClasses(let path):
      "\(path): holds no class folders; put the images of each class into a folder of its own, or name their classes in a list (path,label)"
    case .onlyOneClass(let path, let name): "\(path): holds only one class, \"\(name)\"; at least two are needed to tell apart"
    case .emptyClasses(let path, let names):
      "\(path): no image in class \(Self.list(names)); add image files or remove the folder"
    case .deadLinks(let path, let names):
      "\(path): \(Self.list(names)) \(names.count == 1 ? "is a link that leads" : "are links that lead") nowhere; "
        + "mount the disk with the folder or remove the link"
    case .noTrainingPart(let path, let parts):
      "\(path): holds \(Self.list(parts)) but no part to train on; "
        + "add a folder \"train\" with a folder for each class, or name it with --train-dir"
    case .noPart(let path, let part, let parts):
      "\(path): has no \(part.label) part, \(parts.isEmpty ? "its folders are classes of one set" : "only \(Self.list(parts))"); "
        + "choose another with --part, or --part all"
    case .severalParts(let path, let part, let names):
      "\(path): \(Self.list(names)) are all named as the \(part.label) part; "
        + "name the one to use with \(part == .training ? "--train-dir" : "--eval-dir"), or rename the others"
    case .partOrClass(let path, let parts, let others):
      "\(path): \(Self.list(parts)) is named as a part, but \(Self.list(others)) beside it as classes; "
        + "name the part with --train-dir, or add --layout classes if every folder is a class"
    case .partsWithoutClasses(let path, let names):
      "\(path): \(Self.list(names)) hold images but no class folders; "
        + "put the images of each class into a folder of its own, or add --layout classes if these are the classes"
    case .sameFoldersInside(let path, let names, let inside):
      "\(path): \(Self.list(names)) each hold the folders \(Self.list(inside)), so they are not classes but sets of them; "
        + "give one of them as --data, or name parts with --train-dir and --eval-dir, or add --layout classes"
    case .unknownClasses(let path, let names):
      "\(path): class \(Self.list(names)) does not occur in training; add it there or remove it here"
    case .splitUnknown(let path, let part):
      "\(path): which of its images are the \(part.rawValue) part is not recorded; give --eval-fraction and --seed as in training"
    case .noImages(let path): "\(path): holds no image; name image files or a folder that holds some"
    case .nothingLeft(let path, let names):
      "\(path): no usable training image is left in class \(Self.list(names)); replace the broken images"
    }
  }

  private static func list(_ names: [String]) -> String {
    let shown = names.prefix(8).map { "\"\($0)\"" }.joined(separator: ", ")
    return names.count > 8 ? "\(shown) and \(names.count - 8) more" : shown
  }
}
