import ArgumentParser
import CProcess
import Configuration
import Foundation
import SystemText

/// The program's entry: parses, runs, and turns whatever goes wrong into one sentence and an exit code.
@main
enum Program {
  // On the main thread, so that nothing waits for another thread before a lack of threads is reported.
  @MainActor static func main() async {
    cprocess_report_exhaustion()
    StandardStreams.holdPlaces()
    // A reader that went away and a file that may not grow are errors of a write, not reasons to be killed.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    if let failure = MvitTui.unknownCommand(SystemProcess.arguments.dropFirst()) {
      StandardStreams.complain(failure.sentence)
      exit(failure.code.rawValue)
    }
    let command: any ParsableCommand
    do {
      command = try MvitTui.parseAsRoot(Array(SystemProcess.arguments.dropFirst()))
    } catch {
      leave(showing: error)
    }
    do {
      if var command = command as? any AsyncParsableCommand {
        // These have event sources.
        try OpenFiles.requireEnough()
        try await command.run()
      } else {
        var command = command
        try command.run()
      }
    } catch let code as ExitCode {
      exit(code.rawValue)
    } catch  where isForParser(error) {
      leave(showing: error)
    } catch {
      let failure = Failure(error)
      StandardStreams.complain(failure.sentence)
      exit(failure.code.rawValue)
    }
  }

  /// Ends the program as the parser would, its message fit for a terminal.
  private static func leave(showing error: any Error) -> Never {
    let code = MvitTui.exitCode(for: error)
    do {
      try StandardStreams.show(MvitTui.fullMessage(for: error), isError: code != .success)
    } catch {
      let failure = Failure(error)
      StandardStreams.complain(failure.sentence)
      exit(failure.code.rawValue)
    }
    exit(code.rawValue)
  }

  /// Whether an error of a command's run is the parser's own way of showing help, the version or a wrong use.
  private static func isForParser(_ error: any Error) -> Bool {
    let code = MvitTui.exitCode(for: error)
    return code == .success || code == .validationFailure
  }
}

struct MvitTui: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mvit-tui",
    abstract: "Trains MobileViT and MobileNetV2 on a folder of images, on an ordinary CPU.",
    discussion: """
      A data folder holds parts by their usual names (train, val, test) with one folder of image files per class, or \
      class folders alone, of which a fifth is set aside for evaluation.

        mvit-tui train --data photos --model mobilevit_xxs --image-size 128 --epochs 10
        mvit-tui predict --weights runs/.../checkpoints/mobilevit_xxs/best/model.safetensors cat.jpg

      Exit codes: 0 done, 64 usage, 65 bad data, 66 missing input, 70 internal, diverged or out of memory, 73 cannot write, 130 and 143 \
      ended by a signal after a checkpoint.
      """,
    version: "0.1.0",
    subcommands: [
      TrainCommand.self, CompareCommand.self, WatchCommand.self, EvaluateCommand.self, PredictCommand.self, DescribeCommand.self,
      ModelsCommand.self,
      RunsCommand.self, ReportCommand.self, DataCommand.self,
      BenchCommand.self,
      ProfileCommand.self,
      DocumentationCommand.self,
    ])

  /// The error for a first word that is no command, with the nearest command; nil if the word is a command.
  static func unknownCommand(_ arguments: some Collection<String>) -> Failure? {
    let wantsHelp = arguments.first == "help"
    guard let word = wantsHelp ? arguments.dropFirst().first : arguments.first, !word.hasPrefix("-") else { return nil }
    let commands = configuration.subcommands
    let names = commands.filter { $0.configuration.shouldDisplay }.map { $0._commandName }
    guard !commands.contains(where: { $0._commandName == word }) else { return nil }
    let cure =
      Spelling.nearest(to: word, among: names).map { "did you mean \"\($0)\"?" } ?? "the commands are \(names.joined(separator: ", "))"
    return Failure(.usage, "there is no command \"\(word)\"; \(cure)")
  }

  /// Without a command: the dashboard over a comparison on the images that come with the program, where there is a terminal.
  func run() async throws {
    guard InterfaceOptions.hasTerminal else { throw CleanExit.helpRequest(self) }
    guard let recipe = Resources.path(of: "sample-data/fashion-mnist.toml") else {
      throw Failure(.missingInput, "the sample data is not installed; train on a folder of your own: mvit-tui train --data DIR")
    }
    let comparison = try CompareCommand.parse(["mobilevit_xxs", "mobilenet_v2", "--config", recipe])
    try await comparison.run()
  }
}
