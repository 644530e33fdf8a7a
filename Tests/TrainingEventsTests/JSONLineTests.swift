import Foundation
import Testing
import TrainingEvents

@Suite struct JSONLineTests {
  private let step = StepEvent(
    model: "mobilevit_xxs", epoch: 0, step: 1, loss: 2.25, accuracy: 0.125, learningRate: 0.01, imagesPerSecond: 100)

  @Test func aStepIsTheContractsLine() {
    #expect(
      TrainingEvent.step(step).jsonLine
        == #"{"event":"step","model":"mobilevit_xxs","epoch":0,"step":1,"loss":2.25,"accuracy":0.125,"learning_rate":0.009999999776482582,"images_per_second":100.0}"#
    )
  }

  @Test func theOtherEventsAreTheContractsLines() {
    let evaluation = EvaluationEvent(model: "m", epoch: 2, step: 30, loss: 0.5, accuracy: 1, isBest: true)
    #expect(
      TrainingEvent.evaluation(evaluation).jsonLine == #"{"event":"evaluation","model":"m","epoch":2,"step":30,"loss":0.5,"accuracy":1.0}"#)
    let checkpoint = CheckpointEvent(model: "m", step: 30, path: "runs/a/checkpoints/m/step-30", kind: .best)
    #expect(
      TrainingEvent.checkpoint(checkpoint).jsonLine == #"{"event":"checkpoint","path":"runs/a/checkpoints/m/step-30","kind":"best"}"#)
    #expect(TrainingEvent.end(.finished).jsonLine == #"{"event":"end","reason":"finished"}"#)
    #expect(TrainingEvent.end(.signal(2)).jsonLine == #"{"event":"end","reason":"SIGINT"}"#)
    #expect(TrainingEvent.notice("hello").jsonLine == nil)
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func aNumberThatIsNotFiniteIsNullAndSaid(loss: Float) {
    var diverged = step
    diverged.loss = loss
    let line = TrainingEvent.step(diverged).jsonLine ?? ""
    #expect(line.contains(#""loss":null,"#))
    #expect(line.hasSuffix(#","diverged":true}"#))
  }

  @Test func floatsReadBackAsTheyWere() throws {
    // A stride through all finite positive floats. (JSONSerialization is not used here: it reads some numbers inexactly.)
    for bits in stride(from: UInt32(1), to: 0x7F80_0000, by: 2_000_003) {
      let value = Float(bitPattern: bits)
      var line = JSONLine()
      line.add("x", value)
      let object = try JSONDecoder().decode([String: Double].self, from: Data(line.text.utf8))
      #expect(object["x"] == Double(value), "of bits \(bits)")
    }
  }

  @Test func textIsEscaped() throws {
    let text = "a\"b\\c\nd\te\u{1}f\u{2028}g/é😀"
    var line = JSONLine()
    line.add(text, text)
    #expect(!line.text.unicodeScalars.contains { $0.value < 32 || $0.value == 0x2028 })
    let object = try JSONSerialization.jsonObject(with: Data(line.text.utf8)) as? [String: String]
    #expect(object == [text: text])
  }

  @Test func objectsAndListsNest() {
    var inner = JSONLine()
    inner.add("class", "cat")
    inner.add("probability", Float(0.5))
    var outer = JSONLine()
    outer.add("logits", [1, -0.5] as [Float])
    outer.add("top", [inner])
    outer.add("best", inner)
    #expect(
      outer.text
        == #"{"logits":[1.0,-0.5],"top":[{"class":"cat","probability":0.5}],"best":{"class":"cat","probability":0.5}}"#)
  }
}
