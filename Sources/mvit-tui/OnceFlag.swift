import Foundation

/// A flag that one thread sets, once, and others read.
final class OnceFlag: @unchecked Sendable {  // `value` is guarded by `lock`
  private let lock = NSLock()
  private var value = false

  var isSet: Bool { lock.withLock { value } }

  func set() { lock.withLock { value = true } }
}
