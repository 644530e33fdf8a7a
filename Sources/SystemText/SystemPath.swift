import Glibc

/// Paths as the kernel takes them: bytes between slashes, where `link/..` is the parent of what the link leads to.
///
/// Foundation's URLs shorten `link/../photos` to `photos` as text, which names another folder; Swift's characters join a
/// slash with a combining mark behind it. These functions do neither.
public enum SystemPath {
  private static let slash = UInt8(ascii: "/")

  /// An absolute path of the same file that works from any folder.
  ///
  /// Empty and `.` components go. A `..` goes together with the component before it only where that is a folder and no
  /// link; elsewhere both stay and the kernel resolves them. Links stay as written. A slash at the end goes unless
  /// what it stands behind is no folder.
  /// - Parameter folder: where relative paths start; absolute. Empty where it is unknown: a relative path stays as it is then.
  public static func absolute(_ path: String, from folder: String = currentFolder) -> String {
    guard !path.isEmpty else { return folder }
    guard path.utf8.first == slash || !folder.isEmpty else { return path }
    let whole = path.utf8.first == slash ? path : folder + "/" + path
    var kept: [Substring.UTF8View] = []
    for component in whole.utf8.split(separator: slash) where !component.elementsEqual(".".utf8) {
      if component.elementsEqual("..".utf8) {
        if kept.isEmpty { continue }  // The parent of the root is the root.
        if kept.last?.elementsEqual("..".utf8) == false, kind(joined(kept), followingLinks: false) == S_IFDIR {
          kept.removeLast()
          continue
        }
      }
      kept.append(component)
    }
    let result = joined(kept)
    let last = whole.utf8.split(separator: slash, omittingEmptySubsequences: false).last
    let asksForFolder = last.map { $0.isEmpty || $0.elementsEqual(".".utf8) } ?? false
    // The kernel refuses a slash behind what is there and no folder.
    let mayDrop = !asksForFolder || kept.isEmpty || [S_IFDIR, 0].contains(kind(result, followingLinks: true))
    return mayDrop ? result : result + "/"
  }

  /// The folder that the program works in; empty where it has been removed. Foundation's is also empty where it is long.
  public static var currentFolder: String {
    getcwd(nil, 0).map(text) ?? ""
  }

  /// What the system allocated, as text; frees it.
  private static func text(_ buffer: UnsafeMutablePointer<CChar>) -> String {
    defer { free(buffer) }
    return String(systemBytes: UnsafeBufferPointer(start: buffer, count: strlen(buffer)).map(UInt8.init(bitPattern:)))
  }

  /// The folder that a path's last component lies in: `.` for a bare name, `/` for the root.
  public static func parent(of path: String) -> String {
    let trimmed = withoutEndingSlashes(path)
    guard let end = trimmed.lastIndex(of: slash) else { return trimmed.isEmpty && !path.isEmpty ? "/" : "." }
    let head = withoutEndingSlashes(String(Substring(trimmed[..<end])))
    return head.isEmpty ? "/" : String(Substring(head))
  }

  /// The last component; empty for the root.
  public static func name(of path: String) -> String {
    let trimmed = withoutEndingSlashes(path)
    guard let end = trimmed.lastIndex(of: slash) else { return String(Substring(trimmed)) }
    return String(Substring(trimmed[trimmed.index(after: end)...]))
  }

  /// The path that the kernel arrives at, without links; nil where it arrives nowhere.
  public static func resolved(_ path: String) -> String? {
    path.withSystemPath { realpath($0, nil) }.map(text)
  }

  /// Whether two paths lead to one file or folder; false where one leads nowhere.
  public static func areSame(_ a: String, _ b: String) -> Bool {
    var first = stat()
    var second = stat()
    guard a.withSystemPath({ stat($0, &first) }) == 0, b.withSystemPath({ stat($0, &second) }) == 0 else { return false }
    return first.st_dev == second.st_dev && first.st_ino == second.st_ino
  }

  private static func joined(_ components: [Substring.UTF8View]) -> String {
    components.isEmpty ? "/" : components.reduce(into: "") { $0 += "/" + String(Substring($1)) }
  }

  /// The path without slashes at its end; the root stays.
  public static func withoutEndingSlash(_ path: String) -> String {
    let rest = withoutEndingSlashes(path)
    return rest.isEmpty && !path.isEmpty ? "/" : String(Substring(rest))
  }

  /// The order of names and paths by their bytes, as Python sorts them; Swift's own equates composed and decomposed letters.
  public static func precedes(_ a: String, _ b: String) -> Bool { a.systemBytes.lexicographicallyPrecedes(b.systemBytes) }

  private static func withoutEndingSlashes(_ path: String) -> Substring.UTF8View {
    var rest = path.utf8[...]
    while rest.last == slash { rest.removeLast() }
    return rest
  }

  /// The kind of what a path names; 0 where it names nothing that can be seen.
  private static func kind(_ path: String, followingLinks: Bool) -> mode_t {
    var facts = stat()
    let result = path.withSystemPath { followingLinks ? stat($0, &facts) : lstat($0, &facts) }
    return result == 0 ? facts.st_mode & S_IFMT : 0
  }
}
