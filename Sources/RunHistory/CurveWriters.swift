import ScalarLogs

/// Which files of a log hold values of one curve, and what that means.
///
/// A file that begins at or below a step that another has reached, and later than the other's last value, is a resumed run's. Where the
/// other then goes on, both are written at the same time.
struct CurveWriters: Sendable {
  private var last: Int?
  private var earlier: Set<Int> = []
  private var highestStep = Int.min
  private var lastTime = -Double.infinity
  /// Steps at which resumed runs' files begin.
  private(set) var restarts: [Int] = []
  /// Whether several files are written at the same time.
  private(set) var areSeveral = false

  mutating func note(_ record: ScalarRecord) {
    if let last, last != record.file {
      if earlier.contains(record.file) {
        areSeveral = true
        restarts = []
      } else if !areSeveral && record.step <= highestStep && record.wallTime >= lastTime {
        restarts.append(record.step)
      }
      earlier.insert(last)
    }
    last = record.file
    highestStep = max(highestStep, record.step)
    if record.wallTime > lastTime { lastTime = record.wallTime }
  }
}
