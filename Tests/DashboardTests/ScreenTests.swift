import Dashboard
import NumberFormats
import RunHistory
import ScalarLogs
import SystemText
import Terminal
import Testing
import TrainingEvents

@Suite struct ScreenTests {
  private func full(
    size: Size, mode: DashboardModel.Mode = .training, depth: ColorDepth = .trueColor, symbols: SymbolSet = .braille
  ) -> Fixture {
    var fixture = Fixture(mode: mode, size: size, depth: depth, symbols: symbols)
    fixture.begin(["mobilevit_xxs", "mobilenet_v2"])
    fixture.train(1...60)
    fixture.train(1...55, model: "mobilenet_v2")
    fixture.evaluate(0, loss: 0.7, accuracy: 0.75)
    fixture.evaluate(0, loss: 0.6, accuracy: 0.85, model: "mobilenet_v2")
    fixture.train(61...70)
    fixture.tellEverything()
    fixture.wait()
    return fixture
  }

  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func anythingAtAnySizeCanBeDrawn(seed: UInt64) {
    var draws = Draws(seed: seed)
    let symbols = SymbolSet.allCases[Int(seed) % 3]
    var fixture = full(
      size: Size(width: 80, height: 24), mode: seed % 2 == 0 ? .training : .watching,
      depth: ColorDepth.allCases[Int(seed) % ColorDepth.allCases.count], symbols: symbols)
    let keys: [KeyEvent] = KeyTable.bindings.flatMap(\.keys)
    var step = 70
    for round in 0..<150 {
      let size = Size(width: Int.random(in: 1...300, using: &draws), height: Int.random(in: 1...100, using: &draws))
      let small = Size(width: Int.random(in: 0...50, using: &draws), height: Int.random(in: 0...16, using: &draws))
      fixture.send(.resize(round % 2 == 0 ? size : small))
      for _ in 0..<Int.random(in: 0...6, using: &draws) { fixture.send(.key(keys.randomElement(using: &draws)!)) }
      step += 1
      fixture.step(step, loss: Bool.random(using: &draws) ? .nan : Float.random(in: -1e30...1e30, using: &draws))
      let grid = fixture.model.view()
      #expect(grid.size == fixture.model.size, "seed \(seed), round \(round)")
    }
  }

  @Test func everyScreenAtTheSmallestSizes() {
    var fixture = full(size: Size(width: 80, height: 24))
    for screen in Screen.allCases {
      fixture.send(.key(KeyEvent(Character("\(screen.rawValue + 1)"))))
      for height in 1...20 {
        for width in [1, 2, 3, 5, 8, 13, 21, 34, 44, 55] {
          let size = Size(width: width, height: height)
          #expect(fixture.model.view(size).size == size)
        }
      }
    }
  }

  @Test func aWindowTooSmallSaysWhatItNeedsAndStillTakesKeys() {
    var fixture = full(size: Size(width: 30, height: 5))
    #expect(fixture.picture.contains("30x5, needs 44x14"))
    _ = fixture.takeEffects()
    fixture.press("p")
    #expect(fixture.takeEffects() == [.pause])
  }

  @Test func anEmptyDashboardSaysWhatItWaitsFor() {
    for mode in [DashboardModel.Mode.training, .watching] {
      var fixture = Fixture(mode: mode, size: Size(width: 120, height: 40))
      for screen in Screen.allCases where screen != .overview {
        fixture.send(.key(KeyEvent(Character("\(screen.rawValue + 1)"))))
        #expect(fixture.picture.contains(screen.title), "\(screen)")
      }
    }
  }

  /// Names of models, classes, files and themes come from anywhere.
  @Test(arguments: [false, true], [SymbolSet.braille, .ascii]) func noCellHoldsACommand(isPlain: Bool, symbols: SymbolSet) {
    let commands = (0..<0x3000).compactMap(Unicode.Scalar.init).filter { $0.isCommand && $0 != "\n" }
    for start in stride(from: 0, to: commands.count, by: 12) {
      let name = "n" + String(String.UnicodeScalarView(commands[start..<min(commands.count, start + 12)])) + "m"
      var fixture = Fixture(size: Size(width: 160, height: 50), symbols: symbols)
      fixture.begin([name])
      fixture.train(1...60, model: name)
      fixture.evaluate(0, loss: 0.6, accuracy: 0.75, model: name)
      fixture.tellEverything(name)
      fixture.send(.insights([.data(DataSummary(classNames: [name, "dog"], trainCounts: [250, 150], evaluationCounts: [50, 50]))]))
      fixture.tell(.warning(name))
      fixture.tell(.notice(name))
      if isPlain { fixture.press("a") }
      for screen in Screen.allCases {
        fixture.send(.key(KeyEvent(Character("\(screen.rawValue + 1)"))))
        #expect(fixture.picture.unicodeScalars.filter(\.isCommand).allSatisfy { $0 == "\n" }, "\(screen)")
      }
    }
  }

  @Test func plainTextHasNeitherBoxesNorBraille() {
    var fixture = full(size: Size(width: 100, height: 40))
    fixture.press("a")
    for screen in Screen.allCases {
      fixture.send(.key(KeyEvent(Character("\(screen.rawValue + 1)"))))
      fixture.wait()
      for scalar in fixture.picture.unicodeScalars {
        #expect(scalar.value < 0x2500, "\(screen): \(scalar)")
      }
    }
    fixture.press("1")
    let words = """
      mvit-tui, overview, training
      model: mobilevit_xxs
      epoch: 2 of 10
      step: 70 of 500
      """
    #expect(fixture.picture.hasPrefix(words))
    #expect(fixture.rows.contains("training loss: 0.0286, falling"))
    #expect(fixture.rows.contains("evaluation accuracy: 75.00%"))
  }

  @Test func plainTextSaysItsQuestionsAndKeysInLinesToo() {
    var fixture = full(size: Size(width: 100, height: 24))
    fixture.press("a")
    fixture.wait()
    fixture.press("q")
    #expect(fixture.picture.unicodeScalars.allSatisfy { $0.value < 0x2500 }, "\(fixture.picture)")
    #expect(fixture.rows[0].contains("stop training?"))
    for line in ["s: save and stop, chosen", "x: stop unsaved", "g: go on"] { #expect(fixture.rows.contains(line), "\(line)") }
    fixture.press(.right)
    #expect(fixture.rows.contains("x: stop unsaved, chosen"))
    fixture.press("g?")
    #expect(fixture.picture.unicodeScalars.allSatisfy { $0.value < 0x2500 }, "\(fixture.picture)")
    #expect(fixture.rows[0].contains("keys"))
    var seen: Set<String> = []
    for _ in 0..<200 {
      seen.formUnion(fixture.rows)
      fixture.press(.down)
    }
    for binding in KeyTable.bindings where binding.section != .dialogs {
      let line = binding.keys.map(\.description).joined(separator: " ") + ": " + binding.label
      #expect(seen.contains(line), "\(line)")
    }
  }

  @Test func plainTextScrollsToAllThereIs() {
    var fixture = full(size: Size(width: 60, height: 12))
    fixture.press("a")
    for (screen, last) in [("3", "mobilenet_v2 best: 85.00%, best"), ("5", "eval/cat/7.png: cat taken for dog"), ("2", "(other): ")] {
      fixture.press(screen)
      fixture.wait()
      var seen: Set<String> = []
      for _ in 0..<40 {
        seen.formUnion(fixture.rows)
        fixture.press(.down)
      }
      #expect(seen.contains { $0.hasPrefix(last) }, "\(last)")
      // The keys come last, each in a line of its own.
      #expect(seen.contains("key q: quit"), "\(fixture.picture)")
      fixture.press(screen)
      #expect(fixture.rows[0].hasPrefix("mvit-tui, overview"))
    }
  }

  @Test func asciiIsAsciiEverywhere() {
    var fixture = full(size: Size(width: 120, height: 40), symbols: .ascii)
    for screen in Screen.allCases {
      fixture.send(.key(KeyEvent(Character("\(screen.rawValue + 1)"))))
      for overlay in ["", "?"] {
        fixture.press(overlay)
        for scalar in fixture.picture.unicodeScalars where scalar != "\n" {
          #expect(scalar.value >= 0x20 && scalar.value < 0x7F, "\(screen): \(scalar)")
        }
        fixture.press(.escape)
      }
    }
  }

  @Test func withoutColoursNothingIsColoured() {
    var fixture = full(size: Size(width: 120, height: 40), depth: .none)
    for screen in Screen.allCases {
      fixture.send(.key(KeyEvent(Character("\(screen.rawValue + 1)"))))
      let grid = fixture.model.view()
      #expect(grid.cells.allSatisfy { $0.foreground == .standard && $0.background == .standard }, "\(screen)")
    }
  }

  @Test func layersAreATableWithNothingLeftOut() {
    var fixture = full(size: Size(width: 80, height: 24))
    fixture.press("t")
    // 1..6 ms forward and twice that backward make 63 ms; data 1, update 2, the whole step 68: other is 2 ms.
    let rows = fixture.rows
    #expect(rows[1].contains("step 68.0 ms") && rows[1].contains("other 2.9%"))
    #expect(rows[3].contains("layer5") && rows[3].contains("6.00") && rows[3].contains("12.00") && rows[3].contains("26.5%"))
    #expect(rows[8].contains("layer0") && rows[8].contains("20.0") && rows[8].contains("4.4%"))
    #expect(rows[9].contains("update") && rows[9].contains("2.9%"))
    #expect(rows[10].contains("wait for data") && rows[10].contains("1.5%"))
    #expect(rows[11].contains("(other)") && rows[11].contains("2.9%"))
    fixture.press("r")
    #expect(fixture.rows[3].contains("layer0"))
    #expect(fixture.rows[11].contains("(other)"))
  }

  @Test func theComparisonMarksTheBestOfEachColumn() throws {
    var fixture = full(size: Size(width: 120, height: 40))
    fixture.press("c")
    let rows = fixture.rows
    let xxs = try #require(rows.last { $0.contains("mobilevit_xxs") })
    let v2 = try #require(rows.last { $0.contains("mobilenet_v2") })
    #expect(v2.contains("★ 85.00%") && !xxs.contains("★ 75.00%") && xxs.contains("75.00%"))
    // The gap: mean training accuracy of the epoch, less the evaluation's.
    let accuracies = (1...50).map { 1 - 1 / Double($0) }
    let gap = accuracies.reduce(0, +) / 50 - 0.75
    #expect(xxs.contains(NumberFormat.percent(2).text(gap)))
    // Only the one that reached 80 % has a time.
    #expect(v2.contains("00:57") && xxs.contains(" - "), "\(v2)\n\(xxs)")
    // Sorted by best accuracy, the better model comes first.
    for _ in 0..<6 { fixture.press("o") }
    let sorted = fixture.rows
    let first = try #require(sorted.lastIndex { $0.contains("mobilenet_v2") })
    let second = try #require(sorted.lastIndex { $0.contains("mobilevit_xxs") })
    #expect(first < second)
  }

  @Test func dataAndPredictionsShowTheirPictures() {
    var fixture = full(size: Size(width: 120, height: 40))
    fixture.press("n")
    fixture.press("n")
    fixture.press("d")
    #expect(fixture.picture.contains("5 of 8") && fixture.picture.contains("▀"))
    #expect(fixture.rows.contains { $0.contains("cat") && $0.contains("250 +  50") })
    fixture.press("m")
    #expect(fixture.picture.contains("85.00% right"))
    #expect(fixture.picture.contains("cat taken for dog, 97.0% sure"))
    #expect(fixture.picture.contains("eval/cat/7.png"))
  }

  /// What is shown is said: the picture's own pixels, or those of one that was made smaller.
  @Test(arguments: [(24, 24, "24x24", false), (64, 256, "64x64 of 256x256", true)])
  func picturesSayHowLargeTheyAre(side: Int, imageSize: Int, words: String, isReduced: Bool) {
    var fixture = full(size: Size(width: 200, height: 60))
    let picture = Thumbnail(width: side, height: side, pixels: (0..<side * side * 3).map { UInt8($0 % 251) })
    fixture.send(
      .insights([
        .batch(
          BatchPreview(
            model: "mobilevit_xxs", epoch: 0, step: 8, items: [.init(picture: picture, label: 0)], batchSize: 1, imageSize: imageSize))
      ]))
    fixture.press("d")
    #expect(
      fixture.rows.contains { $0.contains("image") && $0.contains("\(words)") && $0.contains(" of 256x256") == isReduced },
      "\(fixture.picture)")
    #expect(fixture.rows[1].contains("as the network saw it, made smaller") == isReduced, "\(fixture.rows[1])")
    // A lone picture has as many columns as pixels; a small one is shown larger.
    #expect(fixture.rows[5].filter { $0 == "▀" }.count >= max(32, side), "\(fixture.picture)")
  }

  @Test func ofTooManyClassesForAMatrixTheWorstAreShown() throws {
    var fixture = full(size: Size(width: 140, height: 40))
    let names = (0..<1500).map { "class-\($0)" }
    var counts = PredictionCounts(classCount: names.count)
    for index in names.indices { counts.add(label: index, predicted: index, count: 9) }
    counts.add(label: 1203, predicted: 7, count: 6)
    counts.add(label: 44, predicted: 1499, count: 8)
    let picture = Thumbnail(width: 2, height: 2, pixels: [UInt8](repeating: 9, count: 12))
    let mistakes = [PredictionReport.Mistake(picture: picture, path: "eval/x.png", label: 44, predicted: 1499, probability: 0.9)]
    for shown in [mistakes, []] {
      fixture.send(.predictions(PredictionReport(model: "mobilevit_xxs", epoch: 4, counts: counts, mistakes: shown), classes: names))
      if fixture.model.screen != .predictions { fixture.press("m") }
      let rows = fixture.rows
      #expect(rows[1].contains("most confused") && rows[1].contains("of 1,500 classes, epoch 5") && rows[1].contains("right"), "\(rows[1])")
      #expect(rows[3].contains("class-44 ") && rows[3].contains("class-1499") && rows[3].contains(" 8 ") && rows[3].contains("47.1%"))
      #expect(rows[4].contains("class-1203") && rows[4].contains("class-7 ") && rows[4].contains("40.0%"), "\(rows[4])")
      let classes = try #require(rows.firstIndex { $0.contains("worst classes") })
      #expect(rows[classes + 2].contains("class-44 ") && rows[classes + 2].contains("52.9%"), "\(rows[classes + 2])")
      #expect(!rows.contains { $0.contains("confusion") } && rows.contains { $0.contains("worst mistakes") } == !shown.isEmpty)
    }
    fixture.press("a")
    #expect(fixture.rows.contains { $0.contains("class-44 taken for class-1499: 8") }, "\(fixture.picture)")
    #expect(fixture.picture.unicodeScalars.allSatisfy { $0.value < 0x2500 })
  }

  @Test func timeLeftIsTheTrainersAndPausesAreNoWork() {
    var fixture = Fixture(size: Size(width: 100, height: 30))
    fixture.begin(epochs: 2)
    fixture.train(1...39)
    #expect(fixture.rows[1].contains("left --:--"), "\(fixture.rows[1])")
    fixture.step(40, loss: 1, secondsLeft: 60)
    #expect(fixture.rows[1].contains("at work 00:40") && fixture.rows[1].contains("left 01:00"), "\(fixture.rows[1])")
    fixture.tell(.state(.paused))
    fixture.tell(.state(.training), after: 10_000)
    fixture.step(41, loss: 1, secondsLeft: 59)
    #expect(fixture.rows[1].contains("at work 00:41") && fixture.rows[1].contains("left 00:59"), "\(fixture.rows[1])")
  }

  @Test func whileItIsEvaluatedTheFinishedEpochIsFull() {
    var fixture = Fixture(size: Size(width: 100, height: 30))
    fixture.begin(epochs: 6)
    fixture.train(1...50)
    #expect(fixture.rows[2].contains("epoch 1/6") && fixture.rows[2].contains("50/50"), "\(fixture.rows[2])")
    fixture.tell(.state(.evaluating))
    #expect(fixture.rows[2].contains("epoch 1/6") && fixture.rows[2].contains("evaluating"), "\(fixture.rows[2])")
    fixture.tell(.state(.training))
    fixture.train(51...51)
    #expect(fixture.rows[2].contains("epoch 2/6") && fixture.rows[2].contains(" 1/50"), "\(fixture.rows[2])")
  }

  @Test func logsOfAnyProgramFillTheSameScreens() {
    var fixture = Fixture(mode: .watching, size: Size(width: 100, height: 30))
    let records = (0..<100).flatMap { step in
      [
        ScalarRecord(tag: "Loss/train", step: step, value: 1, wallTime: Double(step)),
        ScalarRecord(tag: "Accuracy/test", step: step, value: 0.625, wallTime: Double(step)),
      ]
    }
    fixture.send(.logs([LogNews(name: "torch", records: records)]))
    #expect(fixture.rows[0].contains("watching") && fixture.rows[1].contains("torch"))
    #expect(fixture.picture.contains("train 1.0000") && fixture.picture.contains("eval 62.50%"))
    fixture.send(.logs([LogNews(name: "torch", problems: ["events.out is damaged at byte 17"])]))
    #expect(fixture.picture.contains("damaged at byte 17"))
    fixture.press("l")
    #expect(fixture.picture.contains("damaged at byte 17"))
  }

  @Test func theQuestionBeforeTheEnd() {
    var fixture = full(size: Size(width: 80, height: 24))
    fixture.press("q")
    let dialog = fixture.rows[8...14].map { row -> String in
      let cells = Array(row)
      return String(cells.dropFirst(14).prefix(52))
    }.joined(separator: "\n")
    #expect(dialog.contains("stop training?"), "\(dialog)")
    #expect(dialog.contains("s save and stop") && dialog.contains("x stop unsaved") && dialog.contains("g go on"), "\(dialog)")
  }
}
