import Files
import Foundation
import TestImages
import SystemText
import Testing
import Training
import TrainingEvents
import WeightFiles

@Suite struct ConsoleTests {
  private static let beginning = RunBeginning(
    model: "m", parameters: 1000, epochs: 2, stepsPerEpoch: 4, trainImages: 20, evaluationImages: 12, resumedAtStep: 0)

  private static func step(_ number: Int, left: Double? = nil) -> TrainingEvent {
    .step(
      StepEvent(
        model: "m", epoch: (number - 1) / 4, step: number, loss: 1.25, accuracy: 0.5, learningRate: 0.1, imagesPerSecond: 123.4,
        secondsLeft: left))
  }

  private static let events: [TrainingEvent] =
    [.notice("20 images"), .begin(beginning), .state(.training)] + (1...4).map { step($0, left: 125) } + [
      .epoch(EpochEvent(model: "m", epoch: 0, step: 4, loss: 1.5, accuracy: 0.25)), .state(.evaluating),
      .evaluation(EvaluationEvent(model: "m", epoch: 0, step: 4, loss: 1, accuracy: 0.75, isBest: true)), .warning("mind"),
      .epoch(EpochEvent(model: "m", epoch: 1, step: 8, loss: 1.5, accuracy: 0.25)), .state(.ended), .end(.finished),
    ]

  /// What a console shows of `events` with a clock that goes on by `seconds` at each look.
  private func show(_ events: [TrainingEvent], columns: Int? = nil, secondsPerLook seconds: Double, showsSteps: Bool = true) throws
    -> String
  {
    let folder = try TestFolder()
    let path = folder.path + "/console"
    let clock = RunClock(seconds: Ticks(each: seconds).next, wallTime: { 0 })
    let sink = ConsoleSink(try TextOutput(appendingTo: path), columns: columns, showsSteps: showsSteps, clock: clock)
    for event in events { try sink.receive(event) }
    return try String(contentsOfFile: path, encoding: .utf8)
  }

  @Test func plainLinesSayWhatHappened() throws {
    // Lines about steps come ten seconds apart: at the first step and, with six seconds a step, at every second one after.
    #expect(
      try show(Self.events, secondsPerLook: 6) == """
        20 images
        m: 1000 parameters, 2 epochs of 4 steps
        m epoch 1/2, step 1/4, 2 min 05 s left: loss 1.2500, accuracy 0.5000, 123 images/s
        m epoch 1/2, step 3/4, 2 min 05 s left: loss 1.2500, accuracy 0.5000, 123 images/s
        m epoch 1/2: train loss 1.5000, accuracy 0.2500; evaluation loss 1.0000, accuracy 0.7500, the best so far
        warning: mind
        m epoch 2/2: train loss 1.5000, accuracy 0.2500
        done

        """)
  }

  @Test func aTerminalHasABarThatGivesWayToLines() throws {
    let text = try show(Self.events, columns: 60, secondsPerLook: 1)
    #expect(text.contains("\r[=====               ] m epoch 1/2, step 1/4, 2 min 05 s"))
    #expect(text.contains("\r\u{1B}[Km epoch 1/2: train loss"))
    #expect(text.hasSuffix("done\n"))
    for piece in text.split(whereSeparator: { $0 == "\r" || $0 == "\n" }) where piece.hasPrefix("[") {
      #expect(piece.replacing("\u{1B}[K", with: "").count < 60)
    }
  }

  @Test func stepsCanBeLeftOut() throws {
    #expect(try !show(Self.events, secondsPerLook: 100, showsSteps: false).contains("step 1/4"))
  }

  @Test func aFailureToWriteIsTheSinksUnlessDealtWith() throws {
    let full = TextOutput(descriptor: try #require(Self.fullDevice), name: "full")
    #expect(throws: FileSystemError.self) { try full.write("x") }
    let seen = Ticks(each: 1)
    let tolerant = TextOutput(descriptor: try #require(Self.fullDevice), name: "full") { code in
      _ = seen.next()
      return code == ENOSPC
    }
    try tolerant.write("x")
    #expect(seen.next() == 2)
  }

  private static var fullDevice: Int32? {
    let descriptor = open("/dev/full", O_WRONLY)
    return descriptor >= 0 ? descriptor : nil
  }

  @Test(arguments: [
    (0.0, "0 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (3599, "59 min 59 s"), (3600, "1 h 00 min"), (86399, "23 h 59 min"),
    (90000, "1 d 01 h"), (-3, "0 s"), (.infinity, "unknown time"),
  ])
  func durationsReadWell(seconds: Double, text: String) { #expect(Durations.text(seconds) == text) }

  /// What is shown of JSON is still JSON: a name with control characters in it is escaped once, and reads back as it was.
  @Test func jsonIsShownAsItIs() throws {
    for scalar in (0..<0x3000).compactMap(Unicode.Scalar.init) {
      let name = "a\(scalar)b"
      var line = JSONLine()
      line.add(name, name)
      #expect(line.text.plainLine == line.text, "U+\(String(scalar.value, radix: 16))")
      #expect(try JSONDecoder().decode([String: String].self, from: Data(line.text.utf8)) == [name: name])
    }
  }
}
