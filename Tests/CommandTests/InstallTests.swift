import Foundation
import PseudoTerminal
import Terminal
import TestImages
import Testing

/// `scripts/install`, into a prefix that lives as long as the test.
@Suite struct InstallTests {
  private let folder: TestFolder
  private let prefix: String
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  init() throws {
    folder = try TestFolder()
    prefix = folder.path + "/a prefix"
  }

  private func install(_ arguments: String) throws -> Program.Outcome {
    try Program.bash("'\(Self.root)/scripts/install' \(arguments)", in: folder.path)
  }

  private var files: [String] {
    FileManager.default.enumerator(atPath: prefix)?.compactMap { $0 as? String }.filter { path in
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: prefix + "/" + path, isDirectory: &isFolder) && !isFolder.boolValue
    } ?? []
  }

  @Test func aPrefixHoldsAllThatTheProgramNeeds() throws {
    // Given by a relative path, with a space, and over what an older installation left.
    for _ in 0..<2 {
      let outcome = try install("--prefix 'a prefix' --program \"$PROGRAM\"")
      try #require(outcome.code == 0, "\(outcome.errors)")
      #expect(outcome.output.contains("a prefix/bin is not in PATH"))
      try Data().write(to: URL(fileURLWithPath: prefix + "/share/mvit-tui/themes/of-an-older-version.toml"))
    }
    _ = try install("--prefix 'a prefix' --program \"$PROGRAM\"")
    let expected = [
      "bin/mvit-tui", "share/man/man1/mvit-tui.1", "share/mvit-tui/themes/dark.toml", "share/mvit-tui/sample-data/fashion-mnist.toml",
      "share/bash-completion/completions/mvit-tui", "share/zsh/site-functions/_mvit-tui",
      "share/fish/vendor_completions.d/mvit-tui.fish", "share/mvit-tui/LICENSE",
    ]
    #expect(Set(expected).isSubset(of: files))
    #expect(!files.contains { $0.contains("older-version") || $0.hasSuffix(".new") })
    let checked = try Program.bash(
      "'\(prefix)/bin/mvit-tui' --version && bash -n '\(prefix)/share/bash-completion/completions/mvit-tui'", in: "/")
    #expect(checked.code == 0 && checked.output == "0.1.0\n", "\(checked.errors)")

    // Its themes are those of the prefix: there is no source tree around it.
    let terminal = try PseudoTerminal(
      prefix + "/bin/mvit-tui", ["watch", folder.path, "--theme", "high-contrast"],
      environment: ["TERM": "xterm-256color", "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin", "HOME": folder.path],
      size: Size(width: 100, height: 30))
    try terminal.wait(for: "the dashboard") { $0.text.contains("mvit-tui") && $0.text.contains("watch") }
    terminal.type("q")
    #expect(try terminal.waitForExit() == .code(0))

    #expect(try install("--uninstall --prefix 'a prefix'").code == 0)
    #expect(files.isEmpty, "\(files)")
  }

  @Test(arguments: [
    ("--prefx /x", 64, "\"--prefx\" is no option; it takes --prefix DIR"), ("--prefix", 64, "--prefix needs a path"),
    ("--prefix p --program /no/such", 66, "/no/such: is no program"), ("--prefix /proc/x --program \"$PROGRAM\"", 73, "cannot be written"),
  ])
  func whatCannotBeInstalledIsRefused(arguments: String, code: Int32, part: String) throws {
    let outcome = try install(arguments)
    #expect(outcome.code == code && outcome.errors.contains(part), "\(outcome)")
    #expect(outcome.output.isEmpty && files.isEmpty)
  }
}
