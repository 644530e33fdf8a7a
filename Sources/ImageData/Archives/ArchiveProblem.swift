/// What keeps an archive from being read in place.
public enum ArchiveProblem: Error, Sendable, Hashable {
  /// The format's name; `unpacks` where `tar xf` unpacks it.
  case notInPlace(String, unpacks: Bool)
  /// The reason in words.
  case damaged(String)
  /// The archive ends before its last entry or its end mark.
  case cut
  /// The name of an encrypted entry.
  case encrypted(String)
  case tooManyEntries(limit: Int)
  /// Folders whose names take more memory than this.
  case tooManyFolders(megabytes: Int)
  /// No entry is left; what was skipped.
  case nothing([DataNote])
  /// Another file than the one that was opened first has its path.
  case changed
  /// The system's words.
  case unreadable(String)

  /// - Parameter path: the archive's.
  func description(of path: String) -> String {
    switch self {
    case .notInPlace(let format, true):
      "\(path): is compressed as a whole (\(format)), so single images cannot be read from it; unpack it with `tar xf`, and give the folder"
    case .notInPlace(let format, false):
      "\(path): is a \(format) archive, which is not read in place (ZIP and tar are); unpack it, and give the folder"
    case .damaged(let words): "\(path): the archive is damaged (\(words)); copy it again"
    case .cut: "\(path): the archive is cut off, its end is missing; copy it again"
    case .encrypted(let entry): "\(path): its entry \(entry) is encrypted; unpack it with its password, and give the folder"
    case .tooManyEntries(let limit): "\(path): the archive has more than \(limit) entries; unpack it, and give the folder"
    case .tooManyFolders(let megabytes):
      "\(path): the names of the archive's folders take more than \(megabytes) MB; unpack it, and give the folder"
    case .nothing(let notes): "\(path): the archive holds no file that can be used\(DataNote.summary(notes)); check how it was made"
    case .changed: "\(path): the archive was changed while it was in use; start again"
    case .unreadable(let words): "\(path): cannot be read (\(words)); check the disk and its permissions"
    }
  }
}
