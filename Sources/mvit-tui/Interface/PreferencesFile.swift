import Configuration
import Dashboard
import Foundation
import RunHistory
import Terminal

/// The user's choices on disk: `settings.toml` in the user's configuration folder.
enum PreferencesFile {
  /// `$XDG_CONFIG_HOME/mvit-tui`, mostly `~/.config/mvit-tui`.
  static var folder: String {
    let environment = ProcessInfo.processInfo.environment
    if let base = environment["XDG_CONFIG_HOME"], base.hasPrefix("/") { return base + "/mvit-tui" }
    return (environment["HOME"] ?? NSHomeDirectory()) + "/.config/mvit-tui"
  }

  private static var path: String { folder + "/settings.toml" }

  /// What was kept, with defaults for the rest. A file that cannot be read counts as none.
  static func load() -> DashboardSettings {
    var settings = DashboardSettings()
    guard let data = FileManager.default.contents(atPath: path),
      let kept = UserPreferences(toml: String(decoding: data, as: UTF8.self))
    else { return settings }
    settings.theme = kept.theme ?? settings.theme
    settings.themeFile = kept.themeFile
    settings.symbols = kept.symbols.flatMap(SymbolSet.init)
    if let smoothing = kept.smoothing, smoothing >= 0, smoothing < 1 { settings.smoothing = smoothing }
    settings.isLogarithmic = kept.logarithmic ?? settings.isLogarithmic
    settings.axis = kept.axis.flatMap(CurveAxis.init) ?? settings.axis
    settings.isPlainText = kept.plainText ?? settings.isPlainText
    if let target = kept.targetAccuracy, target > 0, target <= 1 { settings.targetAccuracy = target }
    return settings
  }

  /// Keeps them.
  ///
  /// - Throws: what Foundation throws where the folder cannot be written.
  static func save(_ settings: DashboardSettings) throws {
    var kept = UserPreferences()
    kept.theme = settings.theme
    kept.themeFile = settings.themeFile
    kept.symbols = settings.symbols?.rawValue ?? "auto"
    kept.smoothing = settings.smoothing
    kept.logarithmic = settings.isLogarithmic
    kept.axis = settings.axis.rawValue
    kept.plainText = settings.isPlainText
    kept.targetAccuracy = settings.targetAccuracy
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data(kept.toml.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
  }
}
