import Files
import Foundation
import Testing

@Suite struct DurableFileTests {
  private struct Interruption: Error {}

  @Test func replacesAFileWholly() throws {
    let folder = try TemporaryFolder()
    try DurableFile.write(folder.file("a"), bytes: [1, 2, 3])
    try DurableFile.write(folder.file("a"), bytes: [4])
    #expect(try contents(folder.file("a")) == [4])
    #expect(folder.names == ["a"])
  }

  @Test func leavesTheOldFileWhenWritingFails() throws {
    let folder = try TemporaryFolder()
    try DurableFile.write(folder.file("a"), bytes: [1, 2, 3])
    #expect(throws: Interruption.self) {
      try DurableFile.write(folder.file("a")) { output in
        try [UInt8](repeating: 9, count: 100).withUnsafeBytes { try output.write($0) }
        #expect(folder.names.count == 2)
        throw Interruption()
      }
    }
    #expect(try contents(folder.file("a")) == [1, 2, 3])
    #expect(folder.names == ["a"])
  }

  @Test func namesTheFinalFileInItsErrors() throws {
    let folder = try TemporaryFolder()
    try DurableFile.write(folder.file("a"), bytes: [])
    #expect(throws: FileSystemError(.create, folder.file("none/b"), code: ENOENT)) {
      try DurableFile.write(folder.file("none/b"), bytes: [])
    }
    #expect(throws: FileSystemError(.create, folder.file("a/b"), code: ENOTDIR)) { try DurableFile.write(folder.file("a/b"), bytes: []) }
    try FileManager.default.createDirectory(atPath: folder.file("d/e"), withIntermediateDirectories: true)
    #expect(throws: FileSystemError(.rename, folder.file("d"), code: EISDIR)) { try DurableFile.write(folder.file("d"), bytes: []) }
    #expect(throws: FileSystemError(.rename, folder.file("d"), code: EISDIR)) {
      try DurableFile.replaceSymlink(at: folder.file("d"), to: "a")
    }
    #expect(folder.names == ["a", "d"])
  }

  @Test func tellsAFullDisk() throws {
    let full = open("/dev/full", O_WRONLY)
    defer { close(full) }
    #expect(throws: FileSystemError(.write, "runs/a/model.safetensors", code: ENOSPC)) {
      try [UInt8(1)].withUnsafeBytes { try DurableFile.writeAll($0, to: full, "runs/a/model.safetensors") }
    }
  }

  @Test func errorsSayFileReasonAndCure() {
    let full = FileSystemError(.write, "runs/a", code: ENOSPC).description
    #expect(full == "cannot write runs/a: No space left on device; free some space on that disk or choose a folder on another one")
    #expect(FileSystemError(.create, "x", code: EROFS).description.contains("read-only"))
    #expect(FileSystemError(.create, "x", code: EACCES).description.contains("permissions"))
    #expect(FileSystemError(.read, "x", code: EINVAL).description == "cannot read x: Invalid argument")
  }

  /// A pipe takes what fits and then makes the writer wait: writes are short and must be gone on with.
  @Test func goesOnAfterShortWrites() throws {
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    let (reader, writer) = (ends[0], ends[1])
    let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    let received = Mailbox()
    let thread = Thread {
      var got: [UInt8] = []
      var piece = [UInt8](repeating: 0, count: 4099)
      while true {
        let count = read(reader, &piece, piece.count)
        if count <= 0 { break }
        got += piece[..<count]
      }
      received.put(got)
    }
    thread.start()
    try bytes.withUnsafeBytes { try DurableFile.writeAll($0, to: writer, "pipe") }
    close(writer)
    #expect(received.take() == bytes)
    close(reader)
  }

  @Test func publishesAFolderInOneStep() throws {
    let folder = try TemporaryFolder()
    let temporary = try DurableFile.makeTemporaryFolder(for: folder.file("step-7"))
    let other = try DurableFile.makeTemporaryFolder(for: folder.file("step-7/"))
    #expect(temporary != other)
    try DurableFile.write(temporary + "/a", bytes: [1])
    #expect(folder.names.allSatisfy(DurableFile.isTemporary(name:)))
    try DurableFile.publishFolder(temporary, as: folder.file("step-7"))
    #expect(try contents(folder.file("step-7/a")) == [1])
    try DurableFile.write(other + "/a", bytes: [2])
    #expect(throws: FileSystemError(.rename, folder.file("step-7"), code: ENOTEMPTY)) {
      try DurableFile.publishFolder(other, as: folder.file("step-7"))
    }
    #expect(try contents(folder.file("step-7/a")) == [1])
    try DurableFile.removeLeftovers(in: folder.path)
    #expect(folder.names == ["step-7"])
    #expect(throws: FileSystemError(.list, folder.file("none"), code: ENOENT)) { try DurableFile.removeLeftovers(in: folder.file("none")) }
  }

  @Test func replacesASymbolicLink() throws {
    let folder = try TemporaryFolder()
    try DurableFile.replaceSymlink(at: folder.file("latest"), to: "step-1")
    try DurableFile.replaceSymlink(at: folder.file("latest"), to: "step-2")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder.file("latest")) == "step-2")
    #expect(folder.names == ["latest"])
  }

  @Test func takesPathsWithoutAFolder() {
    #expect(DurableFile.isTemporary(name: ".model.safetensors.1-0.partial"))
    #expect(!DurableFile.isTemporary(name: "model.safetensors") && !DurableFile.isTemporary(name: ".hidden"))
  }
}

/// Hands one value from a thread to another.
private final class Mailbox: @unchecked Sendable {
  private let condition = NSCondition()
  private var value: [UInt8]?

  func put(_ bytes: [UInt8]) {
    condition.withLock {
      value = bytes
      condition.signal()
    }
  }

  func take() -> [UInt8] {
    condition.withLock {
      while true {
        if let value { return value }
        condition.wait()
      }
    }
  }
}
