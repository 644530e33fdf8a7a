import CursesTerminal
import Dashboard
import Foundation
import RunHistory
import Terminal
import TrainingEvents

/// The dashboard on the terminal: one thread owns the terminal and the model; everything else reaches it as messages.
///
/// Nobody waits for it, and it waits for nobody: frames that the terminal does not take are left out, and a terminal that is
/// gone ends the thread while the run goes on.
final class Interface: Sendable {
  /// Why the dashboard ended.
  enum Ending: Sendable {
    /// Its user left it.
    case left
    /// The terminal is gone.
    case lost
    /// It was asked to go.
    case closed
  }

  struct Options: Sendable {
    var mode: DashboardModel.Mode
    var settings: DashboardSettings
    var themes: [Theme]
    var place: String
    /// The page that it opens with.
    var screen = Screen.overview
    /// Where stray output goes besides the log; nil for nowhere.
    var strayOutput: (@Sendable (String) -> Void)?
  }

  private let box: MessageBox
  private let ended = DispatchSemaphore(value: 0)
  private let outcome = Outcome()

  /// Written before `ended` is signalled, read after.
  private final class Outcome: @unchecked Sendable {
    var ending = Ending.closed
    var model: DashboardModel?
  }

  /// Takes over the terminal.
  ///
  /// - Parameters:
  ///   - feed: of the run that this process trains; nil when watching.
  ///   - act: does what the user asks of the run; on the dashboard's thread, so it must not block.
  /// - Throws: `TerminalError` where there is no terminal or it cannot show the interface.
  init(_ options: Options, box: MessageBox, feed: LiveFeed?, act: @escaping @Sendable (DashboardEffect) -> Void) throws {
    self.box = box
    let opened = DispatchSemaphore(value: 0)
    let failure = Failed()
    let (ended, outcome) = (ended, outcome)
    let thread = Thread {
      do {
        let capture = try StandardOutputCapture { line in
          options.strayOutput?(line)
          box.put(.line(History.Line(time: Date().timeIntervalSince1970, kind: .output, text: line)))
        }
        defer { capture.end() }
        let loop = try InterfaceLoop(options, box: box, feed: feed, act: act)
        opened.signal()
        let result = loop.run()
        outcome.ending = result.ending
        outcome.model = result.model
      } catch {
        failure.error = error
        opened.signal()
      }
      feed?.detach()
      ended.signal()
    }
    thread.name = "dashboard"
    thread.stackSize = 8 << 20
    thread.start()
    opened.wait()
    if let error = failure.error { throw error }
  }

  /// Written before `opened` is signalled, read after.
  private final class Failed: @unchecked Sendable { var error: (any Error)? }

  /// Asks the dashboard to go.
  func close() { box.close() }

  /// Returns when the terminal is as it was found. To be called once, never on a cooperative thread.
  ///
  /// - Returns: why it ended, and what it showed last.
  func waitForEnd() -> (Ending, DashboardModel?) {
    ended.wait()
    return (outcome.ending, outcome.model)
  }

  /// The same for those who must not block.
  func end() async -> (Ending, DashboardModel?) {
    await withCheckedContinuation { continuation in
      let thread = Thread { continuation.resume(returning: self.waitForEnd()) }
      thread.start()
    }
  }
}

/// What the dashboard's thread does: messages in, frames out.
private final class InterfaceLoop {
  private let session: TerminalSession
  private let box: MessageBox
  private let feed: LiveFeed?
  private let act: @Sendable (DashboardEffect) -> Void
  private var model: DashboardModel
  private var meter = LoadMeter()
  private var ending: Interface.Ending?

  /// Between two frames that only data asks for: five a second are calm to look at and cheap.
  private static let frameInterval = 0.2
  private static let tickInterval = 1.0

  init(
    _ options: Interface.Options, box: MessageBox, feed: LiveFeed?, act: @escaping @Sendable (DashboardEffect) -> Void
  ) throws {
    self.box = box
    self.feed = feed
    self.act = act
    session = try TerminalSession()
    model = DashboardModel(
      mode: options.mode, settings: options.settings, themes: options.themes, depth: session.depth, symbols: session.symbols,
      secondsFromGMT: TimeZone.current.secondsFromGMT(), place: options.place, screen: options.screen)
    let waker = session.waker
    box.onArrival { waker.wake() }
  }

  func run() -> (ending: Interface.Ending, model: DashboardModel) {
    defer { session.close() }
    update(.resize(session.size))
    var nextFrame = 0.0
    var nextTick = 0.0
    var mustDraw = true
    while ending == nil {
      let now = Self.uptime
      if now >= nextTick {
        nextTick = now + Self.tickInterval
        if let load = meter.read(at: now) { update(.system(load)) }
        update(.tick(Date().timeIntervalSince1970))
        mustDraw = true
      }
      if mustDraw || now >= nextFrame { takeMessages() }
      if mustDraw || (now >= nextFrame && isDirty) {
        session.symbols = model.look.symbols
        _ = session.draw(model.view())
        isDirty = false
        mustDraw = false
        nextFrame = Self.uptime + Self.frameInterval
      }
      let due = isDirty || hasNews ? min(nextFrame, nextTick) : nextTick
      switch session.nextEvent(within: .seconds(max(0, due - Self.uptime))) {
      case .key(let event):
        update(.key(event))
        mustDraw = true
      case .resize(let size):
        update(.resize(size))
        mustDraw = true
      case .resumed: mustDraw = true
      case .lost: ending = .lost
      case .wake: hasNews = true
      case nil: break
      }
      if box.mustClose {
        takeMessages()
        ending = ending ?? .closed
      }
    }
    return (ending ?? .closed, model)
  }

  private var isDirty = true
  /// Woken since the messages were taken last.
  private var hasNews = true

  private func takeMessages() {
    hasNews = false
    // A stop is put into the box before the events after it into the feed: taken the other way round and told first, it is
    // known when they are counted.
    let news = feed?.take()
    for message in box.take() { update(message) }
    for alert in box.takeAlerts() { session.alert(alert) }
    if let entries = news?.entries, !entries.isEmpty { update(.events(entries)) }
    if let insights = news?.insights, !insights.isEmpty { update(.insights(insights)) }
  }

  private func update(_ message: DashboardMessage) {
    isDirty = true
    for effect in model.update(message) {
      switch effect {
      case .leave: ending = .left
      case .redraw: session.redraw()
      case .want(let kinds): feed?.want(kinds)
      default: act(effect)
      }
    }
  }

  private static var uptime: Double { Double(DispatchTime.now().uptimeNanoseconds) * 1e-9 }
}
