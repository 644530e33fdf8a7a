import Foundation
import Synchronization

/// Work on many images by several threads that together hold no more than `DecodeLimits.totalBytes`.
///
/// Each thread has an equal share. Most images fit into it; those that do not are worked on one by one at the end.
package enum LimitedWork {
  /// Calls `body` for each index below `count`, on several threads.
  ///
  /// - Parameters:
  ///   - limits: of an image.
  ///   - goesOn: asked before each image, on any thread; false ends the work early.
  ///   - body: takes an index and what the image may cost; false asks for another call with all of `limits`, unless these were
  ///     the ones.
  package static func run(
    _ count: Int, limits: DecodeLimits, threads: Int, goesOn: @Sendable () -> Bool = { true },
    _ body: @Sendable (Int, DecodeLimits) -> Bool
  ) {
    let threads = max(1, min(threads, count))
    let share = DecodeLimits(pixels: limits.pixels, memoryBytes: min(limits.memoryBytes, limits.totalBytes / threads))
    let large = Mutex<[Int]>([])
    let next = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: threads) { _ in
      while goesOn() {
        let index = next.add(1, ordering: .relaxed).oldValue
        guard index < count else { return }
        if !body(index, share) { large.withLock { $0.append(index) } }
      }
    }
    guard share.memoryBytes < limits.memoryBytes else { return }
    for index in large.withLock({ $0.sorted() }) {
      guard goesOn() else { return }
      _ = body(index, limits)
    }
  }
}

extension ImageError {
  /// Whether more memory might help.
  var wantsMemory: Bool {
    switch reason {
    case .tooMuchMemory, .tooMuchToResize: true
    default: false
    }
  }
}
