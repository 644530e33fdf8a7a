import Foundation
import PseudoTerminal
import Terminal
import TestImages
import Testing

/// What is kept from one start of the dashboard to the next.
@Suite struct KeptSettingsTests {
  private let folder: TestFolder

  init() throws { folder = try TestFolder() }

  private var configuration: String { folder.path + "/.config/mvit-tui" }
  private var settingsFile: String { configuration + "/settings.toml" }
  private var settings: String { (try? String(contentsOfFile: settingsFile, encoding: .utf8)) ?? "none" }

  /// Starts the dashboard, goes to a screen, looks and leaves.
  private func open(_ arguments: [String] = [], home: String? = nil, screen: String, _ body: (PseudoTerminal) throws -> Void) throws {
    var environment = [
      "TERM": "xterm-256color", "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin", "HOME": folder.path, "SWIFT_BACKTRACE": "enable=no",
    ]
    if let home { environment["XDG_CONFIG_HOME"] = home }
    let terminal = try PseudoTerminal(
      Program.path, ["watch", folder.path] + arguments, environment: environment, size: Size(width: 200, height: 30))
    try terminal.wait(for: "the dashboard") { $0.text.contains("watching") }
    terminal.type(screen)
    try body(terminal)
    terminal.type("q")
    #expect(try terminal.waitForExit() == .code(0))
  }

  private func wait(_ terminal: PseudoTerminal, _ text: String) throws {
    try terminal.wait(for: "\"\(text)\"") { $0.text.contains(text) }
  }

  private func write(_ text: String, to path: String) throws -> String {
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  /// Writes a theme.
  private func theme(called name: String, at path: String) throws -> String {
    let text = try String(contentsOfFile: #require(Program.theme("light")), encoding: .utf8)
    return try write(text.replacing("name = \"light\"", with: "name = \"\(name)\""), to: path)
  }

  /// Who mends his theme has it again: a fault is no reason to forget it.
  @Test func aKeptThemeWithAFaultIsToldOfAndStaysKept() throws {
    let file = try theme(called: "my-own", at: folder.path + "/mine.toml")
    try open(["--theme", file], screen: "8") { try wait($0, "my-own") }
    _ = try write("name = = 1\n", to: file)
    for _ in 0..<2 { try open(screen: "7") { try wait($0, "mine.toml, line 1") } }
    _ = try theme(called: "my-own", at: file)
    try open(screen: "8") { try wait($0, "my-own") }
  }

  @Test func aNameBringsBackTheThemeThatAKeptFileReplaced() throws {
    let file = try theme(called: "light", at: folder.path + "/mine.toml")
    try open(["--theme", file], screen: "8") { try wait($0, "light") }
    #expect(settings.contains("theme-file = \"\(file)\""))
    try open(screen: "8") { try wait($0, "light") }
    #expect(settings.contains("theme-file"))
    try open(["--theme", "light"], screen: "8") { try wait($0, "light") }
    #expect(settings.contains("theme = \"light\"") && !settings.contains("theme-file"), "\(settings)")
  }

  /// It is found where it lies.
  @Test func aThemeOfTheUsersFolderIsKeptByItsNameAlone() throws {
    let other = try theme(called: "other", at: folder.path + "/other.toml")
    try open(["--theme", other], screen: "8") { try wait($0, "other") }
    let file = try theme(called: "my-own", at: configuration + "/themes/mine.toml")
    try open(["--theme", file], screen: "8") { try wait($0, "my-own") }
    #expect(settings.contains("theme = \"my-own\"") && settings.contains("theme-file = \"\(other)\""), "\(settings)")
  }

  /// Neither a flag nor a key puts defaults in the place of what somebody wrote.
  @Test func settingsThatCannotBeUnderstoodAreToldOfAndNotReplaced() throws {
    let text = "smoothing = 0.9\naxis = = step\n"
    _ = try write(text, to: settingsFile)
    try open(["--theme", "light"], screen: "7") { terminal in
      try wait(terminal, "settings.toml, line 2")
      terminal.type("T")
      try wait(terminal, "the settings cannot be kept: ")
    }
    #expect(settings == text)
  }

  /// A home that cannot be written is told of in the log, quietly, where there was something to keep; no screen shows a warning.
  @Test func settingsThatCannotBeKeptAreANotice() throws {
    try open(["--theme", "light"], home: "/dev/null", screen: "7") { try wait($0, "the settings cannot be kept: ") }
    try open(home: "/dev/null", screen: "7") { try wait($0, "nothing was said yet") }
  }
}
