import Foundation
import PseudoTerminal
import Terminal
import TestImages

/// What the suites over the real dashboard share: a small data set, and the program on a terminal.
protocol DashboardBench {
  var folder: TestFolder { get }
  var data: String { get }
}

extension DashboardBench {
  static func make() throws -> (TestFolder, String) {
    let folder = try TestFolder()
    return (folder, try folder.makeDataSet(train: 8, eval: 4))
  }

  var environment: [String: String] {
    ["TERM": "xterm-256color", "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin", "HOME": folder.path, "SWIFT_BACKTRACE": "enable=no"]
  }

  func start(_ arguments: [String], size: Size = Size(width: 100, height: 30)) throws -> PseudoTerminal {
    try PseudoTerminal(Program.path, arguments, environment: environment, size: size)
  }

  func train(_ run: String, epochs: Int, adding more: [String] = []) -> [String] {
    [
      "train", "--data", data, "--model", "mobilevit_xxs", "--image-size", "32", "--batch-size", "4", "--epochs", "\(epochs)",
      "--threads", "1", "--run", folder.path + "/" + run,
    ] + more
  }

  func model(_ run: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: folder.path + "/\(run)/checkpoints/mobilevit_xxs/latest/model.safetensors"))
  }

  func wait(_ terminal: PseudoTerminal, _ text: String) throws {
    try terminal.wait(for: "\"\(text)\"") { $0.text.contains(text) }
  }
}
