import Names
import NumberFormats
import RunHistory
import Terminal
import TrainingEvents

extension DashboardModel {
  /// The row of small boxes under the charts.
  func drawPanels(on canvas: inout Canvas, in rect: Rect) {
    guard let model = focusedModel else {
      _ = canvas.box(Box("best"), in: rect)
      return
    }
    if mode == .watching {
      guard model.curve(.imagesPerSecond, .training) != nil else { return drawBest(of: model, on: &canvas, in: rect) }
      let areas = rect.columns([.flexible(weight: 1), .flexible(weight: 1)])
      drawSpeed(of: model, on: &canvas, in: areas[0])
      drawBest(of: model, on: &canvas, in: areas[1])
    } else if rect.width >= 104 && !showsAllCharts {
      let areas = rect.columns([.rest, .rest, .rest, .rest])
      drawSpeed(of: model, on: &canvas, in: areas[0])
      drawStep(of: model, on: &canvas, in: areas[1])
      drawBest(of: model, on: &canvas, in: areas[2])
      drawSystem(on: &canvas, in: areas[3])
    } else {
      let areas = rect.columns([.rest, .rest, .rest])
      drawStep(of: model, on: &canvas, in: areas[0])
      drawBest(of: model, on: &canvas, in: areas[1])
      drawSystem(on: &canvas, in: areas[2])
    }
  }

  private func drawSpeed(of model: ModelHistory, on canvas: inout Canvas, in rect: Rect) {
    let look = canvas.look
    let figure = NumberFormat.si.text(model.usualSpeed, width: 5)
    let inside = canvas.box(Box("speed", trailing: [Span(figure, look[.text].adding(.bold)), Span(" images/s", look[.dim])]), in: rect)
      .inset(horizontal: 1, vertical: 0)
    guard let speed = model.curve(.imagesPerSecond, .training) else {
      canvas.text("no speed is logged", in: inside.row(0), look[.dim])
      return
    }
    // As many of the newest steps as there are dots.
    let values = (max(0, speed.count - inside.width * 2)..<speed.count).map { Double(speed.value($0)) }
    // Room above, so that the curve's upper edge is seen.
    let top = values.filter(\.isFinite).max() ?? 0
    canvas.draw(AreaGraph(values, range: 0...max(top * 1.2, 1e-9), gradient: .series7), in: inside)
  }

  private func drawStep(of model: ModelHistory, on canvas: inout Canvas, in rect: Rect) {
    let look = canvas.look
    let breakdown = breakdowns[Name(model.name)]
    let total = breakdown.map { NumberFormat.time.text($0.total) } ?? ""
    let inside = canvas.box(Box("step", trailing: total.isEmpty ? [] : [Span(total, look[.text].adding(.bold))]), in: rect)
      .inset(horizontal: 1, vertical: 0)
    guard let breakdown else {
      canvas.text("no step was timed yet", in: inside.row(0), look[.dim])
      return
    }
    let known = breakdown.data + breakdown.forward + breakdown.backward + breakdown.update
    let parts: [(String, Double, ThemeGradient)] = [
      ("data", breakdown.data, .series5), ("forward", breakdown.forward, .series1), ("backward", breakdown.backward, .series2),
      ("update", breakdown.update, .series3), ("other", max(0, breakdown.total - known), .series6),
    ]
    canvas.draw(
      BarList(
        parts.map { BarList.Item($0.0, $0.1, text: NumberFormat.time.text($0.1).padded(to: 7, .trailing), gradient: $0.2) },
        full: breakdown.total), in: inside)
  }

  private func drawBest(of model: ModelHistory, on canvas: inout Canvas, in rect: Rect) {
    let inside = canvas.box(Box("figures"), in: rect).inset(horizontal: 1, vertical: 0)
    let percent = NumberFormat.percent(2)
    var items: [KeyValueList.Item] = []
    let accuracy = model.curve(.accuracy, .evaluation)
    if let accuracy, let best = accuracy.highest {
      let epoch = accuracy[best].epoch.map { ", epoch \($0 &+ 1)" } ?? ", step \(accuracy[best].step)"
      items.append(.init("best" + epoch, percent.text(Double(accuracy.value(best))), .good))
    } else {
      items.append(.init("best", "-"))
    }
    items.append(.init("gap train/eval", model.gap.map { percent.text($0) } ?? "-"))
    if let rate = model.curve(.learningRate, .training)?.last {
      items.append(.init("learning rate", NumberFormat.significant(3).text(Double(rate.value))))
    }
    if let speed = model.usualSpeed { items.append(.init("images/s", NumberFormat.si.text(speed))) }
    if let checkpoint = model.checkpoints.last {
      items.append(.init("checkpoint", "step \(NumberFormat.integer.text(Double(checkpoint.step)))"))
    }
    if mode == .watching, let time = model.lastTime { items.append(.init("last value", clockTime(time))) }
    canvas.draw(KeyValueList(items), in: inside)
  }

  private func drawSystem(on canvas: inout Canvas, in rect: Rect) {
    let look = canvas.look
    let inside = canvas.box(Box("system"), in: rect).inset(horizontal: 1, vertical: 0)
    guard let system else {
      canvas.text("not measured yet", in: inside.row(0), look[.dim])
      return
    }
    let processors = Double(max(1, system.processors))
    canvas.draw(
      Meter(
        "cpu", system.busyProcessors / processors,
        value: "\(NumberFormat.fixed(1).text(system.busyProcessors)) of \(system.processors)"), in: inside.row(0))
    let share = system.memoryLimit > 0 ? system.memoryBytes / system.memoryLimit : 0
    canvas.draw(Meter("mem", share, value: NumberFormat.bytes.text(system.memoryBytes).padded(to: 8, .trailing)), in: inside.row(1))
    canvas.draw(
      AreaGraph(processorLoad.values, range: 0...processors, gradient: .meter), in: inside.droppingTop(2))
  }

  /// A time of day, local.
  func clockTime(_ time: Double) -> String {
    guard time.isFinite, abs(time) < 1e12 else { return "" }
    let seconds = (Int(time) + secondsFromGMT) % 86400
    let day = seconds < 0 ? seconds + 86400 : seconds
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(two(day / 3600)):\(two(day / 60 % 60)):\(two(day % 60))"
  }
}
