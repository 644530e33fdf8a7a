import Configuration
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

  @Test func whatIsNoTOMLIsToldWithItsLine() {
    let text = "theme = \"dark\"\naxis = = 1\n"
    let error = #expect(throws: ConfigurationError.self) { try UserPreferences(toml: text, file: "a/settings.toml") }
    #expect(error?.place == "a/settings.toml, line 2", "\(String(describing: error))")
  }
}
