import Foundation
import SystemText
import Testing

@Suite struct ShellTextTests {
  @Test(arguments: [
    ("runs/20260102-030405-a", "runs/20260102-030405-a"), ("", "''"), ("my photos", "'my photos'"), ("it's", #"'it'\''s'"#), ("~", "'~'"),
    ("$HOME", "'$HOME'"), ("été", "'été'"),
  ])
  func aWordIsQuotedWhereItMustBe(text: String, word: String) { #expect(text.shellQuoted == word) }

  @Test func theShellReadsTheSameWords() throws {
    let texts = ["a b", "'", "\"", "\\", "`id`", "$(id)", "*", "a\nb", "#", "&;|<>", "x'y\"z", "-n"]
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", "printf '%s\\0' " + texts.map(\.shellQuoted).joined(separator: " ")]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(bytes.split(separator: 0, omittingEmptySubsequences: false).dropLast().map { String(decoding: $0, as: UTF8.self) } == texts)
  }
}
