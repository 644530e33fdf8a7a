import Foundation
import Reports
import RunHistory
import ScalarLogs
import SystemText
import Testing
import TrainingEvents

@Suite struct ComparisonReportTests {
  /// Two models with a few steps and two evaluations each.
  private func history(_ names: [String]) -> History {
    var history = History()
    var time = 0.0
    func send(_ event: TrainingEvent) {
      time += 1
      history.receive(event, at: time)
    }
    for (index, name) in names.enumerated() {
      send(
        .begin(
          RunBeginning(
            model: name, parameters: 1_000_000 * (index + 1), epochs: 2, stepsPerEpoch: 10, trainImages: 80, evaluationImages: 20,
            resumedAtStep: 0)))
      send(.state(.training))
      for step in 1...20 {
        send(
          .step(
            StepEvent(
              model: name, epoch: (step - 1) / 10, step: step, loss: step == 15 ? .nan : 2 / Float(step), accuracy: 0.9, learningRate: 0.1,
              imagesPerSecond: 100)))
        if step % 10 == 0 {
          send(
            .evaluation(
              EvaluationEvent(
                model: name, epoch: step / 10 - 1, step: step, loss: 0.5, accuracy: 0.5 + Float(index) / 8 + Float(step) / 100, isBest: true
              )))
        }
      }
    }
    return history
  }

  private func report(_ history: History, target: Double, confusions: [ComparisonReport.Confusion] = []) -> String {
    ComparisonReport(
      title: "a <run>", facts: ["2026-01-02"], history: history, target: target, confusions: confusions,
      settings: [("data", "/a & b/\"c\""), ("epochs", "2")]
    ).html
  }

  private let confusion = ComparisonReport.Confusion(
    model: "a", epoch: 1, classes: ["cat", "dog"], counts: PredictionCounts(matrix: [[3, 1], [0, 4]]))

  private func report(_ names: [String], target: Double = 0.6, confusions: [ComparisonReport.Confusion] = []) -> String {
    report(history(names), target: target, confusions: confusions)
  }

  @Test func aChangeOfTheDataIsMarkedInEachChartOverSteps() {
    var history = history(["a", "b"])
    #expect(!report(history, target: 0.6).contains("class=\"boundary\""))
    history.receive([ScalarRecord(tag: "data/change", step: 10, value: 1, wallTime: 1)], of: "a")
    let one = report(history, target: 0.6)
    #expect(one.contains(">data changed (a)<"))
    history.receive([ScalarRecord(tag: "data/change", step: 10, value: 1, wallTime: 1)], of: "b")
    let both = report(history, target: 0.6)
    // Accuracy, loss, training loss and gap; a time at work has no step.
    #expect(both.components(separatedBy: "class=\"boundary\"").count - 1 == 4 && both.contains(">data changed<"))
  }

  @Test func aDroppedModelIsMarked() {
    var history = history(["a", "b"])
    history.receive(.dropped(model: "b", epoch: 1, step: 15), at: 100)
    let html = report(history, target: 0.6)
    #expect(html.contains(" b <span class=\"bad\">diverged at step 15</span></th>"))
    #expect(html.components(separatedBy: "diverged at step").count == 2)
  }

  @Test func itCarriesTheMarkOfTheRun() {
    var report = ComparisonReport(title: "a", facts: [], history: history(["a"]), target: 0.5, confusions: [], settings: [])
    report.mark = "a \"finished\" 3"
    #expect(report.html.contains("<meta name=\"run-state\" content=\"a &quot;finished&quot; 3\">"))
    #expect(report.html.prefix(ComparisonReport.markWithin).contains(ComparisonReport.markElement(report.mark)))
  }

  /// A page is read in terminals too, and printed.
  @Test func nothingInItIsACommandOrMarkup() {
    let commands = String(String.UnicodeScalarView((0..<0x3000).compactMap(Unicode.Scalar.init).filter(\.isCommand)))
    // A quote with a combining mark is one character to Swift and a quote to browsers.
    let name = commands + "\"\u{301}>\u{301}<\u{301}b"
    var confusion = confusion
    (confusion.model, confusion.classes) = (name, [name, name + "2"])
    let html = ComparisonReport(
      title: name, facts: [name], history: history([name, name + "2"]), target: 0.6, confusions: [confusion],
      settings: [(name, name)]
    ).html
    #expect(html.unicodeScalars.filter(\.isCommand).allSatisfy { $0 == "\n" })
    #expect(!html.unicodeScalars.map(\.value).contains(0x301) || !html.contains("\"\u{301}") && !html.contains("<\u{301}"))
    #expect(html.contains("&quot;\u{301}&gt;\u{301}&lt;\u{301}b"))
  }

  @Test func itNeedsNothingElse() {
    let html = report(["a", "b"])
    for word in ["http:", "https:", "<script", "<link", "src=", "@import", "url("] {
      #expect(!html.contains(word), "\(word)")
    }
  }

  @Test func itIsWellFormed() throws {
    let html = report(["a", "b"], confusions: [confusion])
    // All but the first lines and the void <meta> is XML too.
    let xml = html.replacing("<!DOCTYPE html>\n", with: "").replacing(/<meta[^>]*>/, with: "")
    let parser = XMLDocumentCheck()
    #expect(parser.problem(in: xml) == nil)
  }

  @Test func namesAndPathsAreText() {
    let html = report(["a"])
    #expect(html.contains("<title>a &lt;run&gt;</title>"))
    #expect(html.contains("/a &amp; b/&quot;c&quot;"))
  }

  @Test func theTableMarksTheBest() {
    let html = report(["a", "b"])
    #expect(html.contains("title=\"the best\">82.50%"))
    #expect(html.contains("title=\"the best\">1.00M"))
    // Nobody said what they take of memory.
    #expect(!html.contains("<th>memory</th>"))
  }

  /// The first evaluations are of 60.0 % after 11 s at work and of 72.5 % after 13; the second ones of 70.0 % after 22 and of 82.5 % after 24.
  @Test(arguments: [
    (0.65, ["<td>00:22</td>", "<td class=\"best\" title=\"the best\">00:13</td>"]),
    (0.75, ["<td>not reached</td>", "<td>00:24</td>"]), (0.9, ["<td>not reached</td>", "<td>not reached</td>"]),
  ]) func theTableTellsTheTimeToATargetAccuracy(target: Double, cells: [String]) {
    let html = report(["a", "b"], target: target)
    #expect(html.contains("<th>time to \(Int(target * 100))%</th>"))
    let found = html.matches(of: /(<td[^>]*>[^<]*<\/td>)<\/tr>/).prefix(2).map { String($0.output.1) }
    #expect(found == cells, "\(found)")
  }

  /// One that has yet to be evaluated has not missed the target; one that has no round percentage is told as it is.
  @Test func aModelThatWasNeverEvaluatedIsNotSaidToMissTheTarget() {
    var history = history(["a"])
    history.receive(
      [ScalarRecord(tag: "train/loss", step: 1, value: 1, wallTime: 1), ScalarRecord(tag: "train/loss", step: 2, value: 1, wallTime: 2)],
      of: "new")
    let html = report(history, target: 0.825)
    #expect(html.contains("<th>time to 82.5%</th>"))
    let found = html.matches(of: /<td[^>]*>([^<]*)<\/td><\/tr>/).prefix(2).map { String($0.output.1) }
    #expect(found == ["not reached", "–"], "\(found)")
  }

  @Test func curvesAreDrawnAndNaNIsNot() {
    let html = report(["a", "b"])
    for title in ["Evaluation accuracy", "Evaluation loss", "Training loss", "Gap", "Best accuracy against parameters"] {
      #expect(html.contains("<figcaption>\(title)"), "\(title)")
    }
    #expect(!html.lowercased().contains("nan"))
    #expect(!html.contains("Best accuracy by "))
  }

  @Test func aSweepShowsItsSensitivity() {
    let html = report(["m@weight-decay=1e-3", "m@weight-decay=0"])
    #expect(html.contains("<figcaption>Best accuracy by weight-decay"))
  }

  @Test func matricesSayWhatWasTakenForWhat() {
    let html = report(["a"], confusions: [confusion])
    #expect(html.contains("cat taken for dog: 1") && html.contains("<b>87.50%</b> right, epoch 2"))
  }

  @Test func ofTooManyClassesForAMatrixThePairsConfusedMostAreTold() {
    var counts = PredictionCounts(classCount: 1500)
    for index in 0..<1500 { counts.add(label: index, predicted: index, count: 9) }
    counts.add(label: 1203, predicted: 7, count: 6)
    counts.add(label: 44, predicted: 1499, count: 1)
    let html = report(["a"], confusions: [.init(model: "a", epoch: 1, classes: (0..<1500).map { "class <\($0)>" }, counts: counts)])
    let first = ">class &lt;1203&gt;</th><td>class &lt;7&gt;</td><td>6</td><td>40.0%</td></tr>"
    #expect(html.contains(first + "<tr><th scope=\"row\">class &lt;44&gt;"))
    #expect(html.contains("confused most") && html.contains("<b>99.95%</b> right") && !html.contains("class=\"confusion\""))
    #expect(XMLDocumentCheck().problem(in: html.replacing("<!DOCTYPE html>\n", with: "").replacing(/<meta[^>]*>/, with: "")) == nil)
  }

  @Test func aRunWithoutAnyValueIsNoProblem() {
    let html = ComparisonReport(title: "x", facts: [], history: History(), target: 0.5, confusions: [], settings: []).html
    #expect(html.contains("</html>"))
  }
}

/// Whether tags are closed in order.
private struct XMLDocumentCheck {
  func problem(in text: String) -> String? {
    var open: [Substring] = []
    for match in text.matches(of: /<(\/?)([a-zA-Z0-9]+)[^>]*?(\/?)>/) {
      if match.output.1 == "/" {
        guard open.last == match.output.2 else { return "</\(match.output.2)> closes \(open.last ?? "nothing")" }
        open.removeLast()
      } else if match.output.3 != "/" {
        open.append(match.output.2)
      }
    }
    return open.isEmpty ? nil : "\(open) stay open"
  }
}
