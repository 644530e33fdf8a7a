/// What a loss, a gradient or an evaluation that is not a finite number does to a run.
public enum NonFinitePolicy: String, Sendable, Hashable, CaseIterable {
  /// The run ends.
  case stop
  /// The model ends; the others train on as if it had never been there.
  case drop
  /// The batch is skipped.
  case skip = "continue"
}
