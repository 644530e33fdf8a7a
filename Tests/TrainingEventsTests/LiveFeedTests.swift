import Synchronization
import Testing
import TrainingEvents

@Suite struct LiveFeedTests {
  private final class Time: Sendable {
    let seconds = Mutex(1000.0)
  }

  private func batch(_ model: String) -> TrainingInsight {
    .batch(BatchPreview(model: model, epoch: 0, step: 1, items: [], batchSize: 1, imageSize: 32))
  }

  @Test func predictionsAreWantedFromTheStart() {
    #expect(LiveFeed(clock: { 0 }).wants(.predictions, of: "a"))
  }

  @Test func aBatchThatNobodyLooksAtIsMadeNowAndThen() {
    let time = Time()
    let feed = LiveFeed(clock: { time.seconds.withLock { $0 } })
    #expect(feed.wants(.batch, of: "a"))
    feed.publish(batch("a"))
    time.seconds.withLock { $0 += 2 }
    #expect(!feed.wants(.batch, of: "a") && feed.wants(.batch, of: "b"))
    feed.want([.batch])
    #expect(feed.wants(.batch, of: "a") && !feed.wants(.predictions, of: "a"))
    feed.want([])
    time.seconds.withLock { $0 += 20 }
    #expect(feed.wants(.batch, of: "a"))
    feed.detach()
    #expect(!feed.wants(.batch, of: "a"))
  }
}
