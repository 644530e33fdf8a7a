import Faults
import Files
import Foundation
import SystemText
import Testing

@Suite struct FileSystemTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func absenceAndFailureAreDifferentAnswers() throws {
    #expect(try FileSystem.status(folder.file("none")) == nil)
    #expect(try FileSystem.status(folder.file("none/deeper")) == nil)
    #expect(try FileSystem.listIfPresent(folder.file("none/deeper")) == nil)
    #expect(try FileSystem.linkTarget(folder.file("none")) == .missing)
    #expect(try FileSystem.read(folder.file("none"), atMost: 1) == nil)
    try DurableFile.write(folder.file("file"), bytes: [1])
    #expect(throws: FileSystemError(.list, folder.file("file"), code: ENOTDIR)) { try FileSystem.listIfPresent(folder.file("file")) }
    #expect(try FileSystem.linkTarget(folder.file("file")) == .noLink(.file))
    #expect(throws: FileSystemError(.read, folder.file("file"), .tooLarge(limit: 0))) {
      try FileSystem.read(folder.file("file"), atMost: 0)
    }
  }

  /// A link to a disk that is not mounted is not an empty folder.
  @Test(arguments: ["link", "link/deeper"]) func aLinkThatLeadsNowhereIsNoAbsence(name: String) throws {
    try DurableFile.replaceSymlink(at: folder.file("link"), to: "nowhere")
    let dangling = FileSystemError.Problem.danglingLink(folder.file("link"))
    #expect(throws: FileSystemError(.read, folder.file(name), dangling)) { try FileSystem.status(folder.file(name)) }
    #expect(throws: FileSystemError(.list, folder.file(name), dangling)) { try FileSystem.listIfPresent(folder.file(name)) }
  }

  @Test func aListingThatFailsHalfwayIsNoListing() throws {
    for name in ["a", "b", "c"] { try DurableFile.write(folder.file(name), bytes: []) }
    let error = FileSystemError(.list, folder.path, code: EIO)
    for number in 1...5 { Fault.at(number, EIO, of: .list).run { #expect(throws: error) { try FileSystem.listIfPresent(folder.path) } } }
    #expect(try FileSystem.listIfPresent(folder.path) == ["a", "b", "c"])
  }

  /// Repaired, both names would be one, and neither would be found.
  @Test func namesAreBytes() throws {
    let names = [[0x63, 0xE8], [0x63, 0xE9, 0x9B]].map { String(systemBytes: $0 as [UInt8]) }
    for (index, name) in names.enumerated() { try DurableFile.write(folder.file(name), bytes: [UInt8(index)]) }
    #expect(try FileSystem.list(folder.path) == names)
    #expect(try FileSystem.read(folder.file(names[1]), atMost: 1) == [1])
    try DurableFile.replaceSymlink(at: folder.file("link"), to: names[0])
    #expect(try FileSystem.linkTarget(folder.file("link")) == .path(names[0]))
    #expect(try FileSystem.status(folder.file("link"))?.identity == FileSystem.status(folder.file(names[0]))?.identity)
    let deep = folder.file(names[0] + "-folder/" + names[1])
    try FileSystem.makeFolders(deep)
    try FileSystem.rename(folder.file(names[1]), to: deep + "/" + names[0])
    #expect(try OpenFile(deep + "/" + names[0], .appendingOnly).status().byteCount == 1)
    try FileSystem.removeAll(folder.file(names[0] + "-folder"))
    #expect(try FileSystem.removeFile(folder.file(names[0])))
    #expect(folder.names == ["link"])
  }

  /// A limit of the process and a full disk have different cures.
  @Test func aFileThatMayNotGrowIsNoFullDisk() {
    func cure(_ code: Int32) -> String { FileSystemError(.write, "a", code: code).description }
    #expect(cure(EFBIG).contains("`ulimit -f`") && !cure(EFBIG).contains("space"))
    #expect(cure(ENOSPC).contains("free some space"))
  }

  /// Opening a pipe would wait for its other end, and opening a device can do something to a machine.
  @Test(arguments: [OpenFile.Mode.reading, .appending, .appendingOnly, .readingAndWriting])
  func whatIsNoFileIsNotOpened(mode: OpenFile.Mode) throws {
    try #require(mkfifo(folder.file("pipe"), 0o600) == 0)
    try makeSocket(folder.file("socket"))
    for (path, kind) in [
      (folder.file("pipe"), FileSystem.Kind.pipe), (folder.file("socket"), .socket), ("/dev/null", .device), (folder.path, .folder),
    ] {
      let error = #expect(throws: FileSystemError.self) { try OpenFile(path, mode) }
      #expect(error?.problem == .notAFile(kind))
    }
    let error = #expect(throws: FileSystemError.self) { try FileSystem.read(folder.file("pipe"), atMost: 1) }
    #expect(
      error?.description == "cannot open \(folder.file("pipe")): it is a named pipe, not a file; name a file, or move it away")
  }

  /// A signal at any call changes nothing.
  @Test(arguments: SystemCall.allCases) func everyCallIsMadeAgainAfterASignal(call: SystemCall) throws {
    var number = 0
    while true {
      number += 1
      let fault = Fault.at(number, EINTR, of: call)
      let root = folder.file("\(number)")
      try fault.run {
        try FileSystem.makeFolders(root + "/deep/er")
        try DurableFile.write(root + "/deep/a", bytes: [1, 2])
        try DurableFile.replaceSymlink(at: root + "/deep/b", to: "a")
        let temporary = try DurableFile.makeTemporaryFolder(for: root + "/deep/c")
        try DurableFile.publishFolder(temporary, as: root + "/deep/c")
        #expect(try FileSystem.list(root + "/deep") == ["a", "b", "c", "er"])
        #expect(try FileSystem.read(root + "/deep/b", atMost: 9) == [1, 2])
        #expect(try FileSystem.linkTarget(root + "/deep/b") == .path("a"))
        try OpenFile(root + "/deep/a", .readingAndWriting).truncate(to: 1)
        try FileSystem.removeAll(root)
        #expect(try FileSystem.status(root) == nil)
      }
      guard fault.hasStruck else { break }
    }
    #expect(number > 1, "\(call) is never made")
  }

  /// A name need not be UTF-8 to be removed.
  @Test func everyNameCanBeRemoved() throws {
    try #require(mkdir(folder.file("d"), 0o700) == 0)
    let bytes: [CChar] = folder.file("d/").utf8.map { CChar(bitPattern: $0) } + [-1, 65, 0]
    close(open(bytes, O_CREAT | O_WRONLY, 0o600))
    try FileSystem.removeAll(folder.file("d"))
    #expect(folder.names.isEmpty)
  }

  private func makeSocket(_ path: String) throws {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
    }
    try #require(result == 0)
  }
}
