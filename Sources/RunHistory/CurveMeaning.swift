/// What a curve shows, told from the tag that it was logged under.
///
/// Every program names its curves its own way (`train/loss`, `Loss/test`, `val_accuracy`, `epoch_loss`): known words in the
/// tag decide.
public struct CurveMeaning: Sendable, Hashable {
  public enum Quantity: Sendable, Hashable {
    case loss, accuracy, learningRate, imagesPerSecond
    case other
  }

  public enum Phase: Sendable, Hashable { case training, evaluation }

  public var quantity: Quantity
  public var phase: Phase

  public init(_ quantity: Quantity, _ phase: Phase) {
    self.quantity = quantity
    self.phase = phase
  }

  public init(tag: String) {
    let words = Self.words(of: tag)
    phase = words.contains(where: Self.evaluationWords.contains) ? .evaluation : .training
    quantity =
      if words.contains("lr") || (words.contains("learning") && words.contains("rate")) {
        .learningRate
      } else if words.contains(where: Self.accuracyWords.contains) {
        .accuracy
      } else if words.contains("loss") || words.contains("losses") {
        .loss
      } else if words.contains("images"), words.contains("second") || words.contains("sec") || words.contains("s") {
        .imagesPerSecond
      } else {
        .other
      }
  }

  private static let evaluationWords: Set = ["eval", "evaluation", "val", "valid", "validation", "test", "dev"]
  private static let accuracyWords: Set = ["acc", "accuracy", "top1", "acc1"]

  private static let longestTag = 1000

  /// Runs of letters and digits in lower case; a capital after a small letter begins a new word.
  private static func words(of tag: String) -> Set<String> {
    var words: Set<String> = []
    var word = ""
    var wasSmall = false
    // The beginning of a tag names what its curve shows, and a tag may be a megabyte long.
    for character in tag.prefix(longestTag) {
      let isPart = character.isLetter || character.isNumber
      if !isPart || (character.isUppercase && wasSmall) {
        if !word.isEmpty { words.insert(word) }
        word = ""
      }
      if isPart { word += character.lowercased() }
      wasSmall = character.isLowercase
    }
    if !word.isEmpty { words.insert(word) }
    return words
  }
}
