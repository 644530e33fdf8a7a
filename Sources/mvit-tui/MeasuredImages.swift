import ImageData

/// What `evaluate` reports about its choice of images.
struct MeasuredImages {
  /// `train`, `eval`, `test` or `all`.
  let part: String
  /// Where the choice comes from: `folder` (its own parts, or all of it), `checkpoint` or `flags`.
  let source: String
  /// Images, where the choice comes from and what is not used, for people.
  let line: String
  private let images: EvaluationImages
  private let isPartNamed: Bool

  /// - Parameters:
  ///   - data: the folder as the user names it.
  ///   - split: the given one, else the recorded one.
  ///   - isPartNamed: whether the user chose the part.
  init(_ images: EvaluationImages, data: String, split: (evaluationFraction: Double, seed: UInt64)?, isPartNamed: Bool) {
    self.images = images
    self.isPartNamed = isPartNamed
    let count = "\(images.samples.count) image\(images.samples.count == 1 ? "" : "s")"
    let rule = split.map { " (share \($0.evaluationFraction), seed \($0.seed))" } ?? ""
    let sentence: String
    switch images.origin {
    case .parts(let parts, let folders):
      part = parts.count > 1 ? PartChoice.all.rawValue : parts[0].label
      source = "folder"
      let places = folders.map { $0 == "." ? "its class folders" : $0 }
      sentence = "measuring \(count) in \(places.joined(separator: ", "))"
    case .whole:
      part = PartChoice.all.rawValue
      source = "folder"
      sentence = "measuring \(count), all \(images.isListed ? "that it lists" : "of its class folders")"
    case .checkpoint(let chosen):
      part = chosen.rawValue
      source = "checkpoint"
      sentence = "measuring \(count), \(Self.words(chosen)) when the weights were trained on this folder\(rule)"
    case .given(let chosen):
      part = chosen.rawValue
      source = "flags"
      sentence = "measuring \(count), \(Self.words(chosen)) by --eval-fraction and --seed\(rule)"
    }
    line = "\(data): \(sentence)\(DataNote.summary(images.notes))"
  }

  private static func words(_ part: PartChoice) -> String {
    switch part {
    case .train: "trained on"
    case .all: "all of them, those trained on included,"
    case .eval, .test: "set aside for evaluation"
    }
  }

  /// That flags about the share set aside are without effect; nil where they decide, and without them.
  func noticeOfSplit(_ data: String, fraction: Double?, seed: Int?) -> String? {
    guard fraction != nil || seed != nil else { return nil }
    if case .given = images.origin { return nil }
    let flags = [fraction.map { _ in "--eval-fraction" }, seed.map { _ in "--seed" }].compactMap { $0 }
    let reason =
      switch images.origin {
      case .parts: "\(data) has parts of its own"
      default: "all of \(data) is measured"
      }
    return "\(flags.joined(separator: " and ")) \(flags.count == 1 ? "has" : "have") no effect: \(reason)"
  }

  /// A warning that images which the weights were trained on are, or may be, measured; nil where the user asked for them or
  /// none was found.
  ///
  /// - Parameters:
  ///   - weights: the weight file.
  ///   - recorded: the split in it.
  func warning(weights: String, recorded: RecordedSplit?) -> String? {
    if isPartNamed, part == PartChoice.train.rawValue || part == PartChoice.all.rawValue { return nil }
    switch images.origin {
    case .checkpoint: return nil
    case .parts, .whole, .given: break
    }
    guard let recorded else {
      if case .parts = images.origin { return nil }
      return "\(weights) does not record which images it was trained on; these images may include some of them"
    }
    guard recorded.trainingSample.count > 0 else {
      if case .parts = images.origin { return nil }
      return "\(weights) was trained on other files or another split and records no sample of its images; "
        + "these images may include some of them"
    }
    let found = recorded.trainingSample.matches(in: images.samples)
    guard found > 0 else { return nil }
    return "these images include some that the weights were trained on (\(found) of \(recorded.trainingSample.count) looked for), "
      + "so the accuracy is overestimated"
  }
}
