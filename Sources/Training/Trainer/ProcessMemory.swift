import Foundation

/// The memory of this process.
enum ProcessMemory {
  /// The most that was ever held.
  static var peakBytes: Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
  }
}
