import ArgumentParser
import Dashboard
import Files
import Foundation

struct WatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "Show the dashboard over logs on disk, live or finished.",
    discussion: """
      Opens run folders and any folders of VisualDL or TensorBoard logs, of this program or of others. Logs that are being \
      written are followed; nothing is changed.

        mvit-tui watch runs
        mvit-tui watch runs/20260101-120000-mobilevit_xxs /somewhere/tensorboard-logs
      """)

  @OptionGroup var interface: InterfaceOptions

  @Argument(help: ArgumentHelp("Folders that hold logs, at any depth.", valueName: "dir"))
  var folders: [String]

  func validate() throws {
    if folders.isEmpty { throw ValidationError("name a folder, for instance: mvit-tui watch runs") }
  }

  func run() async throws {
    for folder in folders {
      guard let status = try FileSystem.status(folder) else {
        throw Failure(.missingInput, "\(folder): there is no such folder; check the path")
      }
      guard status.kind == .folder else { throw Failure(.missingInput, "\(folder) is no folder; name the folder that the log lies in") }
    }
    guard InterfaceOptions.hasTerminal else {
      throw Failure(.usage, "watch needs a terminal; for a list of runs use `mvit-tui runs`")
    }
    let (options, problems, notices) = try interface.interface(.watching, place: folders.joined(separator: " "))
    let box = MessageBox()
    let signals = ClosingSignals(box)
    defer { withExtendedLifetime(signals) {} }
    let dashboard = try Interface(options, box: box, feed: nil) { $0.act(on: nil, box) }
    for problem in problems { box.put(.line(.init(time: Date().timeIntervalSince1970, kind: .warning, text: problem))) }
    for notice in notices { box.put(.line(.init(time: Date().timeIntervalSince1970, kind: .notice, text: notice))) }
    let follower = LogFollower(folders, box)
    defer { withExtendedLifetime(follower) {} }
    let (ending, _) = await dashboard.end()
    if let number = signals.received { throw ExitCode(128 + number) }
    if ending == .lost { throw ExitCode(128 + SIGHUP) }
  }
}

/// Lets SIGINT and SIGTERM close a dashboard that only looks; SIGHUP is told by the terminal itself.
private final class ClosingSignals: @unchecked Sendable {  // `number` is guarded by `lock`
  private let lock = NSLock()
  private var number: Int32?
  private var sources: [any DispatchSourceSignal] = []

  init(_ box: MessageBox) {
    let queue = DispatchQueue(label: "signals")
    sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler { [weak self] in
        self?.lock.withLock { self?.number = number }
        box.close()
      }
      source.activate()
      return source
    }
  }

  var received: Int32? { lock.withLock { number } }
}
