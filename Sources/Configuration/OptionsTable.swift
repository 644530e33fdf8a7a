/// The tables of options in README, made from the table of settings.
public enum OptionsTable {
  /// A heading and a table for each group.
  public static func markdown(of command: SettingCommand) -> String {
    SettingGroup.allCases.map { group in
      let rows = command.entries(in: group).map(row)
      let head = ["\(group.rawValue):", "", "| option | meaning | default | example |", "|---|---|---|---|"]
      return (head + rows).joined(separator: "\n") + "\n"
    }.joined(separator: "\n")
  }

  private static func row(_ entry: any SettingEntry) -> String {
    let cells = ["`\(option(entry))`", String(entry.help.dropLast()), entry.defaultText ?? "", "`\(example(entry))`"]
    return "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
  }

  private static func option(_ entry: any SettingEntry) -> String {
    switch entry.kind {
    case .toggle: "--\(entry.name)`, `--no-\(entry.name)"
    case .flag: "--\(entry.name)"
    default: "--\(entry.name) \(entry.placeholder.uppercased())"
    }
  }

  private static func example(_ entry: any SettingEntry) -> String {
    switch entry.kind {
    case .toggle: entry.defaultText == "on" ? "--no-\(entry.name)" : "--\(entry.name)"
    case .flag: "--\(entry.name)"
    default: "--\(entry.name) \(entry.example)"
    }
  }
}
