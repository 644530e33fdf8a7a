import ArgumentParser
import Configuration
import CursesTerminal
import Dashboard
import Files
import Foundation
import ImageData
import SystemText
import Training
import TrainingEvents

/// A run of `train` or `compare`, with what its flags say.
struct TrainingInvocation {
  let settings: Settings

  private var resume: Bool { settings.resume }
  var json: Bool { settings.json }

  /// Trains.
  ///
  /// - Parameter models: names to be trained side by side; nil for the one of the flags.
  func train(_ models: [String]? = nil, screen: Screen = .overview) async throws {
    try InterfaceOptions.check(theme: settings.theme)
    let plan = try RunPlan(settings, models: models)
    defer { plan.leave() }
    guard let start = try plan.start() else {
      for sentence in try plan.finish() { try announce(sentence) }
      return
    }
    let control = RunControl()
    let signals = SignalWatch(control)
    defer { withExtendedLifetime(signals) {} }
    let showsDashboard = !settings.noUI && !json && InterfaceOptions.hasTerminal
    let reason: EndReason
    if showsDashboard {
      reason = try await trainShown(start, plan, control, signals, screen)
    } else {
      reason = try await trainUnseen(start, plan, control, signals)
    }
    switch reason {
    case .finished, .stopped: return
    case .signal(let number): throw ExitCode(128 + number)
    case .diverged: throw try plan.divergence()
    case .failed(let sentence): throw Failure(.internal, sentence)
    }
  }

  /// Trains with lines for people or for programs.
  private func trainUnseen(
    _ start: RunPlan.Start, _ plan: RunPlan, _ control: RunControl, _ signals: SignalWatch
  ) async throws -> EndReason {
    let result = await attempt { try await trainInLines(start, plan, control) }
    await close(plan, result, signals)
    return try result.get()
  }

  private func trainInLines(_ start: RunPlan.Start, _ plan: RunPlan, _ control: RunControl) async throws -> EndReason {
    try StandardStreams.checkOutput()
    let result = try await train(start, plan, control, clock: .atWork())
    defer { showEnding(RunEnding(plan.run, end: result.reason, data: result.data, given: settings), control) }
    guard let outcome = try outcome(of: result, plan) else { return result.reason }
    let report: String
    do {
      report = try outcome.writeReport()
    } catch  where result.reason.isSignal {
      StandardStreams.complain("the comparison's report cannot be written: \(error)")
      return result.reason
    }
    let output = Self.output(control)
    if !json { for line in outcome.summary { try output.write(line + "\n") } }
    let sentence = "the comparison is in \(report)"
    if json { StandardStreams.complain(sentence) } else { try output.write(sentence + "\n") }
    return result.reason
  }

  private struct Result: Sendable {
    var reason: EndReason
    var costs: [ModelCosts] = []
    /// nil where the run ended before it had looked at them.
    var data: TrainingData?
  }

  /// nil where nothing was compared, or the run came to no good end.
  private func outcome(of result: Result, _ plan: RunPlan) throws -> ComparisonOutcome? {
    guard plan.names.count > 1, !result.costs.isEmpty else { return nil }
    switch result.reason {
    case .finished, .stopped, .diverged, .signal: break
    case .failed: return nil
    }
    return try ComparisonOutcome(
      plan.run, costs: result.costs, end: result.reason, target: PreferencesFile.load().settings.targetAccuracy)
  }

  /// - Parameters:
  ///   - clock: of work.
  ///   - feed: of the dashboard, which then has the terminal.
  private func train(
    _ start: RunPlan.Start, _ plan: RunPlan, _ control: RunControl, clock: RunClock, feed: LiveFeed? = nil
  ) async throws -> Result {
    let folder = plan.folder
    let console = console(control)
    feed?.receive(.state(.preparing))
    if settings.onEnd == nil, let command = plan.run.configuration.onEnd {
      // The configuration may be another person's, and the command runs however the run ends: also where the images are refused.
      let notice = TrainingEvent.notice("on-end of the configuration: /bin/sh will run \(command)")
      if let feed { feed.receive(notice) } else { try console().receive(notice) }
    }
    let data: TrainingData
    let leftOut: [ImageError]
    do {
      (data, leftOut) = try start.loadData(run: plan.folder) { !control.isStopping }
    } catch is CancellationError {
      return Result(reason: control.stopReason ?? .stopped)
    }
    if let reason = control.stopReason { return Result(reason: reason) }
    let shared = settings.allowDuplicates ? nil : start.sharedImages(in: data) { !control.isStopping }
    if let reason = control.stopReason { return Result(reason: reason) }
    let notices = [plan.notice, noticeOfShare(data.folder)].compactMap { $0 }.map(TrainingEvent.notice)
    let warnings = (leftOut.map { "left out \($0)" } + [shared].compactMap { $0 }).map(TrainingEvent.warning)
    for event in notices + warnings {
      if let feed { feed.receive(event) } else { try console().receive(event) }
    }
    let lock = try start.open(folder)
    defer { withExtendedLifetime(lock) {} }
    var job = try start.job(data, folder, lock: lock, clock: clock)
    let faster = try start.faster(given: settings, classes: data.folder.classNames.count)
    job.advice = { faster.lines(seconds: $0) }
    let trainer = Trainer(job, control: control, feed: feed)
    do {
      let reason = try await trainer.run {
        let lines: [any TrainingEventSink] = json ? [JSONLinesSink(Self.output(control))] : []
        return [CheckpointAdvice(folder)] + lines + (feed == nil ? [console()] : [])
      }
      return Result(reason: reason, costs: await trainer.costs, data: data)
    } catch {
      // What is at the path now may be another process's.
      if !resume && lock.isInPlace { folder.removeIfUnused() }
      throw error
    }
  }

  /// That the share given as a flag is without effect; nil where it has one.
  private func noticeOfShare(_ folder: ImageFolder) -> String? {
    guard settings.evalFraction != nil, !folder.isSplit else { return nil }
    return "\(settings.place(of: \.evalFraction)) has no effect: \(folder.path) has an evaluation part of its own"
  }

  /// Trains under the dashboard. It stays after the run's end until its user leaves it; a terminal that goes away ends it and
  /// the run goes on.
  private func trainShown(
    _ start: RunPlan.Start, _ plan: RunPlan, _ control: RunControl, _ signals: SignalWatch, _ screen: Screen
  ) async throws -> EndReason {
    let folder = plan.folder
    let isOver = OnceFlag()
    let (options, problems, notices) = try InterfaceOptions.interface(
      settings.theme, .training, place: folder.path, screen: screen
    ) { line in
      // The folder may not exist yet. After the run its lock is released, and its files may be another process's.
      if !isOver.isSet, !FileSystem.isMissing(folder.consoleFile) {
        try? TextOutput(appendingTo: folder.consoleFile).write(line.plainLine + "\n")
      }
    }
    let box = MessageBox()
    let clock = RunClock.atWork { box.put(.stopped(forSeconds: $0)) }
    let feed = LiveFeed(clock: clock.wallTime, wake: { box.ring() })
    let dashboard: Interface
    do {
      dashboard = try Interface(options, box: box, feed: feed) { $0.act(on: control, box) }
    } catch let error as TerminalError {
      StandardStreams.complain("\(error)")
      return try await trainUnseen(start, plan, control, signals)
    }
    if resume {
      for news in plan.run.loggedSoFar() { box.put(.logs([news])) }
      for message in plan.run.predictionsSoFar() { box.put(message) }
    }
    for problem in problems { feed.receive(.warning(problem)) }
    for notice in notices { feed.receive(.notice(notice)) }
    let result = await attempt { try await train(start, plan, control, clock: clock, feed: feed) }
    isOver.set()
    signals.runIsOver { dashboard.close() }
    var report: String?
    switch result {
    case .success(let end):
      do {
        report = try outcome(of: end, plan)?.writeReport()
        if let report { feed.receive(.notice("the comparison is in \(report)")) }
      } catch {
        feed.receive(.warning("the comparison's report cannot be written: \(error)"))
      }
    case .failure(let error):
      // Errors before the trainer took over are known to nobody else.
      feed.receive(.end(.failed("\(Failure(error).sentence)")))
    }
    let isLeaving = if case .success(let end) = result { end.reason.isAsked } else { false }
    // A dashboard that stays may be looked at hours later.
    if isLeaving { dashboard.close() } else { await close(plan, result.map(\.reason), signals, under: box) }
    let (_, model) = await dashboard.end()
    if isLeaving { await close(plan, result.map(\.reason), signals) }
    for line in model?.summary ?? [] { try? StandardStreams.say(line) }
    if let report { try? StandardStreams.say("the comparison is in \(report)") }
    let end = try result.get()
    // The summary above has said where the run lies, if there was a dashboard to the end.
    let ending = RunEnding(plan.run, end: end.reason, data: end.data, given: settings)
    let isSaid = ending.hasRun && model?.summary.isEmpty == false
    for line in (isSaid ? [] : [ending.place]) + ending.next { try? StandardStreams.say(line) }
    let reason = end.reason
    // What a signal closed ends as signals end, though the run itself was done.
    if reason == .finished, let number = signals.received { return .signal(number) }
    return reason
  }

  private func attempt<Value: Sendable>(_ body: () async throws -> Value) async -> Swift.Result<Value, any Error> {
    do { return .success(try await body()) } catch { return .failure(error) }
  }

  /// Lines for people: on standard output, or beside the JSON lines on standard error.
  private func console(_ control: RunControl) -> @Sendable () -> any TrainingEventSink {
    let isTerminal = json ? StandardStreams.isErrorTerminal : StandardStreams.isOutputTerminal
    let descriptor = json ? STDERR_FILENO : STDOUT_FILENO
    let columns = isTerminal ? StandardStreams.columns(descriptor) : nil
    let showsSteps = !json || isTerminal
    let isJSON = json
    return {
      let output =
        isJSON
        ? TextOutput(descriptor: STDERR_FILENO, name: "standard error") { _ in true }
        : Self.output(control)
      return ConsoleSink(output, columns: columns, showsSteps: showsSteps, clock: .system)
    }
  }

  /// Standard output. A reader that goes away ends the run as SIGTERM does; a terminal that goes away ends nothing.
  static func output(_ control: RunControl) -> TextOutput {
    TextOutput(descriptor: STDOUT_FILENO, name: "standard output") { code in
      if code == EPIPE { control.stop(.signal(SIGTERM)) }
      return code == EPIPE || code == EIO
    }
  }

  private func announce(_ sentence: String) throws {
    if json { StandardStreams.complain(sentence) } else { try StandardStreams.say(sentence) }
  }
}

extension EndReason {
  fileprivate var isSignal: Bool { if case .signal = self { true } else { false } }
  /// Whether somebody asked for the end.
  fileprivate var isAsked: Bool { isSignal || self == .stopped }
}
