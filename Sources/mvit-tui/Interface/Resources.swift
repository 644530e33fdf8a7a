import Files
import SystemText

/// The files that come with the program: beside it when it is installed, in the source tree when it was built there.
enum Resources {
  /// Places to look in, the best first.
  static let folders: [String] = {
    guard let program = SystemPath.resolved("/proc/self/exe") else { return [] }
    var parent = SystemPath.parent(of: program)
    var folders = [SystemPath.absolute("../share/mvit-tui", from: parent)]
    for _ in 0..<4 {
      parent = SystemPath.parent(of: parent)
      if exists(parent + "/Package.swift") { folders.append(parent) }
    }
    return folders
  }()

  /// Where a file or folder lies, given by its place in the source tree; nil where it is not.
  static func path(of name: String) -> String? {
    folders.lazy.map { $0 + "/" + name }.first(where: exists)
  }

  /// What cannot be examined is not used, as if it were missing: the resources of another place may do.
  private static func exists(_ path: String) -> Bool { ((try? FileSystem.status(path)) ?? nil) != nil }
}
