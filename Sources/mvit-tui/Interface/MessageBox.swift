import Dashboard
import Foundation

/// Messages from other threads on their way to the dashboard's.
final class MessageBox: @unchecked Sendable {  // every member is guarded by `lock`
  private let lock = NSLock()
  private var messages: [DashboardMessage] = []
  private var alerts: [[UInt8]] = []
  private var isClosing = false
  private var wake: (@Sendable () -> Void)?

  /// Sets the function to call when something was put in, and calls it for messages that came before.
  func onArrival(_ wake: @escaping @Sendable () -> Void) {
    let hasNews = lock.withLock {
      self.wake = wake
      return !messages.isEmpty || isClosing
    }
    if hasNews { wake() }
  }

  func put(_ message: DashboardMessage) {
    let wake = lock.withLock { () -> (@Sendable () -> Void)? in
      messages.append(message)
      return messages.count == 1 ? self.wake : nil
    }
    wake?()
  }

  /// Asks the terminal to call its user.
  func put(alert bytes: [UInt8]) {
    let wake = lock.withLock { () -> (@Sendable () -> Void)? in
      alerts.append(bytes)
      return self.wake
    }
    wake?()
  }

  func takeAlerts() -> [[UInt8]] {
    lock.withLock {
      defer { alerts = [] }
      return alerts
    }
  }

  /// Something arrived elsewhere.
  func ring() { lock.withLock { wake }?() }

  func take() -> [DashboardMessage] {
    lock.withLock {
      defer { messages = [] }
      return messages
    }
  }

  /// Asks the dashboard to go, whatever its user thinks.
  func close() {
    let wake = lock.withLock { () -> (@Sendable () -> Void)? in
      isClosing = true
      return self.wake
    }
    wake?()
  }

  var mustClose: Bool { lock.withLock { isClosing } }
}

extension DashboardMessage {
  /// The process was stopped for so long until now.
  static func stopped(forSeconds seconds: Double) -> Self {
    let now = Date().timeIntervalSince1970
    return .stopped(now - seconds...now)
  }
}
