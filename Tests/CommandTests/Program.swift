import Foundation

/// The program itself, run as a user runs it.
struct Program {
  struct Outcome {
    let code: Int32
    let output: String
    let errors: String

    var lines: [String] { output.split(separator: "\n").map(String.init) }

    /// The objects of `--json`, each a line; fails on a line that is none.
    func objects() throws -> [[String: Any]] {
      try lines.map { line in
        guard let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else {
          throw NotAnObject(line: line)
        }
        return object
      }
    }

    struct NotAnObject: Error { let line: String }
  }

  /// Beside the tests' own executable.
  static let path: String = {
    var folder = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    while folder.path != "/" {
      folder.deleteLastPathComponent()
      let candidate = folder.appendingPathComponent("mvit-tui").path
      if FileManager.default.isExecutableFile(atPath: candidate), !isFolder(candidate) { return candidate }
    }
    fatalError("the program was not built beside its tests")
  }()

  /// The file of a theme that comes with the program.
  static func theme(_ name: String) -> String? {
    var folder = URL(fileURLWithPath: path)
    while folder.path != "/" {
      folder.deleteLastPathComponent()
      let file = folder.appendingPathComponent("themes/\(name).toml").path
      if FileManager.default.fileExists(atPath: file) { return file }
    }
    return nil
  }

  private static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
  }

  /// Runs to the end.
  ///
  /// - Parameters:
  ///   - folder: to run in.
  ///   - onLine: called with each line of standard output as it comes.
  static func run(
    _ arguments: [String], in folder: String? = nil, onLine: ((String, Process) -> Void)? = nil
  ) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    return try run(process, in: folder, onLine: onLine)
  }

  /// Runs a line of bash in which `$PROGRAM` is the program.
  static func bash(_ line: String, in folder: String? = nil, onLine: ((String, Process) -> Void)? = nil) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = ["-c", line]
    process.environment = ProcessInfo.processInfo.environment.merging(["PROGRAM": path]) { $1 }
    return try run(process, in: folder, onLine: onLine)
  }

  private static func run(_ process: Process, in folder: String?, onLine: ((String, Process) -> Void)?) throws -> Outcome {
    let output = Pipe()
    let errors = Pipe()
    process.standardOutput = output
    process.standardError = errors
    process.standardInput = FileHandle.nullDevice
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    try process.run()
    // Standard error is read on a thread of its own, or a full pipe would stop the program.
    let complaints = Box()
    let reader = Thread {
      complaints.data = errors.fileHandleForReading.readDataToEndOfFile()
      complaints.done.signal()
    }
    reader.start()
    var text = Data()
    var lineStart = 0
    while true {
      let piece = output.fileHandleForReading.availableData
      if piece.isEmpty { break }
      text.append(piece)
      guard let onLine else { continue }
      while let newline = text[lineStart...].firstIndex(of: UInt8(ascii: "\n")) {
        onLine(String(decoding: text[lineStart..<newline], as: UTF8.self), process)
        lineStart = newline + 1
      }
    }
    process.waitUntilExit()
    complaints.done.wait()
    let code = process.terminationReason == .uncaughtSignal ? 128 + process.terminationStatus : process.terminationStatus
    return Outcome(
      code: code, output: String(decoding: text, as: UTF8.self), errors: String(decoding: complaints.data, as: UTF8.self))
  }

  private final class Box: @unchecked Sendable {  // `data` is read after `done`
    var data = Data()
    let done = DispatchSemaphore(value: 0)
  }
}
