import ArgumentParser
import Configuration
import Files
import Foundation
import NumberFormats
import SystemText
import Terminal
import Training

struct RunsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs",
    abstract: "List runs: model, state, best accuracy, when.",
    discussion: """
      States: running, finished, stopped (as asked), interrupted (its process was killed), diverged, failed, damaged (a file of it \
      makes no sense) and unreadable. Standard error has the reasons of the last two.

        mvit-tui runs
        mvit-tui runs /data/experiments --json
      """)

  @Argument(help: ArgumentHelp("The folder that holds run folders, or one run.", valueName: "dir"))
  var folder = "runs"

  @Flag(help: "Write one JSON object a run to standard output.")
  var json = false

  func run() throws {
    let places = try find()
    if json { return try list(places) }
    guard !places.isEmpty else { return try StandardStreams.say("no runs in \(folder)") }
    var rows = [["RUN", "MODEL", "STATE", "EPOCHS", "BEST", "WHEN"]]
    var problems: [String] = []
    for place in places {
      switch place {
      case .unreadable(let path, let error):
        rows.append([path, "-", RunSummary.State.unreadable.rawValue, "-", "-", "-"])
        problems.append("\(error)")
      case .run(let run):
        for summary in RunSummary.of(run) {
          rows.append(row(run, summary, &problems))
          problems += summary.problems
        }
      }
    }
    try show(rows)
    // Below the table, which has a row for each of them.
    var reported: Set<String> = []
    for problem in problems where reported.insert(problem).inserted { StandardStreams.complain(problem) }
  }

  /// An object a run; what is wrong with a run is in its object.
  private func list(_ places: [Place]) throws {
    for place in places {
      switch place {
      case .unreadable(let path, let error): try StandardStreams.say(ListedRun.unreadable(path, error))
      case .run(let run):
        var names: [String] = []
        var faults: [String] = []
        do {
          names = try RunPlan.names(of: run, models: ModelFacts.catalogue())
        } catch {
          faults.append(Failure(error).sentence)
        }
        try StandardStreams.say(ListedRun(run, names: names, faults: faults).line)
      }
    }
  }

  private func row(_ run: RunFolder, _ summary: RunSummary, _ problems: inout [String]) -> [String] {
    var model = summary.model
    if model.isEmpty {
      do {
        model = try StoredRun.settings(ofRun: run.configurationFile).models?.joined(separator: ", ") ?? "-"
      } catch {
        model = "-"
        problems.append(Failure(error).sentence)
      }
    }
    return [
      run.path, model, Self.state(of: summary), summary.epochs.map { "\($0.done)/\($0.all)" } ?? "-",
      summary.best.map { "\(NumberFormat.fixed(4).text(Double($0.accuracy))) (epoch \($0.epoch + 1))" } ?? "-",
      summary.date.map(Self.text) ?? "-",
    ]
  }

  private func show(_ rows: [[String]]) throws {
    // As they will be shown: an escaped name is longer than the name, and a wide letter takes two columns.
    let rows = rows.map { $0.map(\.plainLine) }
    let widths = rows[0].indices.map { column in rows.map { $0[column].columns }.max() ?? 0 }
    for row in rows {
      let line = zip(row, widths).map { $0.padded(to: $1, .leading) }.joined(separator: "  ")
      try StandardStreams.say(String(line.reversed().drop { $0 == " " }.reversed()))
    }
  }

  private enum Place {
    case run(RunFolder)
    /// Whether a run is there cannot be found out.
    case unreadable(path: String, any Error)
  }

  private func find() throws -> [Place] {
    guard let names = try FileSystem.listIfPresent(folder) else {
      throw Failure(.missingInput, "\(folder): there is no such folder; train something, or name the folder that holds your runs")
    }
    let itself = RunFolder(path: folder)
    if try itself.holdsRun { return [.run(itself)] }
    return names.compactMap { name in
      let run = RunFolder(path: folder + "/" + name)
      do { return try run.holdsRun ? .run(run) : nil } catch { return .unreadable(path: run.path, error) }
    }
  }

  private static func state(of summary: RunSummary) -> String {
    summary.droppedAt.map { "diverged at step \($0)" } ?? summary.state.rawValue
  }

  private static func text(_ date: Date) -> String {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.dateFormat = "yyyy-MM-dd HH:mm"
    return formatter.string(from: date)
  }
}
