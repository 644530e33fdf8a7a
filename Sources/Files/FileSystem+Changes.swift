import Glibc

extension FileSystem {
  /// Makes a folder.
  ///
  /// - Returns: false if something has the name already.
  /// - Throws: `FileSystemError`
  public static func makeFolder(_ path: String) throws -> Bool {
    do {
      try SystemCall.makeFolder.perform(path) { mkdir(path, 0o777) }
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
      try SystemCall.remove.perform(path) { unlink(path) }
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
  public static func removeAll(_ path: String) throws { try removeAll(Array(path.utf8)) }

  /// Names are bytes, so that a name that is not UTF-8 can be removed too.
  private static func removeAll(_ path: [UInt8]) throws {
    let text = String(decoding: path, as: UTF8.self)
    guard try !removeUnlessFolder(path, text) else { return }
    for name in try rawList(path, reportedAs: text) { try removeAll(path + [UInt8(ascii: "/")] + name) }
    do {
      try SystemCall.removeFolder.perform(text) { cString(path) { rmdir($0) } }
    } catch {
      throw FileSystemError(.remove, text, code: error.code)
    }
  }

  /// - Returns: false for a folder, which is left.
  private static func removeUnlessFolder(_ path: [UInt8], _ text: String) throws -> Bool {
    do {
      try SystemCall.remove.perform(text) { cString(path) { unlink($0) } }
      return true
    } catch {
      guard error.code == EISDIR || error.code == EPERM else { throw FileSystemError(.remove, text, code: error.code) }
      return false
    }
  }

  /// Removes a folder if it is empty.
  ///
  /// - Returns: false if it is not, or cannot be removed: what is left is an empty folder, which harms nothing.
  @discardableResult
  public static func removeEmptyFolder(_ path: String) -> Bool {
    (try? SystemCall.removeFolder.perform(path) { rmdir(path) }) != nil
  }

  /// Gives a file or folder another name, replacing a file of that name.
  ///
  /// - Parameter reported: the path for the error.
  /// - Throws: `FileSystemError`
  public static func rename(
    _ old: String, to new: String, _ action: FileSystemError.Action = .rename, reportedAs reported: String? = nil
  ) throws {
    do {
      try SystemCall.rename.perform(new) { Glibc.rename(old, new) }
    } catch {
      throw FileSystemError(action, reported ?? new, code: error.code)
    }
  }

  /// Flushes a folder's entries. File systems that cannot flush a folder say so with EINVAL or ENOTSUP; there a rename
  /// is as durable as it will ever be.
  public static func flushFolder(_ folder: String, reportedAs path: String) throws {
    do {
      let descriptor = try SystemCall.open.perform(folder) { open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
      defer { close(descriptor) }
      try SystemCall.flush.perform(folder) { fsync(descriptor) }
    } catch  where error.code == EINVAL || error.code == ENOTSUP {
    } catch {
      throw FileSystemError(.flush, path, code: error.code)
    }
  }
}
