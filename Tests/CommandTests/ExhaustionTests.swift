import Foundation
import TestImages
import Testing

/// Too little memory, too few threads, too few files: the program works or ends with a sentence, never with a trap.
@Suite struct ExhaustionTests {
  private let folder: TestFolder
  private let data: String

  init() throws {
    folder = try TestFolder()
    data = try folder.makeDataSet(train: 4, eval: 2, size: 32)
  }

  private static let small = "--model mobilevit_xxs --image-size 32 --batch-size 4"

  /// Whether the program did what it was to do, or ended with one sentence of its own and a code of the contract.
  private func expectSentence(_ outcome: Program.Outcome, _ subject: String) {
    guard outcome.code != 0 else { return }
    #expect([64, 66, 70, 73].contains(outcome.code), "\(subject): \(outcome.code), \(outcome.errors)")
    let sentences = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("mvit-tui: ") }
    #expect(!sentences.isEmpty && !outcome.errors.contains("Backtrac"), "\(subject): \(outcome.errors)")
  }

  @Test(arguments: [150_000, 250_000, 400_000, 700_000, 1_500_000])
  func scarceAddressesEndWithASentence(kilobytes: Int) throws {
    for command in ["bench \(Self.small) --steps 1", "train --data data \(Self.small) --epochs 1 --no-ui --run run-\(kilobytes)"] {
      let outcome = try run(kilobytes: kilobytes, command)
      expectSentence(outcome, "ulimit -v \(kilobytes), \(command)")
      if kilobytes >= 250_000 { #expect(outcome.code == 0, "\(outcome.errors)") }
    }
  }

  /// The limit falls to nothing when the first checkpoint is there, and the next image to be kept finds no memory.
  @Test func anAllocationRefusedWhileTrainingNamesTheLastCheckpoint() throws {
    let photos = try folder.makeDataSet("photos", train: 12, eval: 2, size: 256)
    let flags = "--model mobilevit_xxs --image-size 256 --batch-size 4 --epochs 2 --checkpoint-every 1 --threads 1"
    // A limit from the start lets all threads share one heap, which then cannot grow.
    let line = "ulimit -Sv 4000000; exec \"$PROGRAM\" train --data '\(photos)' --run run --json \(flags)"
    let outcome = try Program.bash(line, in: folder.path) { line, process in
      guard line.contains("\"event\":\"checkpoint\"") else { return }
      _ = try? Program.bash("prlimit --pid \(process.processIdentifier) --as=1048576:")
    }
    #expect(outcome.code == 70, "\(outcome.code): \(outcome.errors)")
    let sentence = try #require(outcome.errors.split(separator: "\n").last)
    #expect(sentence.hasPrefix("mvit-tui: memory ran out: the system refused "), "\(outcome.errors)")
    let saved = try outcome.objects().filter { $0["event"] as? String == "checkpoint" }.compactMap { $0["path"] as? String }
    #expect(!saved.isEmpty && sentence.contains("; the last checkpoint is run/checkpoints/mobilevit_xxs/step-"), "\(sentence)")
    let resumed = try Program.run(["train", "--run", "run", "--resume", "--no-ui"], in: folder.path)
    #expect(resumed.code == 0 && resumed.output.contains("mobilevit_xxs resumes after step"), "\(resumed.errors)")
  }

  /// A table of a cell for each column of each line would take 2 GB.
  @Test func aListWithAColumnForEachLineIsRead() throws {
    let lines = (0..<12_000).map { #"{"path":"1.png","label":"a","k\#($0)":1}"# }.joined(separator: "\n")
    try Data(lines.utf8).write(to: URL(filePath: folder.path + "/list.jsonl"))
    try Data([1]).write(to: URL(filePath: folder.path + "/1.png"))
    let outcome = try run(kilobytes: 1_000_000, "data list.jsonl")
    #expect(outcome.code == 65 && outcome.errors.contains("holds only one class, \"a\""), "\(outcome.code): \(outcome.errors)")
  }

  @Test func aCacheThatDoesNotFitIsReported() throws {
    let outcome = try run(kilobytes: 700_000, "train --data data \(Self.small) --epochs 1 --no-ui --run cached --cache-size 900000000")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let lines = outcome.lines.filter { $0.hasPrefix("memory is short: the cache of decoded images has ") }
    #expect(lines.count == 1 && lines.first?.contains(" instead of 858 MiB") == true, "\(outcome.output)")
  }

  @Test func aThousandThreadsUnderALimitAreFewerWithAWarning() throws {
    let outcome = try run(kilobytes: 1_500_000, "bench \(Self.small) --steps 1 --threads 1024 --json")
    let object = try #require(try outcome.objects().first, "\(outcome.errors)")
    let threads = try #require(object["threads"] as? Int)
    #expect((2..<1024).contains(threads))
    #expect(outcome.errors.hasPrefix("mvit-tui: 1024 threads were asked for and the limits of this process allow \(threads)"))
  }

  @Test(arguments: [4, 6, 8])
  func fewDescriptorsEndWithASentence(count: Int) throws {
    for command in [
      "models", "bench \(Self.small) --steps 1", "train --data data \(Self.small) --epochs 1 --no-ui --run run-\(count)",
      "train --data data \(Self.small) --epochs 1 --json --run json-\(count)", "runs .",
    ] {
      let outcome = try Program.bash("ulimit -n \(count); exec timeout -s KILL 120 \"$PROGRAM\" \(command)", in: folder.path)
      expectSentence(outcome, "ulimit -n \(count), \(command)")
    }
  }

  /// Runs the program under a limit of address space. The time limit's signal is not SIGTERM, which a run answers with a
  /// checkpoint.
  private func run(kilobytes: Int, _ command: String) throws -> Program.Outcome {
    try Program.bash("ulimit -v \(kilobytes); exec timeout -s KILL 120 \"$PROGRAM\" \(command)", in: folder.path)
  }

  /// A head of a million classes takes gigabytes before the first image is read.
  @Test func aHeadThatDoesNotFitIsRefusedBeforeItIsMade() throws {
    let outcome = try run(kilobytes: 3_000_000, "bench --model mobilevit_s --classes 1000000 --batch-size 1 --image-size 32")
    #expect(outcome.code == 70, "\(outcome.errors)")
    #expect(outcome.errors.contains("weights, gradients and optimizer state 7") && outcome.errors.contains("fewer classes"))
  }

  @Test func theLargestBatchIsRefusedWhereItDoesNotFit() throws {
    let outcome = try run(kilobytes: 4_000_000, "bench --model mobilevit_xxs --batch-size 65536 --image-size 32")
    #expect(outcome.code == 70 && outcome.errors.contains("choose a smaller --batch-size"), "\(outcome.errors)")
  }
}
