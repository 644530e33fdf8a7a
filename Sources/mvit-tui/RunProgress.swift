import Training

/// How far a run is as a whole.
struct RunProgress {
  /// Whole epochs that each model has done which trains on, and those that it shall do. Of a run whose models all diverged, of any
  /// model; nil where no checkpoint has them.
  let epochs: (done: Int, all: Int)?
  /// Whether every model diverged and ended.
  let isDropped: Bool

  /// - Parameters:
  ///   - summaries: of the models that have begun.
  ///   - names: of all that the run trains; empty where they are unknown.
  init(_ summaries: [RunSummary], names: [String]) {
    let begun = summaries.filter { !$0.model.isEmpty }
    let names = names.isEmpty ? begun.map(\.model) : names
    let dropped = Set(begun.filter { $0.droppedAt != nil }.map(\.model))
    isDropped = !names.isEmpty && names.allSatisfy(dropped.contains)
    let counted = isDropped ? names : names.filter { !dropped.contains($0) }
    // A model without a checkpoint has done none.
    let done = counted.map { name in begun.first { $0.model == name }?.epochs?.done ?? 0 }.min()
    let all = begun.compactMap(\.epochs?.all).max()
    epochs = done.flatMap { done in all.map { (done, $0) } }
  }
}
