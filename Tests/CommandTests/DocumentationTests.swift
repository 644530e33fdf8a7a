import Foundation
import Testing

/// README's tables and the man page are what the program says of itself; `scripts/documentation` writes them.
@Suite struct DocumentationTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  @Test func theTablesOfOptionsAreThoseOfTheProgram() throws {
    let readme = try String(contentsOfFile: Self.root + "/README.md", encoding: .utf8)
    let parts = readme.components(separatedBy: "<!-- options, written by scripts/documentation -->\n")
    try #require(parts.count == 2)
    let tables = try #require(parts[1].components(separatedBy: "<!-- end of options -->").first)
    #expect(tables == (try Program.run(["documentation", "options"]).output), "run scripts/documentation")
  }

  @Test func thePythonCodeIsThatOfTheProgram() throws {
    let page = try String(contentsOfFile: Self.root + "/Documentation/data.md", encoding: .utf8)
    let code = try Program.run(["documentation", "python"]).output
    #expect(page.contains("<!-- python, written by scripts/documentation -->\n```python\n\(code)```\n"), "run scripts/documentation")
  }

  @Test func theManPageIsThatOfTheProgram() throws {
    let page = try String(contentsOfFile: Self.root + "/Documentation/mvit-tui.1", encoding: .utf8)
    #expect(page == (try Program.run(["documentation", "man"]).output), "run scripts/documentation")
    for command in ["train", "compare", "watch", "evaluate", "predict", "describe", "models", "runs", "bench", "profile"] {
      #expect(page.contains("\n.SS mvit-tui \(command)\n"), "\(command)")
    }
    #expect(page.contains("\\fB\\-\\-label\\-smoothing\\fR \\fIx\\fR\n") && !page.contains("documentation\n"))
  }
}
