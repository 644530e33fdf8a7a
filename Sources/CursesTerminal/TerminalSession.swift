import CCurses
import Foundation
import Terminal

/// The terminal while the interface is on it: events in, frames out.
///
/// Belongs to the one thread that makes it; other threads use its `waker`. Nothing here blocks for long: events are awaited with poll,
/// frames that the terminal does not take are skipped. Whatever ends the process, the terminal is restored: `close`, `exit`, a trap
/// (from its handler); on SIGINT and SIGTERM whoever handles them closes the session.
///
/// ```swift
/// let session = try TerminalSession()
/// defer { session.close() }
/// var model = Model(size: session.size, look: session.look(theme))
/// while !model.isDone {
///   _ = session.draw(view(model))
///   if let event = session.nextEvent(within: nil) { model = update(model, event) }
/// }
/// ```
public final class TerminalSession {
  public let waker = TerminalWaker()
  public private(set) var size: Size
  /// How many colours the terminal shows.
  public let depth: ColorDepth
  /// Which characters it shows, as far as that can be found out; what is set goes.
  public var symbols: SymbolSet {
    didSet {
      guard symbols != oldValue else { return }
      encoder.encodesUTF8 = symbols != .ascii
      shown = nil
    }
  }

  private let fd: Int32
  private let wakeFD: Int32
  private let terminal: TerminalDescription
  /// Milliseconds that a frame may take to go out before it waits and the next are skipped.
  private static let patience: Int32 = 50
  private var encoder: ScreenEncoder
  private var decoder: KeyDecoder
  private var output: TerminalOutput
  /// What the terminal shows once its output has gone out; nil where unknown.
  private var shown: Grid?
  private var events: [TerminalEvent] = []
  private var state = State.active
  private var isLost = false
  private var lastInput = ContinuousClock.now

  private enum State {
    case active
    /// In the background: the terminal belongs to others.
    case detached
    case closed
  }

  /// Takes over the controlling terminal.
  ///
  /// - Parameter environment: tells the terminal's kind, colours and characters.
  /// - Throws: `TerminalError` where there is none or it cannot show the interface; then nothing has been changed.
  public init(environment: [String: String] = ProcessInfo.processInfo.environment) throws(TerminalError) {
    fd = ccurses_open_terminal()
    guard fd >= 0 else { throw .noTerminal("there is no terminal (\(String(cString: strerror(errno)))); use --no-ui") }
    do throws(TerminalError) {
      let name = environment["TERM"] ?? ""
      terminal = try TerminalDescription(name: name, environment: environment, fd: fd)
      wakeFD = ccurses_wake_pipe()
      guard wakeFD >= 0 else { throw .unusable("no pipe could be opened (\(String(cString: strerror(errno))))") }
      guard ccurses_save_modes(fd) else { throw .noTerminal("the terminal's modes cannot be read; use --no-ui") }
    } catch {
      Foundation.close(fd)
      throw error
    }
    depth = terminal.depth
    size = Self.size(of: fd)
    output = TerminalOutput(fd: fd)
    decoder = KeyDecoder(sequences: terminal.keySequences())
    ccurses_restore_at_exit()
    ccurses_install_signals()
    ccurses_install_traps()
    ccurses_enter_raw(fd)
    // What the terminal shows is asked of it where the environment does not say, which takes raw modes.
    symbols = CharacterSupport.symbols(environment: environment, terminal: terminal.name, fd: fd)
    encoder = ScreenEncoder(terminal: terminal, depth: depth, encodesUTF8: symbols != .ascii)
    enter()
  }

  deinit { close() }

  /// The theme as this terminal can show it.
  public func look(_ theme: Theme) -> Look { Look(theme: theme, depth: depth, symbols: symbols) }

  // MARK: Frames

  /// Shows a grid, writing only the cells that changed.
  public func draw(_ grid: Grid) -> DrawResult {
    guard case .active = state, !isLost else { return .unavailable }
    output.flush(patience: 0)
    guard !output.isWaiting, grid.size == size else { return .skipped }
    let difference = GridDifference(from: shown, to: grid)
    if !difference.isEmpty {
      output.write(encoder.encode(difference, of: grid), patience: Self.patience)
      shown = grid
    }
    if output.isLost { lose() }
    return output.isLost ? .unavailable : .shown
  }

  /// Sends bytes that change no cell, such as `TerminalAlert`'s, between two frames.
  public func alert(_ bytes: [UInt8]) {
    guard case .active = state, !isLost else { return }
    output.write(bytes, patience: Self.patience)
    if output.isLost { lose() }
  }

  /// The next frame is drawn whole, whatever the terminal shows: for a key that cleans up after others' output.
  public func redraw() { shown = nil }

  // MARK: Events

  /// Waits for the next event, without limit or for at most `limit`.
  ///
  /// - Returns: nil when the time is over.
  public func nextEvent(within limit: Duration? = nil) -> TerminalEvent? {
    let deadline = limit.map { ContinuousClock.now + $0 }
    while true {
      if !events.isEmpty { return events.removeFirst() }
      if case .closed = state { return nil }
      let left = deadline.map { max(.zero, $0 - ContinuousClock.now) }
      let (terminalReady, wakeReady) = wait(atMost: left)
      if wakeReady { takeCodes() }
      if terminalReady != 0 { serveTerminal(terminalReady) }
      if !wakeReady && terminalReady == 0 {
        if decoder.isAmbiguous, ContinuousClock.now - lastInput >= Self.escapeTime { take(decoder.flush()) }
        if case .detached = state { attachIfForeground() }
      }
      if events.isEmpty, let deadline, ContinuousClock.now >= deadline { return nil }
    }
  }

  /// How long after an escape the rest of a key's sequence may take.
  private static let escapeTime = Duration.milliseconds(40)
  /// A shell moves a running job to the foreground without telling it.
  private static let foregroundCheck = Duration.seconds(1)

  private func wait(atMost left: Duration?) -> (terminal: Int16, wake: Bool) {
    var limit = left
    func shorten(_ other: Duration) { limit = min(limit ?? other, other) }
    var wanted = Int16(POLLIN) | (output.isWaiting ? Int16(POLLOUT) : 0)
    if decoder.isAmbiguous { shorten(Self.escapeTime) }
    if case .detached = state {
      shorten(Self.foregroundCheck)
      // What is typed is not for us; that the terminal goes away is told all the same.
      wanted = 0
    }
    var files = [pollfd(fd: isLost ? -1 : fd, events: wanted, revents: 0), pollfd(fd: wakeFD, events: Int16(POLLIN), revents: 0)]
    let ready = poll(&files, 2, limit.map { $0.milliseconds } ?? -1)
    return ready > 0 ? (files[0].revents, files[1].revents != 0) : (0, false)
  }

  private func serveTerminal(_ ready: Int16) {
    if case .detached = state { return lose() }
    if ready & Int16(POLLOUT) != 0 {
      output.flush(patience: 0)
      if output.isLost { return lose() }
      // A frame may have been skipped meanwhile: whoever draws should know that there is room again.
      if !output.isWaiting { append(.wake) }
    }
    guard ready & Int16(POLLIN | POLLHUP | POLLERR | POLLNVAL) != 0 else { return }
    var buffer = [UInt8](repeating: 0, count: 1024)
    let count = read(fd, &buffer, buffer.count)
    if count > 0 {
      lastInput = .now
      take(decoder.decode(buffer.prefix(count)))
    } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
      lose()
    }
  }

  private func take(_ keys: [KeyEvent]) {
    for key in keys {
      if key == .control("z") { suspend() } else { events.append(.key(key)) }
    }
  }

  private func takeCodes() {
    var buffer = [UInt8](repeating: 0, count: 256)
    let count = max(0, read(wakeFD, &buffer, buffer.count))
    let codes = Set(buffer.prefix(count).map(Int.init))
    if codes.contains(ccurses_code_hang_up) { lose() }
    if codes.contains(ccurses_code_continue) { goOn() }
    if codes.contains(ccurses_code_resize) { checkSize() }
    if codes.contains(ccurses_code_stop) { suspend() }
    if codes.contains(ccurses_code_wake) { append(.wake) }
  }

  private func append(_ event: TerminalEvent) {
    if events.last != event { events.append(event) }
  }

  private func lose() {
    guard !isLost else { return }
    isLost = true
    output.discard()
    // A hang-up may be told of a terminal that lives on; one that is gone takes no harm.
    ccurses_restore()
    events.append(.lost)
  }

  // MARK: Size

  private func checkSize() {
    let now = Self.size(of: fd)
    guard now != size else { return }
    size = now
    shown = nil
    // Only the last of a storm of sizes is worth drawing for.
    events.removeAll { if case .resize = $0 { true } else { false } }
    events.append(.resize(now))
  }

  private static func size(of fd: Int32) -> Size {
    var (width, height) = (Int32(0), Int32(0))
    guard ccurses_size(fd, &width, &height), width > 0, height > 0 else { return Size(width: 80, height: 24) }
    return Size(width: Int(width), height: Int(height))
  }

  // MARK: Coming and going

  private func enter() {
    ccurses_enter_raw(fd)
    let start = terminal.bytes("smcup") + terminal.mouseOff + terminal.bytes("smkx") + terminal.bytes("civis") + terminal.bytes("clear")
    let end = terminal.restoring
    ccurses_arm(fd, end, end.count)
    output.write(start, patience: Self.patience)
    shown = nil
    state = .active
  }

  /// Restores the terminal, stops the job, and takes the terminal again when it goes on; Ctrl-Z and SIGTSTP do it by themselves.
  public func suspend() {
    guard case .active = state, !isLost else { return }
    output.flush(patience: 100)
    output.discard()
    ccurses_restore()
    state = .detached
    ccurses_stop_job()
    attachIfForeground()
  }

  /// After SIGCONT, whoever stopped us.
  private func goOn() {
    if case .active = state {
      // Stopped without a word (SIGSTOP): the shell has changed the modes meanwhile and we could not restore them.
      ccurses_disarm()
      output.discard()
      state = .detached
    }
    attachIfForeground()
  }

  private func attachIfForeground() {
    guard case .detached = state, !isLost, ccurses_is_foreground(fd) else { return }
    enter()
    events.append(.resumed)
    checkSize()
  }

  /// Restores the terminal, if a session has it, from any thread and whatever the session is doing: for the last moments of a
  /// process that does not end by `exit`.
  public static func restoreAtOnce() { ccurses_restore() }

  /// Leaves the terminal as it was found. Closing twice does nothing.
  public func close() {
    if case .closed = state { return }
    if !isLost { output.flush(patience: 100) }
    ccurses_restore()
    ccurses_remove_traps()
    ccurses_remove_signals()
    Foundation.close(fd)
    state = .closed
  }
}

extension Duration {
  /// Whole milliseconds, rounded up, so that waiting for a deadline does not spin in its last one.
  var milliseconds: Int32 {
    Int32(clamping: components.seconds * 1000 + (components.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
  }
}
