import ArgumentParser
import NumberFormats
import Training
import TrainingEvents

struct ProfileCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profile",
    abstract: "Show where the time of a training step goes, layer by layer.",
    discussion: """
      For each layer: milliseconds forward and backward, operations, the bytes that must move at least, the rates reached, and \
      the share of the time that this machine's limits (measured first) make unavoidable. "update" is the optimizer, \
      "other" what no layer accounts for.

        mvit-tui profile --model mobilevit_s --sort
      """)

  @OptionGroup var subject: StepOptions

  @Flag(help: "List the slowest layer first, instead of the network's order.")
  var sort = false

  @Flag(help: "Write one JSON object a layer to standard output.")
  var json = false

  @OptionGroup var machine: MachineOptions

  func run() throws {
    let prepared = try subject.prepare(machine)
    let profile = try StepProfile(
      prepared.network, store: prepared.store, engine: prepared.engine, batch: prepared.batch, imageSize: prepared.imageSize,
      steps: subject.steps)
    let rows = sort ? profile.rows.sorted { $0.seconds > $1.seconds } : profile.rows
    for row in rows where json { try StandardStreams.say(line(row, profile)) }
    if json { return }
    let limits = profile.limits
    try StandardStreams.say(
      "\(subject.model), batch \(prepared.batch.labels.count) at \(prepared.imageSize)x\(prepared.imageSize), \(prepared.engine.pool.threads) threads, "
        + "\(prepared.engine.kernels.name): \(NumberFormat.fixed(1).text(profile.stepSeconds * 1000)) ms a step; the machine: "
        + "\(NumberFormat.fixed(0).text(limits.flopsPerSecond * 1e-9)) GFLOP/s, \(NumberFormat.fixed(1).text(limits.bytesPerSecond * 1e-9)) GB/s"
    )
    let width = max(8, rows.map(\.layer.count).max() ?? 0) + 1
    let titles = ["forward", "backward", "share", "GFLOP", "MB", "GFLOP/s", "GB/s", "of limit"]
    try StandardStreams.say("layer".padded(to: width) + titles.map { $0.aligned(to: 9) }.joined())
    for row in rows { try StandardStreams.say(row.layer.padded(to: width) + cells(row, profile).map { $0.aligned(to: 9) }.joined()) }
    try StandardStreams.say("step".padded(to: width) + cells(profile.whole, profile).map { $0.aligned(to: 9) }.joined())
  }

  /// A table's row; times in milliseconds.
  private func cells(_ row: StepProfile.Row, _ profile: StepProfile) -> [String] {
    [
      NumberFormat.fixed(2).text(row.forwardSeconds * 1000), NumberFormat.fixed(2).text(row.backwardSeconds * 1000),
      NumberFormat.fixed(1).text(100 * row.seconds / profile.stepSeconds) + "%", NumberFormat.fixed(2).text(row.flops * 1e-9),
      NumberFormat.fixed(1).text(row.bytes * 1e-6), NumberFormat.fixed(1).text(row.flopsPerSecond * 1e-9),
      NumberFormat.fixed(1).text(row.bytesPerSecond * 1e-9), NumberFormat.fixed(0).text(100 * row.shareOfLimit(profile.limits)) + "%",
    ]
  }

  private func line(_ row: StepProfile.Row, _ profile: StepProfile) -> String {
    var line = JSONLine()
    line.add("model", subject.model)
    line.add("layer", row.layer)
    line.add("forward_seconds", row.forwardSeconds)
    line.add("backward_seconds", row.backwardSeconds)
    line.add("flops", row.flops)
    line.add("bytes", row.bytes)
    line.add("share_of_step", row.seconds / profile.stepSeconds)
    line.add("share_of_limit", row.shareOfLimit(profile.limits))
    return line.text
  }
}

extension String {
  /// With spaces in front of it up to a width.
  fileprivate func aligned(to width: Int) -> String { String(repeating: " ", count: max(1, width - count)) + self }
}
