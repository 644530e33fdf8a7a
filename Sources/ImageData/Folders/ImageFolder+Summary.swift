extension ImageFolder {
  /// What was understood of the folder, as one line: parts, images, classes, and what is not used and why.
  public var summary: String { summary(withNotes: true) }

  /// The same, with or without what is not used.
  public func summary(withNotes: Bool) -> String {
    var text = "\(training.count) images to train on\(parenthesis(.training)) and "
    if evaluation.isEmpty {
      text += "none to evaluate"
    } else if isSplit {
      let percent = (100 * Double(evaluation.count) / Double(training.count + evaluation.count)).rounded()
      text += "\(evaluation.count) set aside to evaluate (\(Int(percent)) %)"
    } else {
      text += "\(evaluation.count) to evaluate\(parenthesis(.evaluation))"
    }
    text += " in \(classNames.count) classes"
    if !test.isEmpty { text += "; the \(test.count) of \(partNames[.test] ?? "test") are kept for mvit-tui evaluate" }
    return withNotes ? text + DataNote.summary(notes) : text
  }

  /// The part's folder, unless it is called as the part is.
  private func parenthesis(_ part: DataPart) -> String {
    guard let name = partNames[part], name != part.label else { return "" }
    return " (\(name))"
  }
}
