/// A folder of images that cannot be trained on: where, why, and what to do about it.
public enum ImageFolderError: Error, Sendable, Hashable, CustomStringConvertible {
  case folderMissing(String)
  case notAFolder(String)
  /// Folder, the system's words.
  case folderUnreadable(String, String)
  /// A file name that is not UTF-8, shown with its bad bytes replaced.
  case nameNotUnicode(folder: String, name: String)
  /// No folder of classes at all.
  case noClasses(String)
  /// The only class there is.
  case onlyOneClass(String, String)
  /// Folder, its classes without images.
  case emptyClasses(String, [String])
  /// Folder with one half of the layout, the half that is missing, and what is there instead.
  case halfMissing(String, missing: String, present: [String])
  /// Evaluation folder, its classes that training does not have.
  case unknownClasses(String, [String])
  /// Folder, a part of it that is missing, and the folders that it holds.
  case partMissing(String, DataPart, present: [String])
  /// Class folders of which nobody recorded what was set aside for evaluation, and the part that was asked for.
  case splitUnknown(String, DataPart)
  /// Folder without any image in it.
  case noImages(String)
  /// Classes of which no usable training image is left.
  case nothingLeft(String, [String])

  public var description: String {
    switch self {
    case .folderMissing(let path): "\(path): there is no such folder; check --data"
    case .notAFolder(let path): "\(path): is not a folder; --data takes a folder of images"
    case .folderUnreadable(let path, let words): "\(path): the folder cannot be read (\(words)); check its permissions"
    case .nameNotUnicode(let folder, let name): "\(folder): holds a file name that is not UTF-8, \"\(name)\"; rename it"
    case .noClasses(let path): "\(path): holds no class folders; put the images of each class into a folder of its own"
    case .onlyOneClass(let path, let name): "\(path): holds only one class, \"\(name)\"; at least two are needed to tell apart"
    case .emptyClasses(let path, let names):
      "\(path): no image in class \(Self.list(names)); add PNG or JPEG files or remove the folder"
    case .halfMissing(let path, let missing, let present):
      "\(path): holds \(Self.list(present)) but no \"\(missing)\"; add or rename a folder to \"\(missing)\""
    case .unknownClasses(let path, let names):
      "\(path): class \(Self.list(names)) does not occur in training; add it there or remove it here"
    case .partMissing(let path, let part, let present):
      "\(path): holds \(Self.list(present)) but no \(part.rawValue) part; choose another --part"
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
