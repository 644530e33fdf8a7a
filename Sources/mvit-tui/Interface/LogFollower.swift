import Dashboard
import Foundation
import RunHistory

/// Reads logs on a thread of its own and hands what is new to the dashboard, so that a large log never holds up the screen.
final class LogFollower: Sendable {
  /// Records between two messages: about 20 ms of the dashboard's time.
  private static let portion = 50_000
  private static let pause = 0.5
  /// Rounds between two looks for new logs.
  private static let roundsBetweenSearches = 4

  /// Goes on until the process ends.
  init(_ folders: [String], _ box: MessageBox) {
    let thread = Thread {
      var orders = ModelOrders()
      let watcher = LogWatcher(folders) { orders.place(of: $0) }
      var predictions = PredictionsFollower()
      var divergences = DivergenceFollower()
      var found = 0
      var round = 0
      while true {
        if round % Self.roundsBetweenSearches == 0 {
          let problems = watcher.discover() + orders.takeProblems()
          for problem in problems {
            box.put(.line(History.Line(time: Date().timeIntervalSince1970, kind: .warning, text: problem)))
          }
          if watcher.logCount > found { box.put(.found(watcher.logs.map(\.name))) }
          found = watcher.logCount
          for message in predictions.news(of: watcher.logs) + divergences.news(of: watcher.logs) { box.put(message) }
        }
        round += 1
        while true {
          let news = watcher.read(atMost: Self.portion)
          guard !news.isEmpty else { break }
          box.put(.logs(news))
        }
        Thread.sleep(forTimeInterval: Self.pause)
      }
    }
    thread.name = "logs"
    thread.start()
  }
}
