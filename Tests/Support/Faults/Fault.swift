import Files
import Foundation

/// One call of the room of files that fails, counted from the first.
package final class Fault: @unchecked Sendable {  // all is guarded by `lock`
  private let lock = NSLock()
  private let number: Int
  private let code: Int32
  private let call: SystemCall?
  private var count = 0

  private init(_ number: Int, _ code: Int32, _ call: SystemCall?) {
    self.number = number
    self.code = code
    self.call = call
  }

  /// - Parameter call: the only kind that counts; nil for all.
  package static func at(_ number: Int, _ code: Int32, of call: SystemCall? = nil) -> Fault { Fault(number, code, call) }

  /// Whether the program has come to the call.
  package var hasStruck: Bool { lock.withLock { count >= number } }

  @discardableResult
  package func run<Result>(_ body: () throws -> Result) rethrows -> Result {
    try SystemCall.$fault.withValue({ call, _ in self.strike(call) }, operation: body)
  }

  @discardableResult
  package func run<Result>(_ body: () async throws -> Result) async rethrows -> Result {
    try await SystemCall.$fault.withValue({ call, _ in self.strike(call) }, operation: body)
  }

  private func strike(_ call: SystemCall) -> Int32? {
    lock.withLock {
      guard self.call == nil || self.call == call else { return nil }
      count += 1
      return count == number ? code : nil
    }
  }
}
