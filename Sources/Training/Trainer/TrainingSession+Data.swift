import ImageData
import TrainingEvents

/// What a session does about images that changed.
extension TrainingSession {
  /// Marks the change of the images in all models' logs and saves it, before anything is trained with it.
  func saveChanges() throws {
    for model in models where model.divergence == nil {
      guard let change = model.pendingChange, change.step > 0 else { continue }
      try keepFolder(sending: .dataChanged(change))
      try bus.send(.notice(sentence(change, of: model)))
      try save(model)
    }
  }

  private func sentence(_ change: DataChangeEvent, of model: ModelTraining) -> String {
    let what = data.difference?.sentence ?? change.words ?? "the images are others than before"
    var text = "\(model.name) resumes with changed images after step \(change.step): \(what); an epoch keeps its "
    text += "\(model.stepsPerEpoch) steps"
    let (images, visits) = (data.folder.training.count, model.plan.split.count)
    if visits < images { text += " and visits \(visits) of the \(images) images" }
    if visits > images { text += " and visits some of the \(images) images more than once" }
    if !data.folder.evaluation.isEmpty { text += "; the next evaluation with an accuracy above \(recipe.bestAbove) is the best" }
    return text
  }
}
