import ArgumentParser

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write a run's report.html anew.",
    discussion: """
      Curves, table, confusion matrices and configuration in one page, made of the files in the run's folder, of a comparison or of \
      a single run: finished, running, stopped or killed. Prints the page's path.

        mvit-tui report runs/20260102-030405-compare
      """)

  @Argument(help: ArgumentHelp("The run's folder.", valueName: "run"))
  var folder: String

  func validate() throws {
    guard !folder.isEmpty else { throw ValidationError("name the run's folder, for instance: mvit-tui report runs/first") }
  }

  func run() throws {
    let run = try StoredRun(reading: folder)
    let (settings, fault) = PreferencesFile.load()
    if let fault { StandardStreams.complain(fault) }
    let outcome = ComparisonOutcome(
      run, costs: try run.costs(), dropped: try run.dropped(), target: settings.targetAccuracy, state: try run.state())
    for problem in outcome.problems { StandardStreams.complain(problem) }
    let damaged = try run.folder.damagedEventLines()
    if damaged > 0 {
      let lines = damaged == 1 ? "1 line holds" : "\(damaged) lines hold"
      StandardStreams.complain("\(run.folder.eventsFile): \(lines) no event; the report is made of the logs and leaves them out")
    }
    try StandardStreams.say(try outcome.writeReport())
  }
}
