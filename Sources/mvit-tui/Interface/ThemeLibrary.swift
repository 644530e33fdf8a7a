import Configuration
import Files
import Foundation
import SystemText
import Terminal

/// The themes that can be chosen: the built-in one, those that come with the program, the user's own, the last one that was given
/// by its path.
struct ThemeLibrary {
  private(set) var themes: [Theme] = [.dark]
  /// The chosen one's own name, whatever its file is called; nil where none was chosen.
  private(set) var chosen: String?
  /// The absolute path of the one given by its path; nil without one.
  private(set) var file: String?
  private var keptName: String?
  /// Themes that cannot be used, each with file, line and reason.
  private(set) var problems: [String] = []

  /// - Parameters:
  ///   - chosen: a name, or the path of a file; nil for none.
  ///   - kept: the file that was given last time. Missing: report once and drop the setting. Unusable:
  ///     report at every start and keep the setting. Its theme comes before others of its name, until one of those is chosen by that name.
  /// - Throws: `Failure` where the chosen one is not there or cannot be used.
  init(chosen: String?, kept: String? = nil) throws {
    for folder in Self.folders {
      for name in names(in: folder) where name.hasSuffix(".toml") { addIfUsable(folder + "/" + name) }
    }
    let isNamed = themes.contains { $0.name == chosen }
    if let kept { keep(kept, unlessCalled: isNamed ? chosen : nil) }
    self.chosen = chosen
    guard let chosen, !themes.contains(where: { $0.name == chosen }) else { return }
    if let problem = problems.first(where: { $0.contains("/\(chosen).toml") }) { throw Failure(.usage, problem) }
    guard chosen.contains("/") || chosen.hasSuffix(".toml") else {
      throw Failure(
        .usage, "--theme \(chosen): there is no such theme; there are \(themes.map(\.name).joined(separator: ", ")), or give a file")
    }
    do {
      let theme = try Self.theme(readingFile: chosen, takesPipes: true)
      add(theme)
      self.chosen = theme.name
      if !Self.isFound(chosen) {
        // It must be found from any folder that the program is started in next.
        file = SystemPath.absolute(chosen)
      } else if theme.name == keptName {
        file = nil
      }
    } catch {
      throw (error as? Failure) ?? Failure(.usage, "\(error)")
    }
  }

  private mutating func keep(_ path: String, unlessCalled name: String?) {
    guard !Self.isFound(path) else { return }
    do {
      let theme = try Self.theme(readingFile: path)
      guard theme.name != name else { return }
      add(theme)
      (file, keptName) = (path, theme.name)
    } catch {
      problems.append(Failure(error).sentence)
      if !FileSystem.isMissing(path) { file = path }
    }
  }

  private mutating func addIfUsable(_ path: String) {
    do { add(try Self.theme(readingFile: path)) } catch { problems.append(Failure(error).sentence) }
  }

  private mutating func add(_ theme: Theme) {
    if let place = themes.firstIndex(where: { $0.name == theme.name }) { themes[place] = theme } else { themes.append(theme) }
  }

  /// The names in a folder of themes, sorted; none where there is no such folder.
  private mutating func names(in folder: String) -> [String] {
    do {
      // A folder below something that is no folder does not exist.
      return FileSystem.isMissing(folder) ? [] : try FileSystem.list(folder)
    } catch {
      problems.append("\(error)")
      return []
    }
  }

  private static func theme(readingFile path: String, takesPipes: Bool = false) throws -> Theme {
    let file = try ThemeFile(toml: TextFile.read(path, "the theme", takesPipes: takesPipes), path: path)
    return try Theme(file: path, entries: file.entries)
  }

  /// Whether it is read as one of a folder's.
  private static func isFound(_ path: String) -> Bool {
    path.hasSuffix(".toml") && folders.contains { SystemPath.areSame($0, SystemPath.parent(of: path)) }
  }

  /// Those that come with the program, then the user's own: later ones replace earlier.
  private static var folders: [String] {
    Resources.folders.map { $0 + "/themes" } + [PreferencesFile.folder + "/themes"]
  }
}
