import Names
import NumberFormats
import RunHistory
import Terminal
import TrainingEvents

extension DashboardModel {
  /// Takes a message.
  ///
  /// Nothing happens beyond the model itself: what the world is to do is returned.
  public mutating func update(_ message: DashboardMessage) -> [DashboardEffect] {
    switch message {
    case .events(let entries):
      for entry in entries { receive(entry) }
      return []
    case .insights(let insights):
      for insight in insights { receive(insight) }
      return []
    case .found(let names):
      history.number(names)
      return []
    case .logs(let news):
      for item in news { receive(item) }
      return []
    case .predictions(let report, let classes):
      predictions[Name(report.model)] = report
      storedClasses[Name(report.model)] = classes
      return []
    case .line(let line):
      history.say(line)
      return []
    case .system(let load):
      system = load
      processorLoad.append(load.busyProcessors)
      return []
    case .key(let event): return press(event)
    case .resize(let size):
      self.size = size
      return []
    case .stopped(let stretch):
      history.rest(stretch)
      return []
    case .tick(let time):
      now = time
      if let until = toast?.until, time >= until { toast = nil }
      return []
    }
  }

  private mutating func receive(_ entry: LiveFeed.Entry) {
    now = max(now, entry.time)
    let before = history.state
    history.receive(entry.event, at: entry.time)
    switch entry.event {
    case .state(let state): overtake(by: state, after: before)
    case .diverged(let model, _, let step): say("\(model) diverged at step \(step)", .bad, seconds: 30)
    case .warning(let text): say(text, .warning, seconds: 10)
    case .evaluation(let evaluation) where evaluation.isBest && history.model(named: evaluation.model) != nil:
      say("\(evaluation.model): best so far, \(NumberFormat.percent(2).text(Double(evaluation.accuracy)))", .good)
    case .checkpoint(let checkpoint) where checkpoint.kind == .latest: say("checkpoint saved at step \(checkpoint.step)", .accent)
    case .end(let reason): say("the run is over: \(reason.label); q closes", reason == .finished ? .good : .warning, seconds: 30)
    default: break
    }
  }

  private mutating func receive(_ insight: TrainingInsight) {
    switch insight {
    case .costs(let costs): history.receive(costs)
    case .data(let summary): data = summary
    case .step(let breakdown): breakdowns[Name(breakdown.model)] = breakdown
    case .batch(let batch): batches[Name(batch.model)] = batch
    case .predictions(let report): predictions[Name(report.model)] = report
    }
  }

  private mutating func receive(_ news: LogNews) {
    if news.isRestart { history.restart(news.name) }
    if !news.records.isEmpty || news.resumedAt != nil {
      history.receive(news.records, of: news.name, sessions: news.resumedAt, at: now)
    }
    for problem in news.problems {
      history.say(History.Line(time: now, kind: .warning, text: problem))
      say(problem, .warning, seconds: 10)
    }
  }

  /// Takes away the message that announced what has now happened.
  private mutating func overtake(by state: RunState, after before: RunState) {
    switch (toast?.announced, state) {
    case (.pause, .paused), (.resumption, .training), (.resumption, .evaluating): toast = nil
    // The trainer tells its state after each checkpoint that was asked for, and only of a folder that is new. A state that it
    // goes over to is no such answer, but for a pause, before which it saves.
    case (.checkpoint, .training) where state == before, (.checkpoint, .evaluating) where state == before, (.checkpoint, .paused):
      say("the checkpoint of this step is saved already")
    default: break
    }
  }

  /// Shows a sentence for a while.
  mutating func say(_ text: String, _ key: ThemeKey = .accent, seconds: Double = 4) {
    toast = ToastState(text: text, key: key, until: now + seconds)
  }

  /// Shows a sentence until what it says has come to pass, or another message or a key takes its place.
  mutating func announce(_ announced: ToastState.Announced, _ text: String, _ key: ThemeKey = .accent) {
    toast = ToastState(text: text, key: key, until: .infinity, announced: announced)
  }

  /// The insights that the present screen shows.
  var wantedInsights: Set<TrainingInsight.Kind> {
    switch screen {
    case .data: [.costs, .data, .step, .batch, .predictions]
    case .predictions: [.costs, .data, .step, .predictions]
    default: [.costs, .data, .step, .predictions]
    }
  }
}
