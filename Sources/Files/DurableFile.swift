import Glibc
import SystemText

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
  @inline(never)  // Swift 6.3's optimizer crashes when it inlines this function with a closure.
  public static func write(_ path: String, _ contents: (borrowing Output) throws -> Void) throws {
    let (temporary, descriptor) = try makeTemporary(for: path) { name in
      try SystemCall.open.perform(name) { name.withSystemPath { open($0, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666) } }
    }
    do {
      do {
        defer { close(descriptor) }
        try contents(Output(descriptor: descriptor, path: path))
        try flush(descriptor, path)
      }
      try FileSystem.rename(temporary, to: path)
    } catch {
      discard(temporary)
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
    try makeTemporary(for: final) { name in try SystemCall.makeFolder.perform(name) { name.withSystemPath { mkdir($0, 0o777) } } }.name
  }

  /// Gives the finished folder `temporary` its final name. Its files must have been written with `write` or flushed.
  ///
  /// - Throws: `FileSystemError` naming `final`, also when a folder with something in it already has that name.
  ///   The temporary folder is then still there: it is the caller's.
  public static func publishFolder(_ temporary: String, as final: String) throws {
    try FileSystem.flushFolder(temporary, reportedAs: final)
    try FileSystem.rename(temporary, to: final)
    try flushFolder(of: final)
  }

  /// Makes the symbolic link `path` point to `target` in one step, so that a reader always finds one of the two targets.
  public static func replaceSymlink(at path: String, to target: String) throws {
    let (temporary, _) = try makeTemporary(for: path, action: .link) { name in
      try SystemCall.link.perform(name) { target.withSystemPath { target in name.withSystemPath { symlink(target, $0) } } }
    }
    do {
      try FileSystem.rename(temporary, to: path)
    } catch {
      discard(temporary)
      throw error
    }
    try flushFolder(of: path)
  }

  // MARK: Temporaries

  /// Whether a file, folder or link of this name is a temporary of this type.
  public static func isTemporary(name: String) -> Bool { name.hasPrefix(".") && name.hasSuffix(".partial") }

  /// Removes what killed writers left in `folder`. The caller makes sure that no writer is at work there.
  public static func removeLeftovers(in folder: String) throws {
    for name in try FileSystem.list(folder) where isTemporary(name: name) { try FileSystem.removeAll(folder + "/" + name) }
  }

  /// Removes a temporary after a failure, which is the error to report: a temporary that cannot be removed costs space until
  /// `removeLeftovers` sweeps it, and nothing else.
  public static func discard(_ temporary: String) {
    do { try FileSystem.removeAll(temporary) } catch {}
  }

  /// Calls `make` with temporary names for `path` until one is free.
  private static func makeTemporary(
    for path: String, action: FileSystemError.Action = .create, _ make: (String) throws -> Int32
  ) throws -> (name: String, result: Int32) {
    let (folder, name) = FileSystem.split(path)
    var attempt = 0
    while true {
      let temporary = "\(folder ?? ".")/.\(name).\(getpid())-\(attempt).partial"
      do {
        return (temporary, try make(temporary))
      } catch let failure as SystemCall.Failure {
        attempt += 1
        // A name that is taken is a leftover of a killed process with our number, or another thread of ours at work.
        guard failure.code == EEXIST && attempt < 10_000 else { throw FileSystemError(action, path, code: failure.code) }
      }
    }
  }

  // MARK: Output

  /// Where the contents of a durable file go.
  public struct Output: ~Copyable {
    fileprivate let descriptor: Int32
    fileprivate let path: String

    /// Appends all of `bytes`.
    public func write(_ bytes: UnsafeRawBufferPointer) throws {
      try DurableFile.writeAll(bytes, to: descriptor, path)
    }
  }

  /// Writes all of `bytes` to an open file, resuming after signals and short writes. `path` is for the error.
  public static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, _ path: String) throws {
    var rest = bytes[...]
    do {
      while !rest.isEmpty {
        let slice = UnsafeRawBufferPointer(rebasing: rest)
        // Linux writes at most 2 GiB at a time.
        let written = try SystemCall.write.perform(path) { () -> Int in
          Glibc.write(descriptor, slice.baseAddress, min(slice.count, 1 << 30))
        }
        guard written > 0 else { throw SystemCall.Failure(code: ENOSPC) }
        rest = rest.dropFirst(written)
      }
    } catch let failure as SystemCall.Failure {
      throw FileSystemError(.write, path, code: failure.code)
    }
  }

  private static func flush(_ descriptor: Int32, _ path: String) throws {
    do { try SystemCall.flush.perform(path) { fsync(descriptor) } } catch { throw FileSystemError(.flush, path, code: error.code) }
  }

  private static func flushFolder(of path: String) throws {
    try FileSystem.flushFolder(FileSystem.split(path).folder ?? ".", reportedAs: path)
  }
}
