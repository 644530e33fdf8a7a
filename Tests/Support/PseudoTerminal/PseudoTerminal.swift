import CPseudoTerminal
import Foundation
import Terminal

/// A program on a terminal that a test types on and looks at.
public final class PseudoTerminal {
  public enum Exit: Hashable, Sendable {
    case code(Int32)
    case signal(Int32)
  }

  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  public private(set) var screen: ScreenModel
  public let process: pid_t
  /// The terminal's modes before the program started, as comparable bytes.
  public let modesBefore: [UInt8]
  /// How the program ended; nil while it runs.
  public private(set) var exit: Exit?
  private var master: Int32 = -1
  private var slave: Int32 = -1

  /// - Parameter environment: the whole of it.
  public init(_ path: String, _ arguments: [String] = [], environment: [String: String], size: Size = Size(width: 80, height: 24)) throws {
    guard cpty_open(Int32(size.width), Int32(size.height), &master, &slave) else {
      throw Failure(description: "no pseudo-terminal could be opened: \(String(cString: strerror(errno)))")
    }
    screen = ScreenModel(size)
    modesBefore = Self.modes(of: slave)
    process = SpawningThread.shared.run { [master, slave] in
      var argv = ([path] + arguments).map { strdup($0) } + [nil]
      var envp = environment.map { strdup("\($0)=\($1)") } + [nil]
      defer { for pointer in argv + envp { free(pointer) } }
      return cpty_spawn(path, &argv, &envp, master, slave)
    }
    guard process > 0 else { throw Failure(description: "\(path) could not be started") }
  }

  deinit {
    if exit == nil {
      kill(process, SIGKILL)
      waitpid(process, nil, 0)
    }
    if master >= 0 { close(master) }
    close(slave)
  }

  /// The program beside the test's own executable.
  public static func builtProgram(_ name: String) -> String {
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    return URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent(name).path
  }

  // MARK: Typing

  public func type(_ text: String) { type(Array(text.utf8)) }

  public func type(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  public func send(_ signal: Int32) { kill(process, signal) }

  public func resize(_ size: Size) {
    screen.resize(size)
    _ = cpty_resize(master, Int32(size.width), Int32(size.height))
  }

  /// Takes the terminal away, as a window that is closed.
  public func hangUp() {
    close(master)
    master = -1
  }

  // MARK: Looking

  /// The terminal's modes as comparable bytes.
  public var modes: [UInt8] { Self.modes(of: slave) }

  private static func modes(of slave: Int32) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = cpty_modes(slave, &bytes, bytes.count)
    return Array(bytes.prefix(count))
  }

  /// Reads what the program writes until `test` holds.
  ///
  /// - Throws: `Failure` with the screen when that does not come about, however long is waited.
  public func wait(for what: String, seconds: Double = 240, until test: (ScreenModel) -> Bool) throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while !test(screen) {
      guard ContinuousClock.now < deadline else {
        throw Failure(description: "waited in vain for \(what); the screen:\n\(screen.text)")
      }
      if !pump(milliseconds: 100), pollExit() { break }
    }
    if !test(screen) {
      throw Failure(description: "the program ended before \(what): \(String(describing: exit)); the screen:\n\(screen.text)")
    }
  }

  /// Reads until the program ends.
  public func waitForExit(seconds: Double = 240) throws -> Exit {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while !pollExit() {
      guard ContinuousClock.now < deadline else { throw Failure(description: "the program did not end; the screen:\n\(screen.text)") }
      pump(milliseconds: 20)
    }
    while pump(milliseconds: 0) {}
    return exit!
  }

  /// Waits for the program to end without reading anything it writes.
  public func waitForExitWithoutReading(seconds: Double = 240) throws -> Exit {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while !pollExit() {
      guard ContinuousClock.now < deadline else { throw Failure(description: "the program did not end") }
      poll(nil, 0, 20)
    }
    return exit!
  }

  /// Waits, without reading anything that the program writes, until `test` holds; false if that does not come about.
  public func waitWithoutReading(seconds: Double = 240, until test: () -> Bool) throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while !test() {
      guard ContinuousClock.now < deadline, !pollExit() else { return false }
      poll(nil, 0, 20)
    }
    return true
  }

  private func pollExit() -> Bool {
    if exit != nil { return true }
    var status: Int32 = 0
    guard waitpid(process, &status, WNOHANG) == process else { return false }
    let signal = status & 0x7F
    exit = signal == 0 ? .code(status >> 8 & 0xFF) : .signal(signal)
    return true
  }

  /// Reads what is there or comes within the time; whether anything was.
  @discardableResult
  private func pump(milliseconds: Int32) -> Bool {
    guard master >= 0 else {
      poll(nil, 0, milliseconds)
      return false
    }
    var ready = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
    guard poll(&ready, 1, milliseconds) > 0 else { return false }
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = read(master, &buffer, buffer.count)
    guard count > 0 else { return false }
    screen.feed(buffer.prefix(count))
    if !screen.answers.isEmpty {
      type(screen.answers)
      screen.answers = []
    }
    return true
  }
}
