import Dashboard
import Foundation
import Tensors

/// Measures what this process takes of the machine, from /proc.
struct LoadMeter {
  private let limits = SystemLimits.read()
  private let ticksPerSecond = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
  private let pageSize = Double(max(1, sysconf(Int32(_SC_PAGESIZE))))
  private var last: (time: Double, busy: Double)?

  /// The load since the last call; nil at the first, or without /proc.
  ///
  /// - Parameter time: in seconds.
  mutating func read(at time: Double) -> SystemLoad? {
    guard let busy = busySeconds, let memory = residentBytes else { return nil }
    defer { last = (time, busy) }
    guard let last, time > last.time else { return nil }
    return SystemLoad(
      busyProcessors: max(0, busy - last.busy) / (time - last.time), processors: limits.processors, memoryBytes: memory,
      memoryLimit: Double(limits.memoryLimit))
  }

  private var busySeconds: Double? {
    guard let text = Self.text("/proc/self/stat"), let end = text.lastIndex(of: ")") else { return nil }
    // After the name, which may hold spaces: state is field 3, utime 14, stime 15.
    let fields = text[text.index(after: end)...].split(separator: " ")
    guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return nil }
    return (user + system) / ticksPerSecond
  }

  private var residentBytes: Double? {
    guard let text = Self.text("/proc/self/statm") else { return nil }
    let fields = text.split(separator: " ")
    return fields.count > 1 ? Double(fields[1]).map { $0 * pageSize } : nil
  }

  private static func text(_ path: String) -> String? {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
  }
}
