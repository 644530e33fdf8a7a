import Configuration
import Foundation
import Terminal

/// The themes that can be chosen: the built-in one, those that come with the program, the user's own, the last one that was given
/// by its path.
struct ThemeLibrary {
  private(set) var themes: [Theme] = [.dark]
  /// The chosen one's own name, whatever its file is called; nil where none was chosen.
  private(set) var chosen: String?
  /// The absolute path of the one given by its path; nil without one.
  private(set) var file: String?
  /// Themes that cannot be used, each with file, line and reason.
  private(set) var problems: [String] = []

  /// - Parameters:
  ///   - chosen: a name, or the path of a file; nil for none.
  ///   - kept: the file that was given last time; one that can no longer be used is a problem to be told, and forgotten.
  /// - Throws: `Failure` where the chosen one is not there or cannot be used.
  init(chosen: String?, kept: String? = nil) throws {
    for folder in Self.folders {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      for name in names.sorted() where name.hasSuffix(".toml") { addIfUsable(folder + "/" + name) }
    }
    if let kept, addIfUsable(kept) { file = kept }
    self.chosen = chosen
    guard let chosen, !themes.contains(where: { $0.name == chosen }) else { return }
    if let problem = problems.first(where: { $0.contains("/\(chosen).toml") }) { throw Failure(.usage, problem) }
    guard chosen.contains("/") || chosen.hasSuffix(".toml") else {
      throw Failure(
        .usage, "--theme \(chosen): there is no such theme; there are \(themes.map(\.name).joined(separator: ", ")), or give a file")
    }
    do {
      let theme = try Self.theme(readingFile: chosen)
      add(theme)
      self.chosen = theme.name
      // From wherever the program is started next.
      file = URL(fileURLWithPath: chosen).standardizedFileURL.path
    } catch {
      throw (error as? Failure) ?? Failure(.usage, "\(error)")
    }
  }

  @discardableResult
  private mutating func addIfUsable(_ path: String) -> Bool {
    do {
      add(try Self.theme(readingFile: path))
      return true
    } catch {
      problems.append(Failure(error).sentence)
      return false
    }
  }

  private mutating func add(_ theme: Theme) {
    if let place = themes.firstIndex(where: { $0.name == theme.name }) { themes[place] = theme } else { themes.append(theme) }
  }

  private static func theme(readingFile path: String) throws -> Theme {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Failure(.missingInput, "\(path): the theme cannot be read; check the path and its permissions")
    }
    let file = try ThemeFile(toml: String(decoding: data, as: UTF8.self), path: path)
    return try Theme(file: path, entries: file.entries)
  }

  /// Those that come with the program, then the user's own: later ones replace earlier.
  private static var folders: [String] {
    Resources.folders.map { $0 + "/themes" } + [PreferencesFile.folder + "/themes"]
  }
}
