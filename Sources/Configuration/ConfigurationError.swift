/// A setting, on the command line or in a configuration file, that cannot be used: where it stands, what is wrong with it
/// and what would do.
public struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
  /// `--epochs`, or `run.toml, line 3`.
  public let place: String
  public let problem: String

  public init(_ place: String, _ problem: String) {
    self.place = place
    self.problem = problem
  }

  public var description: String { "\(place): \(problem)" }
}
