import Foundation
import SystemText
import Testing

@Suite final class SystemPathTests {
  /// `real/inner`, `photos`, `real/photos`, and `link` that leads to `real/inner`.
  private let folder: String

  init() throws {
    folder = try #require(SystemPath.resolved(NSTemporaryDirectory())) + "/paths-\(UUID().uuidString)"
    for name in ["real/inner", "photos", "real/photos", "\u{301}accent"] {
      try FileManager.default.createDirectory(atPath: folder + "/" + name, withIntermediateDirectories: true)
    }
    try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: "real/inner")
    #expect(FileManager.default.createFile(atPath: folder + "/file", contents: Data()))
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// The middle column is shortened only where the kernel would arrive at the same place.
  @Test(arguments: [
    ("photos", "/photos"), ("./photos", "/photos"), ("photos/", "/photos"), ("photos/.", "/photos"), ("a//b", "/a/b"),
    ("real/../photos", "/photos"), ("link/../photos", "/link/../photos"), ("missing/../photos", "/missing/../photos"),
    ("file/../photos", "/file/../photos"), ("link/../../photos", "/link/../../photos"), ("link", "/link"), ("file/", "/file/"),
    ("", ""), ("\u{301}accent/x", "/\u{301}accent/x"),
  ])
  func absolutePathsLeadWhereTheKernelGoes(path: String, expected: String) {
    let absolute = SystemPath.absolute(path, from: folder)
    #expect(Array(absolute.utf8) == Array((folder + expected).utf8))
    let before = FileManager.default.currentDirectoryPath
    #expect(SystemPath.absolute(absolute, from: before) == absolute)
    #expect(SystemPath.resolved(absolute) == SystemPath.resolved(folder + "/" + path))
  }

  @Test func anUnknownFolderIsNotTheRoot() {
    #expect(SystemPath.absolute("photos", from: "") == "photos")
    #expect(SystemPath.absolute("/photos/.", from: "") == "/photos")
    #expect(SystemPath.absolute("photos") == SystemPath.currentFolder + "/photos")
  }

  @Test func theRootHasNoParent() {
    #expect(SystemPath.absolute("/..", from: folder) == "/")
    #expect(SystemPath.absolute("/../../..//", from: folder) == "/")
  }

  @Test(arguments: [
    ("a", ".", "a"), ("/", "/", ""), ("/a", "/", "a"), ("a/b", "a", "b"), ("/a/b//", "/a", "b"), ("a//b", "a", "b"), ("..", ".", ".."),
    ("a/\u{301}b", "a", "\u{301}b"), ("\u{338}/\u{338}", "\u{338}", "\u{338}"), ("", ".", ""),
  ])
  func parentsAndNamesAreBytesBetweenSlashes(path: String, parent: String, name: String) {
    #expect(Array(SystemPath.parent(of: path).utf8) == Array(parent.utf8))
    #expect(Array(SystemPath.name(of: path).utf8) == Array(name.utf8))
  }

  @Test func aLongPathStaysWhole() {
    let path = String(repeating: "/\u{1F600}", count: 726)
    #expect(path.utf8.count == 3630)
    #expect(SystemPath.absolute(path, from: folder) == path)
  }

  @Test func sameness() {
    #expect(SystemPath.areSame(folder + "/link", folder + "/real/inner"))
    #expect(!SystemPath.areSame(folder + "/link/../photos", folder + "/photos"))
    #expect(!SystemPath.areSame(folder + "/missing", folder + "/missing"))
  }
}
