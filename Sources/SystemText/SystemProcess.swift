import Glibc

/// What the system handed this process, byte for byte. Swift's own `CommandLine.arguments` and Foundation's environment repair
/// what is not UTF-8, which then names no file.
public enum SystemProcess {
  /// The words of the command line, the program's own name first.
  public static let arguments: [String] = (0..<Int(CommandLine.argc)).compactMap { CommandLine.unsafeArgv[$0].map(text) }

  /// A variable of the environment; nil if it is not set.
  public static func environment(_ name: String) -> String? { getenv(name).map(text) }

  /// The user's folder: `$HOME`, without it what the system knows; `/` where that is nothing.
  public static var homeFolder: String {
    if let home = environment("HOME"), !home.isEmpty { return home }
    return getpwuid(getuid()).flatMap { $0.pointee.pw_dir }.map(text) ?? "/"
  }

  /// Where temporary files go: `$TMPDIR`, else `/tmp`.
  public static var temporaryFolder: String {
    environment("TMPDIR").flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
  }

  private static func text(_ bytes: UnsafeMutablePointer<CChar>) -> String {
    String(systemBytes: UnsafeBufferPointer(start: bytes, count: strlen(bytes)).lazy.map(UInt8.init(bitPattern:)))
  }
}
