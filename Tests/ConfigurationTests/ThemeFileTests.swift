import Configuration
import Foundation
import Terminal
import Testing

@Suite struct ThemeFileTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("themes")

  private func theme(_ name: String) throws -> Theme {
    let path = Self.folder.appendingPathComponent("\(name).toml").path
    let file = try ThemeFile(toml: String(contentsOfFile: path, encoding: .utf8), path: path)
    return try Theme(file: file.path, entries: file.entries)
  }

  @Test(arguments: ["dark", "light", "colorblind", "high-contrast", "monochrome"]) func shippedThemesAreSound(_ name: String) throws {
    #expect(try theme(name).name == name)
  }

  @Test func theBuiltInThemeIsTheDarkFile() throws { #expect(try theme("dark") == .dark) }

  @Test func onlyMonochromeHasNoHue() throws {
    #expect(try !theme("monochrome").distinguishesByHue)
    for name in ["dark", "light", "colorblind", "high-contrast"] { #expect(try theme(name).distinguishesByHue) }
  }

  /// Contrast of text with its background after WCAG 2: 4.5 is what ordinary text needs, 7 what "enhanced" means.
  @Test(arguments: [("dark", 4.5), ("light", 4.5), ("colorblind", 4.5), ("high-contrast", 7)]) func textCanBeRead(
    _ name: String, _ least: Double
  ) throws {
    let theme = try theme(name)
    for key in [ThemeKey.text, .dim, .title, .accent, .key, .good, .warning, .bad, .header] {
      #expect(contrast(theme[key].color, theme[.background].color) >= least, "\(key.name)")
    }
    #expect(contrast(theme[.selectionText].color, theme[.selectionBackground].color) >= least)
    #expect(contrast(theme[.text].color, theme[.overlay].color) >= least)
  }

  private func contrast(_ a: Color, _ b: Color) -> Double {
    let (x, y) = (luminance(a), luminance(b))
    return (max(x, y) + 0.05) / (min(x, y) + 0.05)
  }

  private func luminance(_ color: Color) -> Double {
    guard case .rgb(let rgb) = color else { return .nan }
    func linear(_ value: UInt8) -> Double {
      let share = Double(value) / 255
      return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * linear(rgb.red) + 0.7152 * linear(rgb.green) + 0.0722 * linear(rgb.blue)
  }

  @Test func faultsNameFileAndLine() throws {
    let text = "name = \"mine\"\n\n[colors]\n# a remark\ntext = \"#d7dce5\"\ndim = 5\n"
    let error = #expect(throws: ConfigurationError.self) { try ThemeFile(toml: text, path: "mine.toml") }
    #expect(error?.description == "mine.toml, line 6: colors.dim must be a text or a list of texts; colours are written \"#rrggbb\"")
    let syntax = #expect(throws: ConfigurationError.self) { try ThemeFile(toml: "[colors]\ntext = \n", path: "mine.toml") }
    #expect(syntax?.description.hasPrefix("mine.toml, line 2: is not TOML") == true)
    let file = try ThemeFile(toml: "[colors]\ntext = \"#d7dce5\"\n\"series-1\" = [\"#12\"]\n", path: "mine.toml")
    #expect(file.entries.map(\.line) == [2, 3])
    let meaning = #expect(throws: ThemeError.self) { try Theme(file: file.path, entries: file.entries) }
    #expect(meaning?.description.hasPrefix("mine.toml, line 3: colors.series-1 has \"#12\"") == true)
  }
}
