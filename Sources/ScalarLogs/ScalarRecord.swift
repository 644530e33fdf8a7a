/// One value of a curve.
public struct ScalarRecord: Sendable, Equatable {
  public var tag: String
  public var step: Int
  public var value: Float
  /// Seconds since 1970.
  public var wallTime: Double
  /// The file of the log that it is from: files are numbered as they are found.
  public var file: Int
  /// Whether it voids the curve's values from its step on that came before, as a run that was resumed further back does.
  public var isRestart: Bool

  public init(tag: String, step: Int, value: Float, wallTime: Double, file: Int = 0, isRestart: Bool = false) {
    self.tag = tag
    self.step = step
    self.value = value
    self.wallTime = wallTime
    self.file = file
    self.isRestart = isRestart
  }
}

/// The kinds of scalar log known here.
public enum LogFormat: Sendable, Hashable, CaseIterable {
  case visualDL
  case tensorBoard
}
