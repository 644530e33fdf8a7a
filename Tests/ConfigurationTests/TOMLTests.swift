import Configuration
import Foundation
import Testing

/// The reader of TOML, through the files that it reads.
@Suite struct TOMLTests {
  /// Why a text is not TOML; nil for TOML, whatever it says.
  private func fault(_ text: String) -> String? {
    do throws(ConfigurationError) {
      _ = try UserPreferences(toml: text, file: "a.toml")
      return nil
    } catch {
      return error.description
    }
  }

  /// Each ended the program in the parser before this one.
  @Test(arguments: [
    ("a.\u{1}=1\n", "line 1: is not TOML at column 3: a key is missing after \".\"; write a name there"),
    ("[\u{6}[", "line 1: is not TOML at column 2: a key is missing after \"[\"; write a name there"),
    ("x=0x", "line 1: is not TOML at column 3: \"0x\" is no number, date, true or false; put texts in quotes"),
    ("[[[Z['['", "line 1: is not TOML at column 3: a key is missing after \"[[\"; write a name there"),
    ("a = 1\n[", "line 2: is not TOML at column 2: a key is missing after \"[\"; write a name there"),
    (
      "é = 1",
      "line 1: is not TOML at column 1: \"é\" cannot begin a key; write key = value, and other characters than A-Z a-z 0-9 - _ in quotes"
    ),
    ("a = \"é\" b", "line 1: is not TOML at column 9: \"b\" after the end; write one key = value on a line, and texts in quotes"),
    ("a = b", "line 1: is not TOML at column 5: \"b\" is no number, date, true or false; put texts in quotes"),
    ("a = 1\na = 2", "line 2: is not TOML at column 1: a is set twice; keep one of the two"),
    ("[a]\nb.c = 1\n[a.b]", "line 3: is not TOML at column 1: a.b is set twice; keep one of the two"),
    (
      "a = 9223372036854775808",
      "line 1: is not TOML at column 5: 9223372036854775808 is too large for a whole number of 64 bits; write a smaller one"
    ),
  ])
  func faultsAreSentencesWithLineAndColumn(text: String, sentence: String) { #expect(fault(text) == "a.toml, " + sentence) }

  @Test(arguments: [
    "", "\n", "# remark", "\u{FEFF}a = 1", "a = 1 # remark\r\nb = 2", "bare_key-1 = 1", "1234 = 1", "\"\" = 1", "'' = 1", "a . b = 1",
    "3.14 = 1", "\"a.b\".c = 1", "a = \"\\b\\t\\n\\f\\r\\\"\\\\\\u00e9\\U0010FFFF\\u0000\"", "a = 'C:\\x'", "a = \"\"\"\n\"\"\"",
    "a = \"\"\"\"\"\"",
    "a = \"\"\"x\"\"\"\"\"", "a = '''''x'''''", "a = \"\"\"\\\n   \n x \\  \n\"\"\"", "a = '''\n\\u\n'''", "a = +0", "a = -0", "a = 1_0",
    "a = 0xdead_BEEF", "a = 0o17", "a = 0b01", "a = 0.0", "a = -1.5e-3", "a = 1e+06", "a = 1_0.0_1E1_0", "a = inf", "a = -nan",
    "a = 2024-02-29", "a = 2000-01-31T23:59:59.123456789Z", "a = 1979-05-27t00:32:00-07:00", "a = 1979-05-27 07:32:00", "a = 07:32:00",
    "a = 1979-05-27 # remark", "a = []", "a = [ # remark\n 1 , # one\n\n 'two',\n]", "a = [[],[{}]]", "a = {}",
    "a = { b = 1, c.d = [\n2] }",
    "[a]\n[a.b]\n[c]", "[a.b]\n[a]", "[[a]]\n[[a]]\n[a.b]\n[[a]]\n[a.b]", "[ a . 'b' ]", "a.b = 1\na.c = 2\n[a.d]", "[a]\nb.c = 1\n[a.b.d]",
    "\"\u{E9}\" = 1\n\"e\u{301}\" = 2",
  ])
  func whatIsTOMLIsTaken(text: String) { #expect(fault(text) == nil) }

  @Test(arguments: [
    "a", "a =", "= 1", "a = 1 b = 2", "a b = 1", "a.b. = 1", ".a = 1", "\"\"\"a\"\"\" = 1", "'a\nb' = 1", "a = \"b", "a = 'b",
    "a = \"\"\"b\"\"",
    "a = \"\"\"b\"\"\"\"\"\"", "a = '''b''''''", "a = \"\\x41\"", "a = \"\\u12\"", "a = \"\\uD800\"", "a = \"\\U00110000\"", "a = \"b\nc\"",
    "a = \"\u{1}\"", "a = '\u{7F}'", "a = \"\"\"\r\"\"\"", "# \u{B}", "a = 1\rb = 2", "a = 01", "a = +_1", "a = 1_", "a = 1__0", "a = 0X1",
    "a = -0x1",
    "a = 0xg", "a = 0b2", "a = .5", "a = 1.", "a = 1.e3", "a = 1e", "a = 00.5", "a = 1_.5", "a = Inf", "a = True", "a = 2023-02-29",
    "a = 2024-13-01", "a = 2024-00-01", "a = 24:00:00", "a = 07:32", "a = 07:32:00Z", "a = 2024-01-01T", "a = 2024-01-01T00:00:00.Z",
    "a = 2024-01-01T00:00:00+24:00", "a = 2024-1-1", "a = [1", "a = [1 2]", "a = [,]", "a = [1,,2]", "a = {b}", "a = {b = 1,}",
    "a = {b = 1\n}",
    "a = {b = 1", "a = {b = 1, b = 2}", "[]", "[a", "[a]]", "[[a]", "[a] b = 1", "[a\n]", "[a]\n[a]", "a = 1\n[a]", "a = {}\n[a.b]",
    "a = {}\na.b = 1",
    "a = []\n[[a]]", "[a]\n[[a]]", "[[a]]\n[a]", "[a.b]\n[a]\nb.c = 1", "a.b = 1\na.b.c = 2", "[a.b.c]\n[a]\nb.c.d = 1",
  ])
  func whatIsNotTOMLIsRefused(text: String) { #expect(fault(text)?.contains("is not TOML at column") == true) }

  @Test func valuesAreWhatTheySay() throws {
    let file = try ThemeFile(
      toml: """
        a = "x\\u00e9\\n\\"" # remark
        b = '''
        C:\\dir
        'two' '''
        c = \"""
        one \\
           two""\"""
        d = ["1", 'two',]
        e = { f.g = "inner" }
        "quoted key".h = ''
        """, path: "a.toml")
    #expect(
      file.entries.map(\.key) == ["a", "b", "c", "d", "e.f.g", "quoted key.h"]
        && file.entries.map(\.values) == [["xé\n\""], ["C:\\dir\n'two' "], ["one two\"\""], ["1", "two"], ["inner"], [""]])
    #expect(file.entries.map(\.line) == [1, 2, 5, 8, 9, 10])
    let settings = try Settings(toml: "seed = 0xff_ff\nlr = 1_0e-3\nepochs = +12\nshuffle = false", file: "a.toml")
    #expect(settings.seed == 65_535 && settings.learningRate == 0.01 && settings.epochs == 12)
    #expect(settings.shuffle == false)
  }

  @Test func levelsAreCountedOverHeadersKeysAndValues() {
    let parts = Array(repeating: "a", count: 50).joined(separator: ".")
    #expect(fault("[\(parts)]\n\(parts) = 1") == nil)
    #expect(fault("[\(parts)]\n\(parts).b = 1")?.contains("more than 100 levels") == true)
    #expect(fault("a = " + String(repeating: "[", count: 99) + String(repeating: "]", count: 99)) == nil)
    #expect(fault("a = " + String(repeating: "[", count: 60_000))?.contains("more than 100 levels") == true)
    #expect(fault("a = " + String(repeating: "{a=", count: 20_000))?.contains("more than 100 levels") == true)
  }

  /// What the fuzzer found or began with.
  @Test func theCorpusIsReadWithoutEnding() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fuzzing/toml/corpus")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    let valid = ["everything.toml", "run.toml", "settings.toml", "theme.toml"]
    #expect(names.count > valid.count)
    for name in names {
      let text = String(decoding: try Data(contentsOf: folder.appendingPathComponent(name)), as: UTF8.self)
      #expect((fault(text) == nil) == valid.contains(name), "\(name): \(fault(text) ?? "")")
    }
  }
}
