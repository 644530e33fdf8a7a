import Foundation
import ImageData
import Synchronization
import TestImages
import Testing

/// Work on images by several threads that share the memory of one.
@Suite struct LimitedWorkTests {
  @Test(arguments: [1, 3]) func threadsShareTheMemory(_ threads: Int) {
    let held = Mutex<[Int: [Int]]>([:])
    let whole = DecodeLimits(pixels: 7, memoryBytes: 900)
    LimitedWork.run(20, limits: whole, threads: threads) { index, limits in
      held.withLock { $0[index, default: []].append(limits.memoryBytes) }
      // Every fifth needs more than a share.
      return limits.pixels == 7 && (index % 5 > 0 || limits.memoryBytes == 900)
    }
    let share = 900 / threads
    let expected = (0..<20).map { ($0, $0 % 5 == 0 && threads > 1 ? [share, 900] : [share]) }
    #expect(held.withLock { $0 } == Dictionary(uniqueKeysWithValues: expected))
  }

  @Test func itEndsEarly() {
    let done = Mutex(0)
    LimitedWork.run(1000, limits: DecodeLimits(), threads: 2, goesOn: { done.withLock { $0 < 10 } }) { _, _ in
      done.withLock { $0 += 1 }
      return false
    }
    #expect(done.withLock { $0 } < 13)
  }

  /// An image that a share of the memory cannot hold is still checked and compared.
  @Test func whatNeedsMoreThanAShareIsLookedAtLater() throws {
    let folder = try TemporaryFolder()
    let png = Fixtures.bytes(of: Fixtures.path("small.png"))
    let names = ["train/a/1.png", "train/b/1.png", "val/a/1.png", "val/b/1.png"]
    let entries = names.enumerated().map { ArchiveFiles.Entry($1, $0 == 3 ? png : png + [UInt8($0)]) } + [.init("train/b/2.png", png)]
    let images = try ImageFolder(DataRequest(folder.write(ArchiveFiles.zip(entries), to: "set.zip"), seed: 1))
    let limits = DecodeLimits(memoryBytes: 100_000 + png.count)
    #expect(DataSetCheck(of: images.training, limits: limits, threads: 1 << 12).broken.isEmpty)
    #expect(SharedImages(in: images, threads: 2, limits: DecodeLimits(memoryBytes: png.count + 1)).pairs.count == 1)
    #expect(SharedImages(in: images, threads: 2, limits: DecodeLimits(memoryBytes: png.count - 1)).pairs.isEmpty)
  }
}
