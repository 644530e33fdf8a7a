import Configuration
import SystemText
import Testing

@Suite struct UserPreferencesTests {
  @Test func whatWasChosenIsReadBack() throws {
    var kept = UserPreferences()
    kept.theme = "mine"
    kept.themeFile = "/home/somebody/a \"theme\" in C:\\\u{1}\u{7F}\n/mine é.toml"
    kept.smoothing = 0.9
    kept.targetAccuracy = 0.75
    #expect(try UserPreferences(toml: kept.toml, file: "settings.toml") == kept, "\(kept.toml)")
  }

  @Test func noTextWrittenHoldsACommand() throws {
    let commands = String(String.UnicodeScalarView((1..<0x3000).compactMap(Unicode.Scalar.init).filter(\.isCommand)))
    var kept = UserPreferences()
    (kept.theme, kept.themeFile, kept.axis) = (commands, "/" + commands, commands)
    #expect(kept.toml.unicodeScalars.filter(\.isCommand).allSatisfy { $0 == "\n" })
    #expect(try UserPreferences(toml: kept.toml, file: "settings.toml") == kept)
  }

  @Test func aNULIsNoPartOfAPath() throws {
    #expect(try UserPreferences(toml: #"theme-file = "/a\u0000b""#, file: "settings.toml").themeFile == nil)
  }

  @Test func whatIsNoTOMLIsToldWithItsLine() {
    let text = "theme = \"dark\"\naxis = = 1\n"
    let error = #expect(throws: ConfigurationError.self) { try UserPreferences(toml: text, file: "a/settings.toml") }
    #expect(error?.place == "a/settings.toml, line 2", "\(String(describing: error))")
  }
}
