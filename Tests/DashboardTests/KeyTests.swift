import Dashboard
import RunHistory
import Terminal
import Testing
import TrainingEvents

@Suite struct KeyTests {
  private static let contexts: [(String, Set<KeyBinding.Context>)] = {
    var result: [(String, Set<KeyBinding.Context>)] = []
    for screen in Screen.allCases {
      var fixture = Fixture()
      fixture.press("\(screen.rawValue + 1)")
      result.append((screen.title, fixture.model.keyContexts))
      fixture.press("?")
      result.append((screen.title + " help", fixture.model.keyContexts))
      fixture.press(.escape)
      fixture.press("a")
      result.append((screen.title + " as text", fixture.model.keyContexts))
      fixture.press("?")
      result.append((screen.title + " help as text", fixture.model.keyContexts))
    }
    var fixture = Fixture()
    fixture.begin()
    fixture.press("q")
    result.append(("quit", fixture.model.keyContexts))
    fixture.press("g6/")
    result.append(("filter", fixture.model.keyContexts))
    return result
  }()

  @Test(arguments: contexts.indices)
  func noKeyMeansTwoThings(index: Int) {
    let (name, contexts) = Self.contexts[index]
    var seen: [KeyEvent: String] = [:]
    for binding in KeyTable.bindings where !binding.contexts.isDisjoint(with: contexts) {
      for key in binding.keys {
        #expect(seen[key] == nil, "\(name): \(key) means \"\(seen[key] ?? "")\" and \"\(binding.label)\"")
        seen[key] = binding.label
      }
    }
  }

  @Test func theHelpTellsEveryKeyThatDoesSomething() {
    let told = Set(KeyTable.helpSections.flatMap(\.hints).map { $0.key + $0.label })
    for binding in KeyTable.bindings where binding.section != .dialogs {
      #expect(told.contains(binding.keys.map(\.description).joined(separator: " ") + binding.label))
    }
  }

  @Test func pausesAndGoesOn() {
    var fixture = Fixture()
    fixture.begin()
    fixture.press("p")
    #expect(fixture.takeEffects() == [.pause])
    fixture.tell(.state(.paused))
    #expect(fixture.rows[0].contains("paused"))
    #expect(fixture.model.footerHints.contains(KeyHint("p", "resume")))
    fixture.press(" ")
    #expect(fixture.takeEffects() == [.resume])
    fixture.press("k")
    #expect(fixture.takeEffects() == [.checkpoint])
  }

  /// The trainer obeys after its step: until then the request counts, not the state.
  @Test func aPauseIsTakenBackWithinTheStep() {
    var fixture = Fixture()
    fixture.begin()
    fixture.press("pp")
    #expect(fixture.takeEffects() == [.pause, .resume])
    fixture.press("p")
    fixture.tell(.state(.paused))
    fixture.press("pp")
    #expect(fixture.takeEffects() == [.pause, .resume, .pause])
  }

  /// However long a step takes, an announcement stays until it has come true, and no longer.
  @Test func whatIsAnnouncedIsSaidUntilItHasHappened() {
    var fixture = Fixture()
    fixture.press("p")
    fixture.wait()
    #expect(fixture.picture.contains("pausing before the first step"))
    fixture.press("p")
    #expect(fixture.picture.contains("not pausing"))
    fixture.begin()
    fixture.press("p")
    fixture.wait()
    #expect(fixture.picture.contains("pausing after this step"))
    fixture.tell(.state(.paused))
    #expect(fixture.picture.contains("‖ paused") && !fixture.picture.contains("pausing"))
    fixture.press("k")
    fixture.wait()
    #expect(fixture.picture.contains("saving a checkpoint"))
    fixture.tell(.checkpoint(CheckpointEvent(model: "mobilevit_xxs", step: 7, path: "step-7", kind: .latest)))
    fixture.tell(.state(.paused))
    #expect(!fixture.picture.contains("saving a checkpoint") && fixture.picture.contains("checkpoint saved at step 7"))
    // The trainer tells only of a folder that is new.
    fixture.press("k")
    fixture.tell(.state(.paused))
    #expect(!fixture.picture.contains("saving a checkpoint") && fixture.picture.contains("saved already"))
    fixture.press("p")
    fixture.wait()
    #expect(fixture.picture.contains("going on"))
    fixture.tell(.state(.training))
    #expect(!fixture.picture.contains("going on"))
    fixture.press("qs")
    fixture.wait()
    #expect(fixture.picture.contains("then stopping"))
  }

  /// A run that begins, or goes on after an evaluation, has not saved anything for that.
  @Test func aCheckpointIsNotSaidToBeThereBeforeTheTrainerAnswers() {
    let checkpoint = TrainingEvent.checkpoint(CheckpointEvent(model: "mobilevit_xxs", step: 1, path: "step-1", kind: .latest))
    var fixture = Fixture()
    fixture.press("k")
    fixture.begin()
    fixture.wait()
    #expect(fixture.picture.contains("will be saved") && !fixture.picture.contains("saved already"))
    fixture.tell(checkpoint)
    fixture.tell(.state(.training))
    #expect(fixture.picture.contains("checkpoint saved at step 1"))
    fixture.tell(.state(.evaluating))
    fixture.press("k")
    fixture.tell(.state(.training))
    #expect(fixture.picture.contains("will be saved") && !fixture.picture.contains("saved already"))
    fixture.tell(.state(.training))
    #expect(fixture.picture.contains("saved already"))
  }

  @Test func afterTheLastModelComesTheOneAtWorkAgain() {
    var fixture = Fixture(size: Size(width: 100, height: 30))
    fixture.begin(["a", "b"])
    fixture.train(1...3, model: "a")
    #expect(fixture.rows[1].contains("─┐a "), "\(fixture.rows[1])")
    fixture.press("n")
    #expect(fixture.rows[1].contains("─┐b "))
    fixture.press("n")
    fixture.train(4...6, model: "a")
    #expect(fixture.rows[1].contains("─┐a "))
    fixture.train(1...3, model: "b")
    #expect(fixture.rows[1].contains("─┐b "), "it follows the model at work")
  }

  @Test func aLineOfTheLogThatIsReadStaysInItsPlace() throws {
    var fixture = Fixture(size: Size(width: 80, height: 24))
    for number in 1...100 { fixture.tell(.notice("line \(number).")) }
    fixture.press("l")
    for _ in 0..<10 { fixture.press(.up) }
    let row = try #require(fixture.rows.firstIndex { $0.contains("line 80.") })
    for number in 101...130 { fixture.tell(.notice("line \(number).")) }
    #expect(fixture.rows[row].contains("line 80."), "\(fixture.rows[row])")
    for _ in 0..<60 { fixture.press(.down) }
    #expect(fixture.picture.contains("line 130."))
    fixture.tell(.notice("line 131."))
    #expect(fixture.picture.contains("line 131."), "the newest is followed again")
  }

  @Test func scrollingBeyondTheEndOfTheHelpCostsNoKeys() {
    var fixture = Fixture(size: Size(width: 60, height: 20))
    fixture.press("?")
    for _ in 0..<500 { fixture.press(.down) }
    let end = fixture.picture
    fixture.press(.up)
    #expect(fixture.picture != end)
  }

  @Test func quittingAsks() {
    var fixture = Fixture()
    fixture.begin()
    for (keys, effects) in [
      ("qs", [DashboardEffect.stopSaving]), ("qx", [.stopDiscarding]), ("qg", []), ("qq", []), ("qp", []), ("q", []),
    ] {
      fixture.press(keys)
      #expect(fixture.takeEffects() == effects, "\(keys)")
      fixture.press(.escape)
    }
    fixture.press("q")
    fixture.press(.right)
    fixture.press(.enter)
    #expect(fixture.takeEffects() == [.stopDiscarding])
    fixture.press("q")
    fixture.press(.enter)
    #expect(fixture.takeEffects() == [.stopSaving])
    fixture.tell(.end(.stopped))
    fixture.press("q")
    #expect(fixture.takeEffects() == [.leave])
  }

  @Test func aWatchedRunIsNotTouched() {
    var fixture = Fixture(mode: .watching)
    fixture.send(.logs([]))
    fixture.press("pk")
    #expect(fixture.takeEffects() == [])
    #expect(fixture.picture.contains("a run that is watched is not touched"))
    fixture.press("q")
    #expect(fixture.takeEffects() == [.leave])
  }

  @Test func settingsAreKept() {
    var fixture = Fixture(smoothing: 0)
    fixture.begin()
    fixture.train(1...5)
    fixture.press("ssss")
    let smoothings = fixture.takeEffects().map { effect -> Double in
      if case .save(let settings) = effect { return settings.smoothing }
      return -1
    }
    #expect(smoothings == [0.6, 0.9, 0.99, 0])
    fixture.press("xxx")
    #expect(fixture.model.settings.axis == .step)
    fixture.press("y")
    #expect(fixture.model.settings.isLogarithmic)
  }

  @Test func symbolsCanBeChosenWhateverTheTerminalSeemsToShow() {
    var fixture = Fixture(size: Size(width: 100, height: 30))
    fixture.begin()
    fixture.train(1...40)
    func has(_ range: ClosedRange<UInt32>) -> Bool { fixture.picture.unicodeScalars.contains { range.contains($0.value) } }
    #expect(has(0x2801...0x28FF))
    fixture.press("8")
    fixture.press(.down)
    for expected in [SymbolSet.braille, .block, .ascii, nil] {
      fixture.press(.right)
      #expect(fixture.model.settings.symbols == expected)
      fixture.press("1")
      #expect(has(0x2801...0x28FF) == (expected == .braille || expected == nil))
      #expect(has(0x80...0xFFFF) == (expected != .ascii))
      fixture.press("8")
    }
  }

  @Test func aLogarithmicAxisIsRefusedWhereNothingIsPositive() {
    var fixture = Fixture()
    fixture.begin()
    for number in 1...5 { fixture.step(number, loss: -1) }
    fixture.press("y")
    #expect(!fixture.model.settings.isLogarithmic)
    #expect(fixture.picture.contains("no loss is above zero"))
    fixture.step(6, loss: 0.5)
    fixture.press("y")
    #expect(fixture.model.settings.isLogarithmic)
  }

  @Test func picturesAreMadeOnlyWhileTheyAreLookedAt() {
    var fixture = Fixture()
    fixture.press("d")
    #expect(fixture.takeEffects().contains { if case .want(let kinds) = $0 { kinds.contains(.batch) } else { false } })
    fixture.press("d")
    #expect(fixture.model.screen == .overview)
    #expect(fixture.takeEffects().contains { if case .want(let kinds) = $0 { !kinds.contains(.batch) } else { false } })
  }

  @Test func runsCanBeHiddenAndFiltered() {
    var fixture = Fixture(mode: .watching, size: Size(width: 100, height: 30))
    for name in ["alpha", "beta", "alps"] {
      fixture.send(.logs([LogNews(name: name, records: [.init(tag: "train/loss", step: 1, value: 1, wallTime: 1)])]))
    }
    fixture.press("w/alp")
    #expect(fixture.picture.contains("filter: alp"))
    fixture.press(.enter)
    #expect(fixture.picture.contains("2 of 3 shown"))
    #expect(!fixture.picture.contains("beta"))
    fixture.press("h")
    #expect(fixture.picture.contains("1 of 3 shown"))
    fixture.press(.escape)
    #expect(fixture.picture.contains("3 of 3 shown"))
  }
}
