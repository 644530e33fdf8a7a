import SystemText

/// The side, training or evaluation, on which a run has had each of its images.
///
/// With it, a data set without an evaluation part is divided anew after images came or went, and none changes its side.
public struct KnownSides: Sendable, Hashable {
  /// By relative path, as bytes; true for evaluation.
  private var isEvaluation: [[UInt8]: Bool] = [:]

  init(_ images: [DataRecord.Image]) {
    for image in images { isEvaluation[image.path.systemBytes] = image.isEvaluation }
  }

  /// Whether the image is one to evaluate on; nil for one that the run never had.
  func isEvaluation(_ relativePath: String) -> Bool? { isEvaluation[relativePath.systemBytes] }
}
