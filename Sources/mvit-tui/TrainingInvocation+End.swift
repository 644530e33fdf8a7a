import Configuration
import CursesTerminal
import Foundation
import SystemText
import Training
import TrainingEvents

/// What is done once a run is over.
extension TrainingInvocation {
  /// Shows where the run lies and what comes next: on standard output, or beside the JSON lines on standard error.
  func showEnding(_ ending: RunEnding, _ control: RunControl) {
    let output = json ? TextOutput(descriptor: STDERR_FILENO, name: "standard error") { _ in true } : Self.output(control)
    // The run is over and on disk; a full disk behind standard output changes nothing about it.
    for line in [ending.place] + ending.next { try? output.write(line.plainLine + "\n") }
  }

  /// Calls the user and runs the command of `--on-end`, once all of the run is on disk.
  ///
  /// - Parameter box: of the dashboard, where one has the terminal.
  func close(
    _ plan: RunPlan, _ result: Swift.Result<EndReason, any Error>, _ signals: SignalWatch, under box: MessageBox? = nil
  ) async {
    let outcome = RunOutcome(plan.run, result) { try plan.divergence() }
    if outcome.isUsageError { return }
    ring(outcome, box)
    guard let command = plan.run.configuration.onEnd else { return }
    let end = EndCommand(command: command, variables: outcome.variables, output: json ? STDERR_FILENO : STDOUT_FILENO)
    if let problem = await end.run(signals) { StandardStreams.complain(problem) }
  }

  private func ring(_ outcome: RunOutcome, _ box: MessageBox?) {
    let bytes: [UInt8]
    switch settings.bell {
    case .none: return
    case .bell: bytes = TerminalAlert.bell
    case .notify:
      let text = "mvit-tui: \(outcome.kind.rawValue), \(outcome.message)"
      bytes = TerminalAlert.notification(text, environment: ProcessInfo.processInfo.environment)
    }
    if let box { return box.put(alert: bytes) }
    let isOutput = !json && StandardStreams.isOutputTerminal
    guard isOutput || StandardStreams.isErrorTerminal else { return }
    let output = TextOutput(descriptor: isOutput ? STDOUT_FILENO : STDERR_FILENO, name: "the terminal") { _ in true }
    try? output.write(String(decoding: bytes, as: UTF8.self))
  }
}
