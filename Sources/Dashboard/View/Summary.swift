import NumberFormats
import RunHistory
import Terminal

extension DashboardModel {
  /// What to say on the ordinary screen when the dashboard is gone: one line for each model, and where the run lies.
  public var summary: [String] {
    guard mode == .training, !history.models.isEmpty else { return [] }
    let lines = history.models.map { model -> String in
      var parts = ["\(model.name): step \(NumberFormat.integer.text(Double(model.lastStep)))"]
      if let loss = model.curve(.loss, .training)?.last { parts.append("loss \(NumberFormat.fixed(4).text(Double(loss.value)))") }
      if let accuracy = model.curve(.accuracy, .evaluation), let last = accuracy.last {
        parts.append("evaluation accuracy \(NumberFormat.percent(2).text(Double(last.value)))")
        if let best = accuracy.highest {
          parts.append("best \(NumberFormat.percent(2).text(Double(accuracy.value(best))))")
        }
      }
      if let speed = model.usualSpeed { parts.append("\(NumberFormat.si.text(speed)) images/s") }
      if let step = model.droppedAt { parts.append("diverged at step \(step)") }
      parts.append("\(NumberFormat.clock.text(model.activeSeconds)) at work")
      return parts.joined(separator: ", ")
    }
    let table = history.models.count > 1 ? comparisonText : []
    let how = history.end.map { $0 == .finished ? "done" : "ended: \($0.label)" } ?? "not at its end"
    return lines + table + ["\(how); the run is in \(place)"]
  }

  /// The comparison's table as lines of text.
  private var comparisonText: [String] {
    // The words behind the name of a diverged model must not be cut.
    let words = history.models.contains { $0.droppedAt != nil } ? 32 : 0
    let size = Size(width: 110 + words, height: history.models.count + 1)
    var canvas = Canvas(size, look: Look(theme: .dark, depth: .none, symbols: symbols))
    var table = comparisonTableWidget
    table.selection = nil
    canvas.draw(table, in: canvas.bounds)
    return [""] + canvas.grid.picture.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) + [""]
  }
}
