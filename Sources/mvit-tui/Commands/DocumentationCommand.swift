import ArgumentParser
import Configuration

/// Prints the parts of the documentation that are made from the program; scripts/documentation puts them in place.
struct DocumentationCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "documentation", abstract: "Print the tables of options, the man page, or an example of what describe prints.",
    shouldDisplay: false)

  enum Part: String, ExpressibleByArgument, CaseIterable { case options, man, python }

  @Argument var part: Part

  func run() throws {
    let text =
      switch part {
      case .options: OptionsTable.markdown(of: .train)
      case .python: PythonSnippet.example.text
      case .man: ManPage(program: try .ofProgram(), version: MvitTui.configuration.version).text
      }
    for line in (text.hasSuffix("\n") ? text.dropLast() : text[...]).split(separator: "\n", omittingEmptySubsequences: false) {
      try StandardStreams.say(String(line))
    }
  }
}
