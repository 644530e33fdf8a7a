import Foundation
import ImageData
import Testing

@Suite(.timeLimit(.minutes(5))) struct BatchLoaderTests {
  /// What a batch held, copied out of the loader's memory.
  fileprivate struct Copy: Equatable {
    let start: DataPosition
    let end: DataPosition
    let labels: [Int32]
    let images: [Float]

    init(_ batch: Batch, elementCount: Int) {
      start = batch.start
      end = batch.end
      labels = Array(UnsafeBufferPointer(start: batch.labels, count: batch.count))
      images = Array(UnsafeBufferPointer(start: batch.images, count: batch.count * elementCount))
    }
  }

  fileprivate static let side = 8

  /// 23 images; those at `broken` places lack their tail.
  private final class DataSet {
    let folder: TemporaryFolder
    var samples: [ImageSample] = []

    init(broken: Set<Int> = []) throws {
      folder = try TemporaryFolder()
      let kinds = ["small.png", "baseline-420.jpg", "square.png", "grey.jpg", "colour2-depth8.png"]
      for index in 0..<23 {
        let bytes = Fixtures.bytes(of: Fixtures.path(kinds[index % kinds.count]))
        let name = "\(index)"
        let path = try folder.write(broken.contains(index) ? Array(bytes.prefix(bytes.count / 2)) : bytes, to: name)
        samples.append(ImageSample(path: path, relativePath: name, classIndex: index, byteCount: Int64(bytes.count)))
      }
    }

    func source(_ augmentation: Augmentation = .tutorial, cache: Int = 0) -> ImageSource {
      let preparation = ImagePreparation(imageSize: side, augmentation: augmentation, normalization: .unit, seed: 5, rules: .asStored)
      return ImageSource(samples: samples, preparation: preparation, budget: CacheBudget(bytes: cache), limits: DecodeLimits())
    }
  }

  private func batches(_ loader: BatchLoader) throws -> [Copy] {
    var copies: [Copy] = []
    while let batch = try loader.next() { copies.append(Copy(batch, elementCount: Self.side * Self.side * 3)) }
    #expect(try loader.next() == nil)
    return copies
  }

  /// What the loader should give, made image by image.
  private func expected(
    _ source: ImageSource, _ order: EpochOrder, batchSize: Int, epochs: Range<Int>, without broken: Set<Int> = []
  ) throws -> [Copy] {
    try epochs.flatMap { epoch in
      let images = order.images(epoch: epoch).map(Int.init)
      let split = EpochSplit(count: images.count, batchSize: batchSize)
      let ends = (1...split.batches).map { (images.count * $0 + split.batches - 1) / split.batches }
      return try zip([0] + ends, ends).map { start, end in
        let kept = images[start..<end].filter { !broken.contains($0) }
        var floats = [Float](repeating: 0, count: kept.count * source.preparation.elementCount)
        try floats.withUnsafeMutableBufferPointer { floats in
          for (place, index) in kept.enumerated() {
            try source.write(
              index, epoch: epoch, to: #require(floats.baseAddress) + place * source.preparation.elementCount, scratch: ImageScratch())
          }
        }
        return Copy(
          start: DataPosition(epoch: epoch, image: start),
          end: end == images.count ? DataPosition(epoch: epoch + 1) : DataPosition(epoch: epoch, image: end),
          labels: kept.map(Int32.init), images: floats)
      }
    }
  }

  @Test(arguments: [1, 2, 5], [0, 1_000_000])
  func batchesDoNotDependOnThreadsOrCache(_ threads: Int, _ cache: Int) throws {
    let data = try DataSet()
    let order = EpochOrder(count: 23, shuffleSeed: 3)
    for augmentation in Augmentation.allCases {
      let loader = BatchLoader(
        source: data.source(augmentation, cache: cache), order: order, batchSize: 4, endEpoch: 3, threads: threads, prefetch: threads)
      let batches = try batches(loader)
      #expect(batches == (try expected(data.source(augmentation), order, batchSize: 4, epochs: 0..<3)))
      #expect(batches.map(\.labels.count) == [4, 4, 4, 4, 4, 3] + [4, 4, 4, 4, 4, 3] + [4, 4, 4, 4, 4, 3])
    }
  }

  /// From any place on the batches are those of an uninterrupted run.
  @Test func startsAnywhere() throws {
    let data = try DataSet()
    let order = EpochOrder(count: 23, shuffleSeed: 3)
    let all = try expected(data.source(), order, batchSize: 5, epochs: 0..<3)
    for (place, batch) in all.enumerated() {
      let loader = BatchLoader(
        source: data.source(cache: 1_000_000), order: order, batchSize: 5, start: batch.start, endEpoch: 3, threads: 2)
      #expect(try batches(loader) == Array(all[place...]))
    }
    let atEnd = BatchLoader(
      source: data.source(), order: order, batchSize: 5, start: DataPosition(epoch: 1, image: 23), endEpoch: 3, threads: 2)
    #expect(try batches(atEnd) == Array(all[10...]))
  }

  @Test func sortedOrderWithoutShuffling() throws {
    let data = try DataSet()
    let loader = BatchLoader(
      source: data.source(.none), order: EpochOrder(count: 23, shuffleSeed: nil), batchSize: 23, endEpoch: 1, threads: 2)
    let batch = try #require(try loader.next())
    #expect(Copy(batch, elementCount: Self.side * Self.side * 3).labels == Array(0..<23))
    #expect(batch.isLastOfEpoch)
    #expect(try loader.next() == nil)
  }

  /// The first broken image in order is named, whatever thread met which one first; and so again at every further call.
  @Test(arguments: [1, 3]) func aBrokenImageEndsTheRun(_ threads: Int) throws {
    let data = try DataSet(broken: [7, 9])
    let order = EpochOrder(count: 23, shuffleSeed: nil)
    let loader = BatchLoader(source: data.source(), order: order, batchSize: 5, endEpoch: 1, threads: threads)
    #expect(try loader.next()?.count == 5)
    for _ in 0..<2 {
      #expect(throws: ImageError(path: data.samples[7].path, reason: .truncated)) { try loader.next() }
    }
  }

  @Test(arguments: [1, 3]) func brokenImagesAreSkippedAndListed(_ threads: Int) throws {
    let broken: Set = [0, 7, 9, 14, 15, 16, 17, 18, 22]  // the first, neighbours, a whole batch, the last
    let data = try DataSet(broken: broken)
    let order = EpochOrder(count: 23, shuffleSeed: nil)
    let loader = BatchLoader(
      source: data.source(), order: order, batchSize: 5, endEpoch: 2, brokenImages: .skip, threads: threads)
    let batches = try batches(loader)
    // A batch whose images are all broken is handed out empty: it may be the one that ends an epoch.
    #expect(batches.map(\.labels.count) == [4, 3, 4, 0, 3] + [4, 3, 4, 0, 3])
    let complete = try expected(data.source(), order, batchSize: 5, epochs: 0..<2, without: broken)
    #expect(batches == complete)
    #expect(loader.skipped.map(\.path) == broken.sorted().map { data.samples[$0].path })
    #expect(loader.skipped.allSatisfy { $0.reason == .truncated })
  }

  @Test func nothingButBrokenImages() throws {
    let data = try DataSet(broken: Set(0..<23))
    let loader = BatchLoader(
      source: data.source(), order: EpochOrder(count: 23, shuffleSeed: 1), batchSize: 4, endEpoch: 3, brokenImages: .skip, threads: 2)
    #expect(try batches(loader).allSatisfy(\.labels.isEmpty))
    #expect(loader.skipped.count == 23)
  }

  /// Nobody takes batches, so the threads run into the bound and wait; ending the loader ends them.
  @Test func cancellingFreesWaitingThreads() throws {
    let data = try DataSet()
    let order = EpochOrder(count: 23, shuffleSeed: 1)
    let loader = BatchLoader(source: data.source(), order: order, batchSize: 2, endEpoch: 1000, threads: 3, prefetch: 2)
    #expect(try loader.next()?.count == 2)
    loader.cancel()
    #expect(try loader.next() == nil)
    loader.cancel()
    for _ in 0..<20 {  // dropped without a word, at any stage
      _ = BatchLoader(source: data.source(), order: order, batchSize: 2, endEpoch: 1000, threads: 3)
    }
  }

  /// From another thread, at a moment of chance, perhaps while the consumer waits.
  @Test func cancellingWakesTheConsumer() throws {
    let data = try DataSet()
    let loader = BatchLoader(
      source: data.source(), order: EpochOrder(count: 23, shuffleSeed: 1), batchSize: 1, endEpoch: .max, threads: 1, prefetch: 1)
    let thread = Thread { loader.cancel() }
    thread.start()
    while try loader.next() != nil {}
    #expect(try loader.next() == nil)
  }

  /// Memory goes round: no more slots than the batches ahead and the one in use.
  @Test func memoryIsReused() throws {
    let data = try DataSet()
    let loader = BatchLoader(
      source: data.source(), order: EpochOrder(count: 23, shuffleSeed: 1), batchSize: 3, endEpoch: 4, threads: 2, prefetch: 2)
    var addresses = Set<UnsafeMutablePointer<Float>>()
    while let batch = try loader.next() { addresses.insert(batch.images) }
    #expect(addresses.count == 3)
    #expect(addresses.allSatisfy { UInt(bitPattern: $0) % 64 == 0 })
  }

  @Test func memoryIsForetold() {
    let preparation = ImagePreparation(imageSize: 64, augmentation: .tutorial, normalization: .unit, seed: 0, rules: .asStored)
    #expect(BatchLoader.byteCount(largest: 10, preparation: preparation, prefetch: 2) == 3 * 10 * (64 * 64 * 12 + 4))
  }

  @Test func anEmptySetHasNoBatches() throws {
    let preparation = ImagePreparation(evaluating: Preprocessing(imageSize: 8, normalization: .unit, rules: .asStored))
    let source = ImageSource(samples: [], preparation: preparation, budget: CacheBudget(bytes: 0), limits: DecodeLimits())
    let loader = BatchLoader(
      source: source, order: EpochOrder(count: 0, shuffleSeed: nil), batchSize: 4, endEpoch: 5, threads: 2)
    #expect(try loader.next() == nil)
  }
}

extension BatchLoaderTests.Copy {
  fileprivate init(start: DataPosition, end: DataPosition, labels: [Int32], images: [Float]) {
    self.start = start
    self.end = end
    self.labels = labels
    self.images = images
  }
}
