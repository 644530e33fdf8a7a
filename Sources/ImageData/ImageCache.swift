import Synchronization
import Tensors

/// Bytes that decoded images may occupy, shared by all caches of a run (training, evaluation, several models).
public final class CacheBudget: Sendable {
  private let state: Mutex<State>

  private struct State {
    var total: Int
    var left: Int
  }

  public init(bytes: Int) {
    precondition(bytes >= 0, "a budget is not negative")
    state = Mutex(State(total: bytes, left: bytes))
  }

  /// A quarter of what the machine can spare now: the rest is for activations and the page cache.
  public static func standard(_ limits: SystemLimits = .read()) -> CacheBudget {
    CacheBudget(bytes: limits.availableMemory / 4)
  }

  public var total: Int { state.withLock { $0.total } }

  public var used: Int { state.withLock { $0.total - $0.left } }

  /// Lowers the budget to `bytes`, or to what is used already.
  public func shrink(to bytes: Int) {
    state.withLock { state in
      let excess = min(state.left, state.total - max(0, bytes))
      guard excess > 0 else { return }
      state.total -= excess
      state.left -= excess
    }
  }

  func reserve(_ bytes: Int) -> Bool {
    state.withLock { state in
      guard bytes <= state.left else { return false }
      state.left -= bytes
      return true
    }
  }

  func release(_ bytes: Int) { state.withLock { $0.left += bytes } }
}

/// Decoded images by their place in the data set, as many as the budget holds.
///
/// Nothing is ever thrown out for something newer: epochs visit every image once, and of a set that does not fit, the
/// images that stay are worth more than those that come and go.
final class ImageCache: Sendable {
  private let budget: CacheBudget
  private let images: Mutex<[RGBImage?]>

  init(count: Int, budget: CacheBudget) {
    self.budget = budget
    images = Mutex(Array(repeating: nil, count: count))
  }

  deinit {
    budget.release(images.withLock { $0.reduce(0) { $0 + ($1?.size.byteCount ?? 0) } })
  }

  subscript(index: Int) -> RGBImage? { images.withLock { $0[index] } }

  /// Makes an image of `size` and keeps it; nil, without making it, if the budget has no room.
  func make(
    _ index: Int, size: PixelSize, orientation: Orientation = .upright, fill: (UnsafeMutablePointer<UInt8>) throws(ImageError) -> Void
  ) throws(ImageError) -> RGBImage? {
    guard budget.reserve(size.byteCount) else { return nil }
    let image: RGBImage
    do { image = try RGBImage(size: size, orientation: orientation, fill: fill) } catch {
      budget.release(size.byteCount)
      throw error
    }
    let isFirst = images.withLock { images in
      if images[index] != nil { return false }
      images[index] = image
      return true
    }
    if !isFirst { budget.release(size.byteCount) }  // another thread was faster with the same image
    return image
  }
}
