import Foundation
import SystemText
import Testing

@Suite struct PrintableTextTests {
  /// All of C0, DEL, C1, marks of direction and line separators.
  private static let commands = [0..<0x20, 0x7F..<0xA0, 0x061C..<0x061D, 0x200E..<0x2010, 0x2028..<0x202F, 0x2066..<0x2070]
    .flatMap(Array.init).compactMap { Unicode.Scalar(UInt32($0)) }

  @Test func theRuleIsTheWholeListAndNoMore() {
    #expect((0..<0x11_0000).compactMap { Unicode.Scalar(UInt32($0)) }.filter(\.isCommand) == Self.commands)
  }

  @Test(arguments: [
    ("Ski\u{F6}r 1", "Ski\u{F6}r 1", "Ski\u{F6}r 1"), ("a\nb", #"a\u{A}b"#, "a\nb"), ("\u{1B}[31mred\u{7}", #"\u{1B}[31mred\u{7}"#, nil),
    ("a\u{0}\r\n\u{9B}2J", #"a\u{0}\u{D}\u{A}\u{9B}2J"#, "a\\u{0}\\u{D}\n\\u{9B}2J"), ("\u{202E}gnp.exe", #"\u{202E}gnp.exe"#, nil),
  ])
  func commandsAreShownNotObeyed(text: String, line: String, lines: String?) {
    #expect(text.plainLine == line)
    #expect(text.plainText == lines ?? line)
  }

  @Test func aByteThatIsNoCharacterIsShownAsAByte() {
    let name = String(systemBytes: Array("caf".utf8) + [0xE9, 0x9B] + Array("31m".utf8))
    #expect(name.plainLine == #"caf\xE9\x9B31m"#)
    #expect("a\n\(name)".plainText == "a\n" + #"caf\xE9\x9B31m"#)
    #expect(name.jsonQuoted == #""caf\udbff\udee9\udbff\ude9b31m""#)
    #expect(name.pythonQuoted == #""caf\udce9\udc9b31m""#)
    #expect(name.tomlQuoted == #""caf\U0010fee9\U0010fe9b31m""#)
  }

  @Test func quotedTextReadsBackAndHoldsNoCommand() throws {
    for scalar in (0..<0x3000).compactMap(Unicode.Scalar.init) + ["\u{FEFF}", "\u{10FE80}", "\u{10FEE9}", "\u{10FEFF}", "\u{10FFFF}"] {
      let text = "a\(scalar)b\"\\"
      #expect(text.jsonQuoted.plainLine == text.jsonQuoted)
      let decoded = try JSONDecoder().decode([String].self, from: Data("[\(text.jsonQuoted)]".utf8))
      #expect(decoded == [text])
    }
  }

  @Test func jsonOfOthersIsMadePrintable() throws {
    let text = String(String.UnicodeScalarView(Self.commands)) + "\"\\é"
    let encoder = JSONEncoder()
    encoder.outputFormatting = .prettyPrinted
    let json = String(decoding: try encoder.encode([text]), as: UTF8.self)
    let printable = json.printableJSON
    #expect(printable.unicodeScalars.filter(\.isCommand).allSatisfy { $0 == "\n" })
    let decoded = try JSONDecoder().decode([String].self, from: Data(printable.utf8))
    #expect(decoded == [text])
    #expect("[\n  \"plain\"\n]".printableJSON == "[\n  \"plain\"\n]")
  }
}
