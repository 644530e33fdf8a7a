extension Theme {
  /// The theme that is there without any file. `themes/dark.toml` says the same, for others to start from.
  public static let dark: Theme = {
    do {
      return try Theme(file: "dark.toml", entries: darkEntries.map { ($0.0, $0.1, 0) })
    } catch {
      preconditionFailure("the built-in theme must be sound: \(error)")
    }
  }()

  private static let darkEntries: [(String, [String])] = [
    ("name", ["dark"]),
    ("colors.background", ["#10131a"]),
    ("colors.text", ["#d7dce5"]),
    ("colors.dim", ["#8590a3"]),
    ("colors.faint", ["#2b3342"]),
    ("colors.border", ["#465166"]),
    ("colors.title", ["bold #e8ecf4"]),
    ("colors.accent", ["#5ccfe6"]),
    ("colors.key", ["bold #f5b05c"]),
    ("colors.good", ["#7fd88f"]),
    ("colors.warning", ["#f2c14e"]),
    ("colors.bad", ["#f2667a"]),
    ("colors.header", ["bold #a3aec2"]),
    ("colors.selection-text", ["#ffffff"]),
    ("colors.selection-background", ["#274766"]),
    ("colors.cursor", ["#aeb9cc"]),
    ("colors.overlay", ["#1a202c"]),
    ("colors.series-1", ["#3d86cc", "#86d3ff"]),
    ("colors.series-2", ["#c96f2e", "#ffbe73"]),
    ("colors.series-3", ["#3c9a5f", "#8ce6a8"]),
    ("colors.series-4", ["#a8478f", "#f59bdc"]),
    ("colors.series-5", ["#b59a2a", "#f5e07a"]),
    ("colors.series-6", ["#6a5ad0", "#b3a8ff"]),
    ("colors.series-7", ["#2a9d97", "#7ff0e4"]),
    ("colors.series-8", ["#b0424a", "#ff9a9a"]),
    ("colors.meter", ["#4fb286", "#f2c14e", "#f2667a"]),
    ("colors.heat", ["#161c27", "#235d8c", "#8fe0ff"]),
    ("colors.progress", ["#3d86cc", "#7fe0c3"]),
    ("sixteen.background", ["default"]),
    ("sixteen.text", ["default"]),
    ("sixteen.dim", ["bright-black"]),
    ("sixteen.faint", ["bright-black"]),
    ("sixteen.border", ["bright-black"]),
    ("sixteen.title", ["default"]),
    ("sixteen.accent", ["bright-cyan"]),
    ("sixteen.key", ["yellow"]),
    ("sixteen.selection-text", ["bright-white"]),
    ("sixteen.selection-background", ["blue"]),
    ("sixteen.cursor", ["bright-white"]),
    ("sixteen.overlay", ["black"]),
    ("sixteen.series-1", ["bright-blue"]),
    ("sixteen.series-2", ["yellow"]),
    ("sixteen.series-3", ["bright-green"]),
    ("sixteen.series-4", ["bright-magenta"]),
    ("sixteen.series-5", ["bright-yellow"]),
    ("sixteen.series-6", ["magenta"]),
    ("sixteen.series-7", ["bright-cyan"]),
    ("sixteen.series-8", ["bright-red"]),
    ("sixteen.meter", ["green", "yellow", "red"]),
    ("sixteen.heat", ["bright-black", "blue", "bright-cyan"]),
    ("sixteen.progress", ["bright-cyan"]),
  ]
}
