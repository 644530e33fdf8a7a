import Foundation
import SystemText
import Testing

@Suite struct ShellTextTests {
  @Test(arguments: [
    ("runs/20260102-030405-a", "runs/20260102-030405-a"), ("", "''"), ("my photos", "'my photos'"), ("it's", #"'it'\''s'"#), ("~", "'~'"),
    ("$HOME", "'$HOME'"), ("été", "'été'"),
    ("a\n'b\\1", #"$'a\n\'b\\1'"#), ("é\u{1B}1", #"$'\303\251\0331'"#), (String(systemBytes: [0x70, 0xE9]), #"$'p\351'"#),
  ])
  func aWordIsQuotedWhereItMustBe(text: String, word: String) { #expect(text.shellQuoted == word) }

  @Test func theShellReadsTheSameWords() throws {
    let texts = ["a b", "'", "\"", "\\", "`id`", "$(id)", "*", "#", "&;|<>", "x'y\"z", "-n"]
    try expectSame(texts, by: "/bin/sh")
  }

  /// `$'...'` is POSIX only since 2024.
  @Test func bashReadsTheSameBytes() throws {
    let bytes = (1...255).map { UInt8($0) }
    try expectSame([String(systemBytes: bytes), "a\nb", "\u{202E}é", "\t'\\"], by: "/bin/bash")
  }

  @Test func aPathIsNoFlag() {
    #expect(["-n", "n", "/-n", "- n"].map(\.shellPath) == ["./-n", "n", "/-n", "'./- n'"])
  }

  private func expectSame(_ texts: [String], by shell: String) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: shell)
    process.arguments = ["-c", "printf '%s\\0' " + texts.map(\.shellQuoted).joined(separator: " ")]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(bytes.split(separator: 0, omittingEmptySubsequences: false).dropLast().map { String(systemBytes: $0) } == texts)
  }
}
