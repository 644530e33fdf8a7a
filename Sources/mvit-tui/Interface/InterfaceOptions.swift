import ArgumentParser
import Configuration
import Dashboard
import Foundation
import RunHistory
import Terminal
import TrainingEvents

/// Flags of the commands that open the dashboard.
struct InterfaceOptions: ParsableArguments {
  @OptionGroup var flags: SettingFlags<ForWatch, MachineSection>

  /// - Throws: `Failure` for a theme that does not exist or cannot be used.
  func interface(_ mode: DashboardModel.Mode, place: String) throws -> (
    options: Interface.Options, problems: [String], notices: [String]
  ) {
    var settings = Settings()
    try flags.add(to: &settings)
    return try Self.interface(settings.theme, mode, place: place)
  }

  /// Refuses a theme that is missing or unusable, also where no dashboard opens.
  ///
  /// - Throws: `Failure`.
  static func check(theme: String?) throws {
    if theme != nil { _ = try ThemeLibrary(chosen: theme, kept: PreferencesFile.load().settings.themeFile) }
  }

  /// What the dashboard begins with, what its user must know, and what he may look up.
  ///
  /// - Parameter theme: what `--theme` says, if it was given.
  /// - Throws: `Failure` for a theme that is not there or cannot be used.
  static func interface(
    _ theme: String?, _ mode: DashboardModel.Mode, place: String, screen: Screen = .overview,
    strayOutput: (@Sendable (String) -> Void)? = nil
  ) throws -> (
    options: Interface.Options, problems: [String], notices: [String]
  ) {
    let (kept, fault) = PreferencesFile.load()
    let library = try ThemeLibrary(chosen: theme, kept: kept.themeFile)
    var settings = kept
    settings.theme = library.chosen ?? settings.theme
    settings.themeFile = library.file
    var notices: [String] = []
    // What a flag chose is chosen as a key would have: it is there at the next start, and a file that is gone is not. Where
    // nothing can be written that is so at every start, and no reason to be warned each time.
    if settings != kept, fault == nil {
      do { try PreferencesFile.save(settings) } catch { notices.append("the settings cannot be kept: \(Failure(error).sentence)") }
    }
    return (
      Interface.Options(mode: mode, settings: settings, themes: library.themes, place: place, screen: screen, strayOutput: strayOutput),
      library.problems + [fault].compactMap(\.self), notices
    )
  }

  /// Whether there is a terminal to show a dashboard on.
  static var hasTerminal: Bool { isatty(STDIN_FILENO) == 1 && StandardStreams.isOutputTerminal }
}

extension DashboardEffect {
  /// Does what the user asks of a run.
  ///
  /// - Parameter box: where to say what cannot be done.
  func act(on control: RunControl?, _ box: MessageBox) {
    switch self {
    case .pause: control?.pause()
    case .resume: control?.resume()
    case .checkpoint: control?.saveCheckpoint()
    case .stopSaving: control?.stop(.saving)
    case .stopDiscarding: control?.stop(.discarding)
    // One way for key and signal, so that they cannot differ.
    case .interrupt: kill(getpid(), SIGINT)
    case .save(let settings):
      do {
        try PreferencesFile.save(settings)
      } catch {
        box.put(.line(History.Line(time: Date().timeIntervalSince1970, kind: .warning, text: "the settings cannot be kept: \(error)")))
      }
    case .leave, .want, .redraw: break
    }
  }
}
