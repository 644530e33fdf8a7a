/// What the program takes of the machine.
public struct SystemLoad: Sendable, Hashable {
  /// Processors kept busy by this process, of `processors`.
  public var busyProcessors: Double
  public var processors: Int
  /// Resident memory of this process, and what there is for it.
  public var memoryBytes: Double
  public var memoryLimit: Double

  public init(busyProcessors: Double, processors: Int, memoryBytes: Double, memoryLimit: Double) {
    self.busyProcessors = busyProcessors
    self.processors = processors
    self.memoryBytes = memoryBytes
    self.memoryLimit = memoryLimit
  }
}

/// The newest of a row of figures, for small graphs.
struct RecentValues: Sendable {
  private(set) var values: [Double] = []

  mutating func append(_ value: Double) {
    values.append(value)
    if values.count > 600 { values.removeFirst(300) }
  }
}
