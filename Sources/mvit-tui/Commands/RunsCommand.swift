import ArgumentParser
import Configuration
import Foundation
import NumberFormats
import Training

struct RunsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs",
    abstract: "List runs: model, state, best accuracy, when.")

  @Argument(help: ArgumentHelp("The folder that holds run folders, or one run.", valueName: "dir"))
  var folder = "runs"

  func run() throws {
    let runs = try find()
    guard !runs.isEmpty else { return try StandardStreams.say("no runs in \(folder)") }
    var rows = [["RUN", "MODEL", "STATE", "EPOCHS", "BEST", "WHEN"]]
    for run in runs {
      for summary in RunSummary.of(run) {
        rows.append([
          run.path, summary.model.isEmpty ? configuredModel(run) : summary.model, Self.state(of: summary),
          summary.epochs.map { "\($0.done)/\($0.all)" } ?? "-",
          summary.best.map { "\(NumberFormat.fixed(4).text(Double($0.accuracy))) (epoch \($0.epoch + 1))" } ?? "-", Self.text(summary.date),
        ])
      }
    }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    for row in rows {
      let line = zip(row, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }.joined(separator: "  ")
      try StandardStreams.say(String(line.reversed().drop { $0 == " " }.reversed()))
    }
  }

  private func find() throws -> [RunFolder] {
    let itself = RunFolder(path: folder)
    if itself.holdsRun { return [itself] }
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: folder)
    } catch {
      throw Failure(.missingInput, "\(folder): there is no such folder; train something, or name the folder that holds your runs")
    }
    return names.sorted().map { RunFolder(path: folder + "/" + $0) }.filter(\.holdsRun)
  }

  private func configuredModel(_ run: RunFolder) -> String {
    let text = FileManager.default.contents(atPath: run.configurationFile).map { String(decoding: $0, as: UTF8.self) } ?? ""
    return (try? Settings(toml: text, file: run.configurationFile))?.text(.model) ?? "-"
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
