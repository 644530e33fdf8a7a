import Synchronization

/// Finds broken images before time is lost on them: reads the header of every file, in parallel.
///
/// A file whose tail looks torn is decoded to make sure, so that whatever is reported here would have failed in training
/// too. What is damaged only in its middle is found when it is decoded.
public struct DataSetCheck: Sendable {
  /// The images that cannot be used, in their order, each with path and reason.
  public let broken: [ImageError]
  /// Bytes held to decode the one among the others that takes most, of those that can only be decoded whole; 0 without any.
  public let decodingBytes: Int
  /// Of each image in its order; nil for those that are broken, or were not looked at because the check ended early.
  public let headers: [PictureHeader?]

  /// Looks at `samples`.
  ///
  /// - Parameters:
  ///   - limits: of each image; the threads together hold no more than their `totalBytes`.
  ///   - threads: how many files are looked at side by side.
  ///   - goesOn: asked after each file, on any thread, with its place counted from 1; false ends the check early.
  public init(
    of samples: [ImageSample], limits: DecodeLimits, threads: Int,
    goesOn: @escaping @Sendable (_ done: Int) -> Bool = { _ in true }
  ) {
    let found = Mutex<[(Int, ImageError)]>([])
    let read = Mutex([PictureHeader?](repeating: nil, count: samples.count))
    let most = Mutex(0)
    let stopped = Atomic<Bool>(false)
    LimitedWork.run(samples.count, limits: limits, threads: threads, goesOn: { !stopped.load(ordering: .relaxed) }) { index, share in
      do throws(ImageError) {
        let (header, bytes) = try Self.check(samples[index].location, limits: share)
        read.withLock { $0[index] = header }
        if bytes > 0 { most.withLock { $0 = max($0, bytes) } }
      } catch {
        if error.wantsMemory && share.memoryBytes < limits.memoryBytes { return false }
        found.withLock { $0.append((index, error)) }
      }
      if !goesOn(index + 1) { stopped.store(true, ordering: .relaxed) }
      return true
    }
    broken = found.withLock { $0.sorted { $0.0 < $1.0 }.map(\.1) }
    decodingBytes = most.withLock { $0 }
    headers = read.withLock { $0 }
  }

  /// How many of the images each rule concerns.
  public var counts: PictureCounts { PictureCounts(headers.compactMap { $0 }) }

  /// - Returns: the header, and bytes held to decode the image if that can only be done whole.
  private static func check(
    _ image: ImageLocation, limits: DecodeLimits
  ) throws(ImageError) -> (PictureHeader, Int) {
    // Everything that any rules look for is read, so that the same check serves all of them.
    var reader = try ImageReader(image, limits: limits, rules: .asShown)
    guard reader.looksTruncated else { return (reader.header, reader.wholeBytes) }
    let scratch = ImageScratch()
    let row = scratch.row(bytes: reader.storedSize.width * 3)
    for _ in 0..<reader.storedSize.height { try reader.readRow(into: row) }
    return (reader.header, reader.wholeBytes)
  }
}
