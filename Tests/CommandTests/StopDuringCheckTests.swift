import Foundation
import PseudoTerminal
import Terminal
import TestImages
import Testing

/// A run that is stopped while its images are still looked at has not begun: it leaves nothing.
@Suite struct StopDuringCheckTests {
  private let folder: TestFolder
  private let data: String

  /// Thousands of images whose tail is torn: each is decoded before it is called broken, which takes far longer than a key.
  init() throws {
    folder = try TestFolder()
    data = try folder.makeDataSet(train: 2, eval: 1)
    let fixture = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../Fixtures/images/files/wide-progressive.jpg")
    let torn = folder.path + "/torn.jpg"
    try Data(Data(contentsOf: fixture).dropLast(2)).write(to: URL(fileURLWithPath: torn))
    for number in 0..<8000 { try #require(link(torn, data + "/train/down/\(number).jpg") == 0) }
  }

  private func start(_ more: [String]) throws -> PseudoTerminal {
    let environment = [
      "TERM": "xterm-256color", "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin", "HOME": folder.path, "SWIFT_BACKTRACE": "enable=no",
    ]
    return try PseudoTerminal(
      Program.path, ["train", "--data", data, "--model", "mobilevit_xxs", "--image-size", "32", "--run", folder.path + "/run"] + more,
      environment: environment, size: Size(width: 100, height: 30))
  }

  /// A checkpoint of the part that was looked at would be of another data set than the whole.
  @Test func stoppedByAKey() throws {
    let terminal = try start(["--skip-bad-images"])
    try terminal.wait(for: "the dashboard") { $0.text.contains("preparing") }
    terminal.type("q")
    try terminal.wait(for: "the question") { $0.text.contains("stop training?") }
    terminal.type("s")
    #expect(try terminal.waitForExit() == .code(0))
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/run"))
  }

  /// A list of the images found so far would be half a list, and the exit code that of bad data.
  @Test func stoppedByASignal() throws {
    let terminal = try start([])
    try terminal.wait(for: "the dashboard") { $0.text.contains("preparing") }
    terminal.send(SIGINT)
    #expect(try terminal.waitForExit() == .code(130))
    #expect(!terminal.screen.text.contains("cannot be used"), "\(terminal.screen.text)")
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/run"))
  }
}
