import Configuration
import Dashboard
import Files
import Foundation
import RunHistory
import SystemText
import Terminal

/// The user's choices on disk: `settings.toml` in the user's configuration folder.
enum PreferencesFile {
  /// `$XDG_CONFIG_HOME/mvit-tui`, mostly `~/.config/mvit-tui`.
  static var folder: String {
    if let base = SystemProcess.environment("XDG_CONFIG_HOME"), base.utf8.first == UInt8(ascii: "/") { return base + "/mvit-tui" }
    return SystemProcess.homeFolder + "/.config/mvit-tui"
  }

  private static var path: String { folder + "/settings.toml" }

  /// What was kept, with defaults for the rest.
  ///
  /// - Returns: the settings, which are the defaults where the file is there and cannot be understood; and why it cannot.
  static func load() -> (settings: DashboardSettings, fault: String?) {
    do {
      return (settings(try read()), nil)
    } catch {
      return (DashboardSettings(), "\(Failure(error).sentence); no settings are saved until you repair or remove the file")
    }
  }

  /// nil if the file does not exist.
  ///
  /// - Throws: `Failure` or `ConfigurationError` for one that cannot be read or understood.
  private static func read() throws -> UserPreferences? {
    guard !FileSystem.isMissing(path) else { return nil }
    return try UserPreferences(toml: TextFile.read(path, "the file of settings"), file: path)
  }

  private static func settings(_ kept: UserPreferences?) -> DashboardSettings {
    var settings = DashboardSettings()
    guard let kept else { return settings }
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
  /// - Throws: `Failure` or `ConfigurationError` where the file is there and cannot be understood: somebody wrote it, and what he
  ///   chose is not to be replaced by defaults; `FileSystemError` where the folder cannot be written.
  static func save(_ settings: DashboardSettings) throws {
    _ = try read()
    var kept = UserPreferences()
    kept.theme = settings.theme
    kept.themeFile = settings.themeFile
    kept.symbols = settings.symbols?.rawValue ?? "auto"
    kept.smoothing = settings.smoothing
    kept.logarithmic = settings.isLogarithmic
    kept.axis = settings.axis.rawValue
    kept.plainText = settings.isPlainText
    kept.targetAccuracy = settings.targetAccuracy
    try FileSystem.makeFolders(folder)
    // A link that the user put there stays; what it leads to is replaced.
    try DurableFile.write(SystemPath.resolved(path) ?? path, bytes: Array(kept.toml.utf8))
  }
}
