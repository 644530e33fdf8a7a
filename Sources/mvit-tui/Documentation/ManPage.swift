/// The man page: the help of all commands on one page, in roff.
struct ManPage {
  let program: CommandDescription
  let version: String

  var text: String {
    var lines = [
      ".\\\" Written by scripts/documentation from the program's own help.",
      ".TH MVIT-TUI 1 \"\" \"mvit-tui \(version)\" \"User Commands\"",
      ".SH NAME", "mvit-tui \\- \(Self.inline(Self.lowercased(program.abstract ?? "")))",
      ".SH SYNOPSIS", ".B mvit-tui", "[\\fICOMMAND\\fR] [\\fIOPTIONS\\fR]",
      ".SH DESCRIPTION",
    ]
    lines += Self.paragraphs(program.discussion)
    lines.append(".SH COMMANDS")
    for command in program.subcommands ?? [] where command.isShown { lines += section(command) }
    lines += [
      ".SH FILES", ".TP", ".I ~/.config/mvit-tui/settings.toml", "Settings of the dashboard.",
      ".TP", ".I ~/.config/mvit-tui/themes", "Themes of the user's own.",
      ".SH ENVIRONMENT", ".TP", ".B NO_COLOR", "If set, the dashboard uses no colours.",
    ]
    return lines.joined(separator: "\n") + "\n"
  }

  private func section(_ command: CommandDescription) -> [String] {
    var lines = [".SS mvit-tui \(command.commandName)", Self.inline(command.abstract ?? "")]
    lines += Self.paragraphs(command.discussion).isEmpty ? [] : [".PP"] + Self.paragraphs(command.discussion)
    let arguments = (command.arguments ?? []).filter { $0.shouldDisplay && !Self.isCommon($0) }
    var titles: [String?] = []
    for title in arguments.map(\.sectionTitle) where !titles.contains(title) { titles.append(title) }
    for title in titles {
      if let title { lines += [".PP", ".B \(Self.inline(title)):"] }
      for argument in arguments where argument.sectionTitle == title { lines += Self.item(argument) }
    }
    return lines
  }

  private static func isCommon(_ argument: CommandDescription.Argument) -> Bool {
    argument.names?.contains { $0.name == "help" || $0.name == "version" } ?? false
  }

  private static func item(_ argument: CommandDescription.Argument) -> [String] {
    let value = argument.valueName.map { "\\fI\(inline($0))\\fR" } ?? ""
    var head = (argument.names ?? []).map { "\\fB\(inline($0.typed))\\fR" }.joined(separator: ", ")
    if argument.kind == "positional" {
      head = value + (argument.isRepeating ? " ..." : "")
    } else if argument.kind == "option" {
      head += " " + value
    }
    var text = argument.abstract ?? ""
    if let standard = argument.defaultValue { text += " (default: \(standard))" }
    return [".TP", head, inline(text)]
  }

  /// Paragraphs as they come; indented lines are examples and keep their breaks.
  private static func paragraphs(_ text: String?) -> [String] {
    var lines: [String] = []
    var isExample = false
    for line in (text ?? "").split(separator: "\n", omittingEmptySubsequences: false) {
      let indented = line.hasPrefix("  ")
      if indented != isExample { lines += indented ? [".RS", ".nf"] : [".fi", ".RE"] }
      isExample = indented
      if line.isEmpty { lines.append(".PP") } else { lines.append(inline(line.trimmingPrefix(while: \.isWhitespace).description)) }
    }
    if isExample { lines += [".fi", ".RE"] }
    return lines
  }

  private static func lowercased(_ sentence: String) -> String {
    let trimmed = sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence
    return trimmed.prefix(1).lowercased() + trimmed.dropFirst()
  }

  /// Text without meaning for roff: dashes stay dashes, a line's first dot or quote is no request.
  private static func inline(_ text: String) -> String {
    let escaped = text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
    return escaped.hasPrefix(".") || escaped.hasPrefix("'") ? "\\&" + escaped : escaped
  }
}

extension CommandDescription {
  fileprivate var isShown: Bool { shouldDisplay != false && commandName != "help" }
}
