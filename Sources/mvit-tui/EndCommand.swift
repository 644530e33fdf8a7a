import Foundation
import Glibc
import SystemText

/// The command of `--on-end`.
struct EndCommand {
  let command: String
  /// Variables beside those of this process.
  let variables: [(name: String, value: String)]
  /// Where its standard output goes: where lines for people go.
  let output: Int32

  /// Runs the command to its end, on a thread of its own. A second signal kills it.
  ///
  /// - Returns: what went wrong, as a sentence; nil if nothing did.
  func run(_ signals: SignalWatch) async -> String? {
    await withCheckedContinuation { continuation in
      let thread = Thread { continuation.resume(returning: runBlocking(signals)) }
      thread.start()
    }
  }

  private func runBlocking(_ signals: SignalWatch) -> String? {
    let group = CommandGroup()
    // Before the start, so that a signal right after it kills the command.
    signals.waitsForCommand { group.kill() }
    defer { signals.waitsForCommand(nil) }
    var process = pid_t()
    let code = spawn(&process)
    guard code == 0 else {
      return "--on-end: /bin/sh cannot be started (\(String(cString: strerror(code)))); check the limits of processes and memory"
    }
    group.begin(process)
    var status = Int32()
    while waitpid(process, &status, 0) < 0 {
      guard errno == EINTR else { return "--on-end: the command cannot be waited for (\(String(cString: strerror(errno))))" }
    }
    let signal = status & 0x7F
    if signal != 0 { return "--on-end: the command was ended by signal \(signal)" }
    let exit = status >> 8 & 0xFF
    return exit == 0 ? nil : "--on-end: the command ended with code \(exit)"
  }

  /// `POSIX_SPAWN_SETSID` of glibc and musl, which Swift does not import.
  private static let newSession: Int32 = 0x80

  /// Starts the shell in a session of its own, with all signals at their defaults.
  ///
  /// Ctrl-C then reaches this process alone, and a signal to the group reaches all that the command started. The session has no
  /// terminal: a password prompt of ssh or sudo fails, where the terminal would stop a background process for good.
  private func spawn(_ process: inout pid_t) -> Int32 {
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(Self.newSession | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    if output != STDOUT_FILENO { posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO) }
    return Self.withStrings(["/bin/sh", "-c", command].map(\.systemBytes)) { arguments in
      Self.withStrings(environment) { posix_spawn(&process, "/bin/sh", &actions, &attributes, arguments, $0) }
    }
  }

  private var environment: [[UInt8]] {
    let own = Set(variables.map(\.name))
    var result = variables.map { Array("\($0.name)=".utf8) + $0.value.systemBytes }
    var place = environ
    while let entry = place.pointee {
      let bytes = UnsafeBufferPointer(start: entry, count: strlen(entry)).map(UInt8.init(bitPattern:))
      if !own.contains(String(decoding: bytes.prefix { $0 != UInt8(ascii: "=") }, as: UTF8.self)) { result.append(bytes) }
      place += 1
    }
    return result
  }

  /// Calls `body` with the texts as C has them: pointers to each, and nil.
  private static func withStrings<Result>(
    _ texts: [[UInt8]], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    let copies = texts.map { text in
      (text + [0]).withUnsafeBufferPointer { bytes in strdup(UnsafeRawPointer(bytes.baseAddress!).assumingMemoryBound(to: CChar.self)) }
    }
    defer { for copy in copies { free(copy) } }
    return (copies + [nil]).withUnsafeBufferPointer { body($0.baseAddress!) }
  }
}

/// The process group of a command, killed as soon as it exists.
private final class CommandGroup: @unchecked Sendable {  // both members are guarded by `lock`
  private let lock = NSLock()
  private var process: pid_t?
  private var isDoomed = false

  func begin(_ process: pid_t) {
    lock.withLock { self.process = process }
    if lock.withLock({ isDoomed }) { kill() }
  }

  func kill() {
    let process = lock.withLock { () -> pid_t? in
      isDoomed = true
      return self.process
    }
    if let process { Glibc.kill(-process, SIGKILL) }
  }
}
