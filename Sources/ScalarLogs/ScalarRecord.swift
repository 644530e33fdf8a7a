/// One value of a curve.
public struct ScalarRecord: Sendable, Equatable {
  public var tag: String
  public var step: Int
  public var value: Float
  /// Seconds since 1970.
  public var wallTime: Double

  public init(tag: String, step: Int, value: Float, wallTime: Double) {
    self.tag = tag
    self.step = step
    self.value = value
    self.wallTime = wallTime
  }
}

/// The kinds of scalar log known here.
public enum LogFormat: Sendable, Hashable, CaseIterable {
  case visualDL
  case tensorBoard
}
