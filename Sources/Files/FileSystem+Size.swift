import Glibc

extension FileSystem {
  /// Bytes of the ordinary files in a folder and below it. Links are not followed and count nothing.
  ///
  /// What vanishes while it is counted, as a writer's checkpoints do, counts nothing either.
  /// - Returns: 0 if nothing has the folder's name.
  /// - Throws: `FileSystemError`, for a folder that cannot be listed too.
  public static func byteCount(below folder: String) throws -> Int {
    var sum = 0
    for name in try listIfPresent(folder) ?? [] {
      let path = folder + "/" + name
      let status: Status
      do {
        status = try rawStatus(path, follows: false)
      } catch {
        guard error.code == ENOENT else { throw FileSystemError(.read, path, code: error.code) }
        continue
      }
      switch status.kind {
      case .file: sum += status.byteCount
      case .folder: sum += try byteCount(below: path)
      case .link, .pipe, .socket, .device: break
      }
    }
    return sum
  }
}
