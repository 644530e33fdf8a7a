import Configuration
import Testing

@Suite struct UserPreferencesTests {
  @Test func whatWasChosenIsReadBack() {
    var kept = UserPreferences()
    kept.theme = "mine"
    kept.themeFile = "/home/somebody/a \"theme\" in C:\\\u{1}\u{7F}\n/mine é.toml"
    kept.smoothing = 0.9
    kept.targetAccuracy = 0.75
    #expect(UserPreferences(toml: kept.toml) == kept, "\(kept.toml)")
  }
}
