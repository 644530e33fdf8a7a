import Faults
import Files
import Foundation
import TestImages
import Testing
import Training
import WeightFiles

@Suite struct RunFolderTests {
  private let root: TestFolder
  private let run: RunFolder

  init() throws {
    root = try TestFolder()
    run = RunFolder(path: root.path + "/some/run")
  }

  private func write(_ name: String) throws {
    try FileManager.default.createDirectory(atPath: run.path, withIntermediateDirectories: true)
    try Data().write(to: URL(fileURLWithPath: run.path + "/" + name))
  }

  @Test func openingMakesTheFolderAndLocksIt() throws {
    #expect(try !run.isBeingWritten)
    do {
      let lock = try run.open(resuming: false)
      defer { withExtendedLifetime(lock) {} }
      #expect(try run.isBeingWritten)
      #expect(try String(contentsOfFile: run.lockFile, encoding: .utf8) == "\(getpid())\n")
      #expect(throws: RunFolderError.inUse(run.path, process: getpid())) { try run.open(resuming: true) }
    }
    #expect(try !run.isBeingWritten)
    #expect(!FileManager.default.fileExists(atPath: run.lockFile))
  }

  @Test func aRunThatIsThereIsRefusedUnlessResumed() throws {
    try write("config.toml")
    #expect(throws: RunFolderError.holdsARun(run.path)) { try run.open(resuming: false) }
    #expect(throws: Never.self) { try run.open(resuming: true) }
  }

  /// Who looks whether a run is alive must not keep its writer out, not even for a moment.
  @Test func lookingTakesNoLock() async throws {
    let file = root.path + "/lock"
    try Data().write(to: URL(fileURLWithPath: file))
    let looks = Task.detached { while !Task.isCancelled { _ = try RunLock.isHeld(file) } }
    for _ in 0..<2000 {
      let lock = try RunLock(taking: file)
      withExtendedLifetime(lock) {}
    }
    looks.cancel()
    try await looks.value
  }

  /// A lock file without a process behind it, as a kill leaves it.
  @Test func aDeadLockIsNoLock() throws {
    try write("lock")
    #expect(try !run.isBeingWritten)
    #expect(throws: Never.self) { try run.open(resuming: false) }
  }

  @Test func aFolderOfOtherThingsIsRefused() throws {
    try write("thesis.tex")
    #expect(throws: RunFolderError.holdsOtherThings(run.path, example: "thesis.tex")) { try run.open(resuming: false) }
    #expect(throws: RunFolderError.holdsOtherThings(run.path, example: "thesis.tex")) { try run.open(resuming: true) }
  }

  /// Names of a run's files in a folder without `config.toml`: somebody's own, or a run that lost it. Neither is touched.
  @Test(arguments: ["checkpoints", "scalars", "predictions", "report.html", "events.jsonl", "console.log"])
  func withoutAConfigurationARunsNamesAreOtherThings(name: String) throws {
    try write(name)
    #expect(throws: RunFolderError.holdsOtherThings(run.path, example: name)) { try run.open(resuming: false) }
    #expect(throws: RunFolderError.holdsOtherThings(run.path, example: name)) { try run.open(resuming: true) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: run.path) == [name])
  }

  /// The superuser may list anything.
  @Test(.enabled(if: geteuid() != 0)) func aFolderThatCannotBeListedIsTold() throws {
    try FileManager.default.createDirectory(atPath: run.path, withIntermediateDirectories: true)
    try #require(chmod(run.path, 0o300) == 0)
    defer { chmod(run.path, 0o700) }
    #expect(throws: FileSystemError(.list, run.path, code: EACCES)) { try run.open(resuming: false) }
  }

  @Test func leavingsOfKilledWritersAreSwept() throws {
    try write(".config.toml.1-0.partial")
    let lock = try run.open(resuming: false)
    defer { withExtendedLifetime(lock) {} }
    #expect(try FileManager.default.contentsOfDirectory(atPath: run.path) == ["lock"])
  }

  /// Wherever a run writes.
  @Test(arguments: [
    ".report.html.1-0.partial", "predictions/.m.json.1-0.partial", "scalars/m/.cut.partial", "scalars/.m.1-0.partial",
    "checkpoints/m/.step-4.removed.partial", "checkpoints/m/step-3/.state.json.1-0.partial",
  ]) func leavingsAreSweptEverywhere(name: String) throws {
    try write("config.toml")
    try FileSystem.makeFolders(FileSystem.parent(of: run.path + "/" + name))
    try write(name)
    let lock = try run.open(resuming: true)
    defer { withExtendedLifetime(lock) {} }
    #expect(try FileSystem.status(run.path + "/" + name) == nil)
    #expect(try FileSystem.status(FileSystem.parent(of: run.path + "/" + name)) != nil)
  }

  @Test(arguments: ["lock", "config.toml", "events.jsonl"]) func aPipeInPlaceOfAFileIsToldAtOnce(name: String) throws {
    try write("config.toml")
    try FileSystem.removeFile(run.path + "/" + name)
    try #require(mkfifo(run.path + "/" + name, 0o600) == 0)
    if name == "lock" {
      #expect(throws: FileSystemError(.write, run.lockFile, .notAFile(.pipe))) { try run.open(resuming: true) }
      #expect(throws: FileSystemError(.open, run.lockFile, .notAFile(.pipe))) { try run.isBeingWritten }
    }
    let summary = try #require(RunSummary.of(run).first)
    #expect(summary.problems.count == 1)
    #expect(summary.state == (name == "config.toml" ? .interrupted : .unreadable))
  }

  /// What cannot be examined is not unused.
  @Test func aRunThatCannotBeExaminedStays() throws {
    try write("config.toml")
    try FileSystem.makeFolders(run.checkpointsFolder + "/m/step-1")
    for number in 1...6 {
      Fault.at(number, EIO).run { run.removeIfUnused() }
      #expect(try run.holdsRun && run.checkpoints(of: "m").steps == [1])
    }
  }

  @Test func aFileInTheWayIsTold() throws {
    try Data().write(to: URL(fileURLWithPath: root.path + "/some"))
    #expect(throws: FileSystemError.self) { try run.open(resuming: false) }
    let file = RunFolder(path: root.path + "/some")
    #expect(throws: RunFolderError.notAFolder(file.path)) { try file.open(resuming: false) }
  }

  @Test func aNewRunHasANameOfItsOwn() throws {
    let runs = root.path + "/runs"
    // In the same second, before anything is written to either.
    let first = try RunFolder.new(in: runs, date: "20260102-030405", model: "m")
    let second = try RunFolder.new(in: runs, date: "20260102-030405", model: "m")
    #expect(first.path == runs + "/20260102-030405-m")
    #expect(second.path == first.path + "-2")
    let locks = [try first.open(resuming: false), try second.open(resuming: false)]
    withExtendedLifetime(locks) {}
  }

  @Test func aRunWithoutAStepIsRemovedAndOneWithIsNot() throws {
    try write("config.toml")
    try write("console.log")
    run.removeIfUnused()
    #expect(!FileManager.default.fileExists(atPath: run.path))
    try write("config.toml")
    try Data("{\"event\":\"step\",\"step\":1}\n".utf8).write(to: URL(fileURLWithPath: run.eventsFile))
    run.removeIfUnused()
    #expect(try run.holdsRun)
  }
}
