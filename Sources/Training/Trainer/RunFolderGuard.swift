import Files
import Foundation
import ImageData
import SystemText

/// Notices when the run's folder, its lock or its open files are no longer at their paths, and restores what can be restored.
///
/// The cases, in the order of the checks:
/// - Lock in place: files that were removed, moved or replaced are written anew, whole, from their open descriptors.
/// - Folder in place, lock removed or replaced: the lock is taken again, unless another process holds it.
/// - Folder moved: the run is lost at its path; its descriptors, and the lock, still lead to the moved folder.
/// - Folder removed, or an empty one in its place: it is made anew, with all files.
/// - Anything else at the path belongs to another program: the run is lost there.
///
/// Lives on the trainer's thread. A check of a folder in order costs two `stat` calls a file.
final class RunFolderGuard {
  enum Finding {
    case intact
    /// These were missing and are there again.
    case restored([String])
    /// The folder was missing and is there again; it holds no checkpoint yet.
    case remade
    case lost(RunFolderLoss)
  }

  let folder: RunFolder
  let sinks: [any RunFolderSink]
  /// Of `config.toml`; nil if the run has none.
  private let configuration: [UInt8]?
  /// Of `data.json`; nil if the run has none.
  private let record: DataRecord?
  private var lock: RunLock
  /// Of the folder, wherever it is.
  private var descriptor: Int32

  /// - Parameters:
  ///   - lock: the folder's, held by the caller.
  ///   - sinks: that keep files open in the folder.
  ///   - record: of the run's images.
  /// - Throws: `FileSystemError`
  init(_ folder: RunFolder, lock: RunLock, sinks: [any RunFolderSink], record: DataRecord? = nil) throws {
    self.folder = folder
    self.lock = lock
    self.sinks = sinks
    configuration = try Self.contents(folder.configurationFile)
    self.record = try record.flatMap { try FileSystem.status(folder.dataRecord.path) == nil ? nil : $0 }
    descriptor = try Self.open(folder.path)
  }

  deinit { close(descriptor) }

  func check() -> Finding {
    do {
      if lock.isInPlace {
        let restored = try restoreFiles()
        return restored.isEmpty ? .intact : .restored(restored)
      }
      switch (FileSystem.Lookup(folder.path), FileSystem.Lookup(descriptor: descriptor)) {
      case (.unknown(let code), _): return .lost(RunFolderLoss(folder.path, .unusable(String(cString: strerror(code)))))
      case (let now, let held) where now == held:
        lock = try RunLock(taking: folder.lockFile)
        return .restored([folder.lockFile] + (try restoreFiles()))
      case (let now, _):
        if isElsewhere {
          guard let path = movedPath else {
            return .lost(RunFolderLoss(folder.path, .unusable("it was moved to a place whose name cannot be read")))
          }
          return .lost(RunFolderLoss(folder.path, .moved(to: path)))
        }
        guard try now == .missing || isFree else { return .lost(RunFolderLoss(folder.path, .replaced)) }
        try remake()
        return .remade
      }
    } catch RunFolderError.inUse(_, let process) {
      return .lost(RunFolderLoss(folder.path, .taken(process: process)))
    } catch {
      return .lost(RunFolderLoss(folder.path, .unusable("\(error)")))
    }
  }

  /// Whether the folder still has a name: a removed one has none.
  private var isElsewhere: Bool {
    var status = stat()
    return fstat(descriptor, &status) == 0 && status.st_nlink > 0
  }

  /// The path of the folder that was moved; nil if that cannot be read.
  private var movedPath: String? {
    guard case .path(let path)? = try? FileSystem.linkTarget("/proc/self/fd/\(descriptor)") else { return nil }
    return FileSystem.Lookup(path) == FileSystem.Lookup(descriptor: descriptor) ? path : nil
  }

  /// Whether what is in the folder's place holds nothing but what this process may have made there since the last check.
  private var isFree: Bool {
    get throws {
      let own: Set = ["checkpoints", "predictions", "scalars"]
      return try FileSystem.list(folder.path).allSatisfy { own.contains($0) || DurableFile.isTemporary(name: $0) }
    }
  }

  private func remake() throws {
    try RunFolder.makeFolder(folder.path)
    let new = try Self.open(folder.path)
    close(descriptor)
    descriptor = new
    lock = try RunLock(taking: folder.lockFile)
    _ = try restoreFiles()
  }

  private func restoreFiles() throws -> [String] {
    var restored: [String] = []
    if let configuration, FileSystem.Lookup(folder.configurationFile) == .missing {
      try DurableFile.write(folder.configurationFile, bytes: configuration)
      restored.append(folder.configurationFile)
    }
    if let record, FileSystem.Lookup(folder.dataRecord.path) == .missing, try folder.dataRecord.write(record) {
      restored.append(folder.dataRecord.path)
    }
    for sink in sinks { restored += try sink.restoreFiles() }
    return restored
  }

  private static func contents(_ path: String) throws -> [UInt8]? {
    try FileSystem.read(path, atMost: 1 << 20)
  }

  private static func open(_ path: String) throws -> Int32 {
    let descriptor = path.withSystemPath { Foundation.open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard descriptor >= 0 else { throw FileSystemError(.open, path, code: errno) }
    return descriptor
  }

  // MARK: Elsewhere

  /// Makes a run's folder beside the lost one, or among the system's temporary files, with configuration, lock and curves, and
  /// lets `save` fill it.
  ///
  /// - Parameter copiesFiles: whether the open files hold this run's records alone.
  /// - Throws: the error of the last place that was tried.
  func rescue<Result>(copiesFiles: Bool, _ save: (RunFolder) throws -> Result) throws -> (RunFolder, Result) {
    do {
      return try rescue(beside: folder.path, copiesFiles, save)
    } catch {
      let name = SystemPath.name(of: SystemPath.absolute(folder.path))
      return try rescue(beside: SystemPath.absolute(name, from: SystemProcess.temporaryFolder), copiesFiles, save)
    }
  }

  private func rescue<Result>(
    beside path: String, _ copiesFiles: Bool, _ save: (RunFolder) throws -> Result
  ) throws -> (RunFolder, Result) {
    var number = 1
    var place = path + "-rescued"
    while try !FileSystem.makeFolder(place) {
      number += 1
      place = "\(path)-rescued-\(number)"
    }
    let other = RunFolder(path: place)
    lock = try RunLock(taking: other.lockFile)
    if let configuration { try DurableFile.write(other.configurationFile, bytes: configuration) }
    if let record { _ = try other.dataRecord.write(record) }
    if copiesFiles { for sink in sinks { try sink.copyFiles(from: folder, to: other) } }
    return (other, try save(other))
  }
}
