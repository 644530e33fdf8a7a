import Configuration
import Testing

@Suite struct FasterRunTests {
  /// Multiply-accumulates as the square of the image size, a quarter of them for the smallest model.
  private static func macs(_ model: String, _ size: Int) -> Int { size * size * (model.hasSuffix("xxs") ? 1 : 4) }

  private func lines(
    _ given: [(String, SettingValue)], by file: [(String, SettingValue)] = [], repeatable: Bool = true, hours: Double = 8
  ) throws -> [String] {
    var settings = Settings()
    try settings.set(\.data, .text("my photos"))
    for (name, value) in given {
      let entry = try #require((InvocationTable.all + SettingTable.all).first { $0.name == name })
      try settings.set(entry, value)
    }
    var all = settings
    for (name, value) in file { try all.set(try #require(SettingTable.all.first { $0.name == name }), value) }
    let run = try RunConfiguration(all, models: models, relativeTo: "/home")
    return FasterRun(run, given: settings, isRepeatable: repeatable, macs: Self.macs).lines(seconds: hours * 3600)
  }

  @Test func eachChangeHasItsTimeAndTheCommandRepeatsWhatWasGiven() throws {
    #expect(
      try lines([("run", .text("runs/a")), ("lr", .number(0.02)), ("shuffle", .toggle(false)), ("no-ui", .toggle(true))]) == [
        "faster, by estimate: --model mobilevit_xxs about 2 h 00 min, --image-size 128 about 2 h 00 min, --epochs 5 about 2 h 00 min",
        "for example (about 30 min 00 s): "
          + "mvit-tui train --no-ui --data 'my photos' --lr 0.02 --no-shuffle --model mobilevit_xxs --image-size 128",
      ])
  }

  @Test func aChangeThatSavesLittleOrCannotBeMadeIsNotNamed() throws {
    #expect(try lines([("epochs", .integer(6)), ("image-size", .integer(64)), ("weights", .text("w"))]).isEmpty)
    #expect(
      try lines([("epochs", .integer(5)), ("model", .text("tutorial_mobilevit_s"))])[1].hasSuffix(
        "--data 'my photos' --epochs 5 --model tutorial_mobilevit_xxs --image-size 128"))
    #expect(try lines([("weights", .text("w")), ("image-size", .integer(64))])[1].hasSuffix("--image-size 64 --weights w --epochs 5"))
  }

  @Test func theCommandHasTheRunsModelAndNoSecret() throws {
    // `compare` has its model as an argument, which is no flag.
    let command = try lines([("on-end", .text("secret"))], by: [("model", .text("mobilenet_v2"))])[1]
    #expect(command.hasSuffix(": mvit-tui train --data 'my photos' --model mobilevit_xxs --image-size 128"), "\(command)")
  }

  @Test func flagsThatCannotBeRepeatedMakeNoCommand() throws {
    #expect(try lines([("config", .text("/dev/fd/63"))], repeatable: false).count == 1)
  }

  @Test func aPathIsNoFlag() throws {
    #expect(try lines([("config", .text("-c"))])[1].contains("--config ./-c "))
  }

  @Test func aShortRunNeedsNoAdvice() throws { #expect(try lines([], hours: 0.16).isEmpty && !lines([], hours: 0.17).isEmpty) }
}
