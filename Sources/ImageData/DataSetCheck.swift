import Foundation
import Synchronization

/// Finds broken images before time is lost on them: reads the header of every file, in parallel.
///
/// A file whose tail looks torn is decoded to make sure, so that whatever is reported here would have failed in training
/// too. What is damaged only in its middle is found when it is decoded.
public enum DataSetCheck {
  /// The images of `samples` that cannot be used, in their order, each with path and reason.
  ///
  /// - Parameters:
  ///   - threads: how many files are looked at side by side.
  ///   - goesOn: asked now and then, on any thread, with the number of files done; false ends the check early.
  public static func brokenImages(
    among samples: [ImageSample], limits: DecodeLimits = DecodeLimits(), threads: Int,
    goesOn: @escaping @Sendable (_ done: Int) -> Bool = { _ in true }
  ) -> [ImageError] {
    let found = Mutex<[(Int, ImageError)]>([])
    let next = Atomic<Int>(0)
    let stopped = Atomic<Bool>(false)
    let piece = 64
    DispatchQueue.concurrentPerform(iterations: max(1, threads)) { _ in
      let scratch = ImageScratch()
      while !stopped.load(ordering: .relaxed) {
        let start = next.add(piece, ordering: .relaxed).oldValue
        if start >= samples.count { return }
        for index in start..<min(start + piece, samples.count) {
          do throws(ImageError) { try check(samples[index].path, limits: limits, scratch: scratch) } catch {
            found.withLock { $0.append((index, error)) }
          }
        }
        if !goesOn(min(start + piece, samples.count)) { stopped.store(true, ordering: .relaxed) }
      }
    }
    return found.withLock { $0.sorted { $0.0 < $1.0 }.map(\.1) }
  }

  private static func check(_ path: String, limits: DecodeLimits, scratch: ImageScratch) throws(ImageError) {
    var reader = try ImageReader(path: path, limits: limits)
    guard reader.looksTruncated else { return }
    let row = scratch.row(bytes: reader.size.width * 3)
    for _ in 0..<reader.size.height { try reader.readRow(into: row) }
  }
}
