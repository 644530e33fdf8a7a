import CursesTerminal
import Dispatch
import Foundation
import PseudoTerminal
import Terminal

/// Holds the terminal and does what a key says, the ways of ending included.
struct Probe {
  let arguments: [String]

  let theme: Theme

  init(_ arguments: [String]) {
    self.arguments = arguments
    theme = arguments.count > 1 ? Gallery.theme(arguments[1]) : .dark
  }

  func run() -> Int32 {
    let captured = CapturedLines()
    guard let capture = try? StandardOutputCapture(onLine: captured.add) else { return 71 }
    let session: TerminalSession
    do {
      session = try TerminalSession()
    } catch {
      capture.end()
      FileHandle.standardError.write(Data("terminal-probe: \(error)\n".utf8))
      return 70
    }
    let waker = session.waker
    // Lines that came before are in the first frame: it is drawn after this.
    captured.onArrival { waker.wake() }
    let interruption = Interruption(waker)
    var lines = ["ready \(session.size)", "\(session.depth) \(session.symbols.rawValue)"]
    var status: Int32 = 0
    loop: while true {
      if session.draw(screen(session, lines + captured.lines)) == .skipped { lines.append("skipped") }
      if let signal = interruption.received {
        status = 128 + signal
        break
      }
      guard let event = session.nextEvent(within: nil) else { continue }
      switch event {
      case .wake: break
      case .resize(let size): lines.append("size \(size)")
      case .resumed: lines.append("resumed")
      case .lost:
        status = Self.lost
        break loop
      case .key(let key):
        lines.append("key \(key)")
        if let code = act(key, session) {
          status = code
          break loop
        }
      }
    }
    session.close()
    capture.end()
    print("the end")
    return status
  }

  /// What a key does; a status ends the program.
  private func act(_ key: KeyEvent, _ session: TerminalSession) -> Int32? {
    switch key {
    case KeyEvent("q"): return 0
    case KeyEvent("e"): return 65
    case KeyEvent("x"): exit(3)
    case KeyEvent("a"): abort()
    case KeyEvent("s"): raise(SIGSEGV)
    case KeyEvent("t"): Self.trap([])
    case KeyEvent("o"): print("printed while the screen is up")
    case KeyEvent("f"): for frame in 0..<200 { _ = session.draw(flood(session, frame)) }
    case KeyEvent("r"): return showRandomScreens(session)
    default: break
    }
    return nil
  }

  /// Draws one random screen after another, then keeps the last until a key.
  ///
  /// - Returns: a status that ends the program, for a terminal that is gone meanwhile.
  private func showRandomScreens(_ session: TerminalSession) -> Int32? {
    for frame in 0..<RandomScreen.count {
      while session.draw(RandomScreen.grid(frame, session.size)) == .skipped {
        if session.nextEvent(within: nil) == .lost { return Self.lost }
      }
    }
    while true {
      switch session.nextEvent(within: nil) {
      case .key: return nil
      case .lost: return Self.lost
      case .wake, .resize, .resumed, nil: break
      }
    }
  }

  /// Status after the terminal went away.
  private static let lost: Int32 = 9

  private static func trap(_ numbers: [Int]) { print(numbers[numbers.count]) }

  private func screen(_ session: TerminalSession, _ lines: [String]) -> Grid {
    if arguments.first == "gallery" { return Gallery.grid(session.size, session.look(theme)) }
    var canvas = Canvas(session.size, look: session.look(.dark))
    let inside = canvas.box(Box("probe"), in: canvas.bounds)
    for (row, line) in lines.suffix(inside.height).enumerated() { canvas.text(line, in: inside.row(row), canvas.look[.text]) }
    return canvas.grid
  }

  /// A screen in which every cell changes from frame to frame.
  private func flood(_ session: TerminalSession, _ frame: Int) -> Grid {
    var canvas = Canvas(session.size, look: session.look(.dark))
    for y in 0..<session.size.height {
      for x in 0..<session.size.width {
        canvas.put(
          Unicode.Scalar(UInt8(33 + (x + y + frame) % 90)), x: x, y: y, Style(.rgb(UInt8(x % 256), UInt8(y % 256), UInt8(frame % 256))))
      }
    }
    return canvas.grid
  }
}

/// Lines from another thread; each wakes the loop that shows them.
final class CapturedLines: @unchecked Sendable {  // every member is guarded by `lock`
  private let lock = NSLock()
  private var stored: [String] = []
  private var wake: (@Sendable () -> Void)?

  /// Calls `wake` after each line from now on. The caller looks at `lines` afterwards, so earlier ones need no call.
  func onArrival(_ wake: @escaping @Sendable () -> Void) { lock.withLock { self.wake = wake } }

  @Sendable func add(_ line: String) {
    let wake = lock.withLock {
      stored.append("captured: \(line)")
      return self.wake
    }
    wake?()
  }

  var lines: [String] { lock.withLock { stored } }
}

/// SIGINT and SIGTERM as a composer takes them: through event sources, then a wake.
final class Interruption: @unchecked Sendable {
  private let lock = NSLock()
  private var signal: Int32?
  private var sources: [any DispatchSourceSignal] = []

  init(_ waker: TerminalWaker) {
    for number in [SIGINT, SIGTERM] {
      Foundation.signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { [self] in
        lock.withLock { signal = number }
        waker.wake()
      }
      // Until the source is registered the signal is ignored: without waiting, one that comes early would be lost.
      let registered = DispatchSemaphore(value: 0)
      source.setRegistrationHandler { registered.signal() }
      source.resume()
      registered.wait()
      sources.append(source)
    }
  }

  var received: Int32? { lock.withLock { signal } }
}
