/// A change of a run's images, where a model met it.
public struct DataChangeEvent: Sendable, Hashable {
  public var model: String
  /// The epoch under way, from 0.
  public var epoch: Int
  /// Updates done before the change.
  public var step: Int
  /// The number of the change in the run, from 1.
  public var change: Int
  /// Images that are missing, new, of another size or of another class; nil where the images before are not known.
  public var missing: Int?
  public var added: Int?
  public var resized: Int?
  public var relabelled: Int?

  public init(
    model: String, epoch: Int, step: Int, change: Int, missing: Int?, added: Int?, resized: Int?, relabelled: Int? = nil
  ) {
    self.model = model
    self.epoch = epoch
    self.step = step
    self.change = change
    self.missing = missing
    self.added = added
    self.resized = resized
    self.relabelled = relabelled
  }

  /// "2 images missing, 1 new, 1 of another size"; nil where the images before are not known.
  public var words: String? {
    guard let missing, let added, let resized else { return nil }
    let words = "\(missing) image\(missing == 1 ? "" : "s") missing, \(added) new, \(resized) of another size"
    return words + (relabelled.map { $0 > 0 ? ", \($0) of another class" : "" } ?? "")
  }
}
