/// What a part of a data set is for.
public enum DataPart: String, Sendable, Hashable, CaseIterable {
  case training, evaluation, test

  /// The word for people: `train`, `eval`, `test`.
  public var label: String {
    switch self {
    case .training: "train"
    case .evaluation: "eval"
    case .test: "test"
    }
  }

  /// The part that a folder's name stands for; nil for a name that says nothing of the kind.
  ///
  /// One word of the name names the part, in any case (`train`, `Training`, `val`, `valid`, `dev`, `eval`, `testing`, …); the
  /// other words may only say that the folder holds a set of images: `train_set`, `seg_train`, `trainImages`, `Test-data`,
  /// `valset`. `train_station` and `testimony` are names of classes.
  public init?(folderName name: String) {
    var part: DataPart?
    for word in Self.words(of: name) {
      if let meaning = Self.part(ofWord: word) {
        guard part == nil else { return nil }
        part = meaning
      } else if !Self.fillers.contains(word) {
        return nil
      }
    }
    guard let part else { return nil }
    self = part
  }

  private static let names: [(part: DataPart, words: Set<String>)] = [
    (.training, ["train", "training", "trn"]),
    (.evaluation, ["val", "valid", "validation", "validate", "dev", "eval", "evaluation"]),
    (.test, ["test", "testing", "tst"]),
  ]
  private static let fillers: Set<String> = [
    "set", "seg", "image", "images", "img", "imgs", "picture", "pictures", "photo", "photos", "data", "dataset", "folder", "dir", "part",
    "split",
  ]

  private static func part(ofWord word: String) -> DataPart? {
    for (part, words) in names {
      if words.contains(word) { return part }
      // `trainset`, `valimages`: both words at once.
      for filler in fillers where word.hasSuffix(filler) && words.contains(String(word.dropLast(filler.count))) { return part }
    }
    return nil
  }

  /// The words of a name in small letters, cut at every character that is no letter and before a capital behind a small letter.
  private static func words(of name: String) -> [String] {
    var words: [String] = []
    var word = ""
    var previous: Character?
    for character in name {
      if !character.isLetter || previous?.isLowercase == true && character.isUppercase {
        if !word.isEmpty { words.append(word) }
        word = ""
      }
      if character.isLetter { word += character.lowercased() }
      previous = character
    }
    return word.isEmpty ? words : words + [word]
  }
}

/// The part of a data set that a user asks for.
public enum PartChoice: String, Sendable, Hashable, CaseIterable {
  case train, eval, test, all

  /// nil for all parts.
  public var part: DataPart? {
    switch self {
    case .train: .training
    case .eval: .evaluation
    case .test: .test
    case .all: nil
    }
  }
}
