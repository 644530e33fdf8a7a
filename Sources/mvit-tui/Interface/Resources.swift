import Foundation

/// The files that come with the program: beside it when it is installed, in the source tree when it was built there.
enum Resources {
  /// Places to look in, the best first.
  static let folders: [String] = {
    let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    var folders = [program.appendingPathComponent("../share/mvit-tui").standardized.path]
    var parent = program
    for _ in 0..<4 {
      parent.deleteLastPathComponent()
      if FileManager.default.fileExists(atPath: parent.appendingPathComponent("Package.swift").path) { folders.append(parent.path) }
    }
    return folders
  }()

  /// Where a file or folder lies, given by its place in the source tree; nil where it is not.
  static func path(of name: String) -> String? {
    folders.lazy.map { $0 + "/" + name }.first { FileManager.default.fileExists(atPath: $0) }
  }
}
