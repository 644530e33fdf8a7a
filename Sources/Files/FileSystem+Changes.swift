import Glibc
import SystemText

extension FileSystem {
  /// Makes a folder.
  ///
  /// - Returns: false if something has the name already.
  /// - Throws: `FileSystemError`
  public static func makeFolder(_ path: String) throws -> Bool {
    do {
      try SystemCall.makeFolder.perform(path) { path.withSystemPath { mkdir($0, 0o777) } }
      return true
    } catch  where error.code == EEXIST {
      return false
    } catch {
      throw FileSystemError(.create, path, code: error.code)
    }
  }

  /// Makes a folder and those above it, and flushes each new entry so that it survives a loss of power.
  ///
  /// - Throws: `FileSystemError`, with `ENOTDIR` where something other than a folder has the name.
  public static func makeFolders(_ path: String) throws {
    let parent = parent(of: path)
    do {
      guard try makeFolder(path) else {
        guard try status(path)?.kind == .folder else { throw FileSystemError(.create, path, code: ENOTDIR) }
        return
      }
    } catch let error as FileSystemError where error.problem == .system(code: ENOENT) && !parent.isEmpty && parent != path {
      try makeFolders(parent)
      // Another process may have made it in between.
      _ = try makeFolder(path)
    }
    do {
      try flushFolder(parent.isEmpty ? "." : parent, reportedAs: path)
    } catch let error as FileSystemError where error.code == EACCES {
      // A folder that may be written but not read cannot be opened, and so not be flushed, by this user.
    }
  }

  /// Removes a file or a link.
  ///
  /// - Returns: false if nothing has the name.
  /// - Throws: `FileSystemError`
  @discardableResult
  public static func removeFile(_ path: String) throws -> Bool {
    do {
      try SystemCall.remove.perform(path) { path.withSystemPath { unlink($0) } }
      return true
    } catch  where error.code == ENOENT {
      return false
    } catch {
      throw FileSystemError(.remove, path, code: error.code)
    }
  }

  /// Removes a file, a link or a folder with all that is in it; links are not followed.
  ///
  /// - Throws: `FileSystemError` naming what could not be removed.
  public static func removeAll(_ path: String) throws {
    guard try !removeUnlessFolder(path) else { return }
    for name in try rawList(path) { try removeAll(path + "/" + name) }
    do {
      try SystemCall.removeFolder.perform(path) { path.withSystemPath { rmdir($0) } }
    } catch {
      throw FileSystemError(.remove, path, code: error.code)
    }
  }

  /// - Returns: false for a folder, which is left.
  private static func removeUnlessFolder(_ path: String) throws -> Bool {
    do {
      try SystemCall.remove.perform(path) { path.withSystemPath { unlink($0) } }
      return true
    } catch {
      guard error.code == EISDIR || error.code == EPERM else { throw FileSystemError(.remove, path, code: error.code) }
      return false
    }
  }

  /// Removes a folder if it is empty.
  ///
  /// - Returns: false if it is not, or cannot be removed: what is left is an empty folder, which harms nothing.
  @discardableResult
  public static func removeEmptyFolder(_ path: String) -> Bool {
    (try? SystemCall.removeFolder.perform(path) { path.withSystemPath { rmdir($0) } }) != nil
  }

  /// Gives a file or folder another name, replacing a file of that name.
  ///
  /// - Parameter reported: the path for the error.
  /// - Throws: `FileSystemError`
  public static func rename(
    _ old: String, to new: String, _ action: FileSystemError.Action = .rename, reportedAs reported: String? = nil
  ) throws {
    do {
      try SystemCall.rename.perform(new) { old.withSystemPath { old in new.withSystemPath { Glibc.rename(old, $0) } } }
    } catch {
      throw FileSystemError(action, reported ?? new, code: error.code)
    }
  }

  /// Flushes a folder's entries. File systems that cannot flush a folder say so with EINVAL or ENOTSUP; there a rename
  /// is as durable as it will ever be.
  public static func flushFolder(_ folder: String, reportedAs path: String) throws {
    do {
      let descriptor = try SystemCall.open.perform(folder) { folder.withSystemPath { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) } }
      defer { close(descriptor) }
      try SystemCall.flush.perform(folder) { fsync(descriptor) }
    } catch  where error.code == EINVAL || error.code == ENOTSUP {
    } catch {
      throw FileSystemError(.flush, path, code: error.code)
    }
  }
}
