import Foundation

/// Files that are either wholly there or not there at all, also after a crash or a loss of power.
///
/// Everything is made under a temporary name in the same folder, flushed, renamed over the final name, and the folder is
/// flushed so that the rename itself survives. A reader sees the old state or the new one, never a mixture. On failure
/// the temporary is removed; after a kill it stays and `removeLeftovers(in:)` sweeps it.
public enum DurableFile {
  /// Writes `path` by way of a temporary file, replacing what has that name (a symbolic link itself, not what it points to).
  ///
  /// - Throws: `FileSystemError` naming `path`; whatever `contents` throws. `path` is then as it was, except where only the
  ///   flush of its folder failed.
  public static func write(_ path: String, _ contents: (borrowing Output) throws -> Void) throws {
    let (temporary, descriptor) = try makeTemporary(for: path) { name in
      let descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      return descriptor >= 0 ? descriptor : nil
    }
    do {
      do {
        defer { close(descriptor) }
        try contents(Output(descriptor: descriptor, path: path))
        try flush(descriptor, path)
      }
      try renameOver(temporary, path)
    } catch {
      unlink(temporary)
      throw error
    }
    try flushFolder(of: path)
  }

  /// Writes `bytes` as the whole of `path`.
  public static func write(_ path: String, bytes: [UInt8]) throws {
    try write(path) { output in try bytes.withUnsafeBytes { try output.write($0) } }
  }

  /// Makes an empty temporary folder beside `final`, to be filled and then given to `publishFolder`.
  public static func makeTemporaryFolder(for final: String) throws -> String {
    try makeTemporary(for: final) { mkdir($0, 0o777) == 0 ? () : nil }.name
  }

  /// Gives the finished folder `temporary` its final name. Its files must have been written with `write` or flushed.
  ///
  /// - Throws: `FileSystemError` naming `final`, also when a folder with something in it already has that name.
  ///   The temporary folder is then still there: it is the caller's.
  public static func publishFolder(_ temporary: String, as final: String) throws {
    try flushFolder(temporary, reportedAs: final)
    try renameOver(temporary, final)
    try flushFolder(of: final)
  }

  /// Makes the symbolic link `path` point to `target` in one step, so that a reader always finds one of the two targets.
  public static func replaceSymlink(at path: String, to target: String) throws {
    let (temporary, _) = try makeTemporary(for: path, action: .link) { symlink(target, $0) == 0 ? () : nil }
    do {
      try renameOver(temporary, path)
    } catch {
      unlink(temporary)
      throw error
    }
    try flushFolder(of: path)
  }

  /// Whether a file, folder or link of this name is a temporary of this type.
  public static func isTemporary(name: String) -> Bool { name.hasPrefix(".") && name.hasSuffix(".partial") }

  /// Removes what killed writers left in `folder`. The caller makes sure that no writer is at work there.
  public static func removeLeftovers(in folder: String) throws {
    for name in try entries(of: folder) where isTemporary(name: name) { try remove(folder + "/" + name) }
  }

  /// Where the contents of a durable file go.
  public struct Output: ~Copyable {
    fileprivate let descriptor: Int32
    fileprivate let path: String

    /// Appends all of `bytes`.
    public func write(_ bytes: UnsafeRawBufferPointer) throws {
      try DurableFile.writeAll(bytes, to: descriptor, path)
    }
  }

  /// Writes all of `bytes` to an open file, going on after signals and short writes. `path` is for the error.
  public static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, _ path: String) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let slice = UnsafeRawBufferPointer(rebasing: rest)
      // Linux writes at most 2 GiB at a time.
      let written = Foundation.write(descriptor, slice.baseAddress, min(slice.count, 1 << 30))
      if written > 0 {
        rest = rest.dropFirst(written)
      } else if written < 0 && errno == EINTR {
        continue
      } else {
        throw FileSystemError(.write, path, code: written == 0 ? ENOSPC : errno)
      }
    }
  }
}

extension DurableFile {
  /// Calls `make` with temporary names for `path` until one is free.
  private static func makeTemporary<Handle>(
    for path: String, action: FileSystemError.Action = .create, _ make: (String) -> Handle?
  ) throws -> (name: String, handle: Handle) {
    let (folder, name) = split(path)
    var attempt = 0
    while true {
      let temporary = "\(folder)/.\(name).\(getpid())-\(attempt).partial"
      if let handle = make(temporary) { return (temporary, handle) }
      let code = errno
      attempt += 1
      // A name that is taken is a leftover of a killed process with our number, or another thread of ours at work.
      guard code == EINTR || code == EEXIST && attempt < 10_000 else { throw FileSystemError(action, path, code: code) }
    }
  }

  private static func renameOver(_ temporary: String, _ path: String) throws {
    guard rename(temporary, path) == 0 else { throw FileSystemError(.rename, path, code: errno) }
  }

  private static func flush(_ descriptor: Int32, _ path: String) throws {
    while fsync(descriptor) != 0 {
      guard errno == EINTR else { throw FileSystemError(.flush, path, code: errno) }
    }
  }

  private static func flushFolder(of path: String) throws {
    try flushFolder(split(path).folder, reportedAs: path)
  }

  /// Flushes a folder's entries. File systems that cannot flush a folder say so with EINVAL or ENOTSUP; there a rename
  /// is as durable as it will ever be.
  private static func flushFolder(_ folder: String, reportedAs path: String) throws {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileSystemError(.flush, path, code: errno) }
    defer { close(descriptor) }
    while fsync(descriptor) != 0 {
      if errno == EINVAL || errno == ENOTSUP { return }
      guard errno == EINTR else { throw FileSystemError(.flush, path, code: errno) }
    }
  }

  private static func split(_ path: String) -> (folder: String, name: String) {
    var path = path[...]
    while path.count > 1 && path.hasSuffix("/") { path = path.dropLast() }
    guard let slash = path.lastIndex(of: "/") else { return (".", String(path)) }
    let folder = path[..<slash]
    return (folder.isEmpty ? "/" : String(folder), String(path[path.index(after: slash)...]))
  }

  /// The names in a folder, in no order.
  ///
  /// - Throws: `FileSystemError`
  package static func entries(of folder: String) throws -> [String] {
    guard let stream = opendir(folder) else { throw FileSystemError(.list, folder, code: errno) }
    defer { closedir(stream) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else {
        guard errno == 0 else { throw FileSystemError(.list, folder, code: errno) }
        return names
      }
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name != "." && name != ".." { names.append(name) }
    }
  }

  /// Removes a file, a link or a folder with all that is in it.
  ///
  /// - Throws: `FileSystemError` naming what could not be removed.
  package static func remove(_ path: String) throws {
    if unlink(path) == 0 { return }
    guard errno == EISDIR || errno == EPERM else { throw FileSystemError(.remove, path, code: errno) }
    for name in try entries(of: path) { try remove(path + "/" + name) }
    guard rmdir(path) == 0 else { throw FileSystemError(.remove, path, code: errno) }
  }
}
