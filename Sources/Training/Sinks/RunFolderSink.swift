import Files
import Foundation
import TrainingEvents

/// A sink that keeps open files in the run's folder.
protocol RunFolderSink: TrainingEventSink {
  var heldFiles: [HeldFile] { get }
}

extension RunFolderSink {
  /// Writes the files anew that their names no longer lead to, whole, and goes on writing there.
  ///
  /// - Returns: their paths.
  /// - Throws: `FileSystemError`, `RunFolderError`.
  func restoreFiles() throws -> [String] {
    try heldFiles.filter { !$0.isInPlace }.map { file in
      try RunFolder.makeFolder(FileSystem.parent(of: file.path))
      try file.restore()
      return file.path
    }
  }

  /// Copies the files to the same places of another run's folder.
  ///
  /// - Throws: `FileSystemError`, `RunFolderError`.
  func copyFiles(from folder: RunFolder, to other: RunFolder) throws {
    for file in heldFiles {
      let target = other.path + file.path.dropFirst(folder.path.count)
      try RunFolder.makeFolder(FileSystem.parent(of: target))
      try file.copy(to: target)
    }
  }
}
