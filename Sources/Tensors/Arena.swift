import Glibc

/// One stretch of memory that all plans of a process share.
///
/// Address space is reserved once and generously, and the system backs a page only when it is first touched, so that the
/// base never moves and a plan may keep pointers. What one plan leaves there the next one overwrites.
public final class Arena: @unchecked Sendable {
  /// The first byte; aligned to a page.
  public let base: UnsafeMutableRawPointer
  /// Reserved bytes.
  public let capacity: Int
  /// Bytes that a plan may use: more than this process may hold would be reserved gladly and then end it.
  public let limit: Int

  public init() {
    let memoryLimit = SystemLimits.read().memoryLimit
    let memory = Int(sysconf(Int32(_SC_PHYS_PAGES))) * Int(sysconf(Int32(_SC_PAGESIZE)))
    var bytes = max(memory, 1 << 30) * 4
    while true {
      let mapping = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
      if let mapping, mapping != MAP_FAILED {
        // Fewer, larger pages: a step walks gigabytes, and finding a page costs more on a virtual machine.
        madvise(mapping, bytes, MADV_HUGEPAGE)
        base = mapping
        capacity = bytes
        limit = min(bytes, memoryLimit)
        return
      }
      // Address space may be limited (ulimit -v, strict overcommit): take what is given.
      bytes /= 2
      precondition(bytes >= 1 << 20, "the system gives this process no address space for its arena")
    }
  }

  deinit { munmap(base, capacity) }
}

/// Where each of a set of buffers stands in an arena so that no two that live at the same time overlap.
public struct ArenaLayout: Sendable {
  /// A buffer's wish: its bytes and the steps, first to last, during which its content matters.
  public struct Request: Sendable {
    public var bytes: Int
    public var lifetime: ClosedRange<Int>
    public init(bytes: Int, lifetime: ClosedRange<Int>) {
      self.bytes = bytes
      self.lifetime = lifetime
    }
  }

  /// Byte offsets in the order of the requests.
  public let offsets: [Int]
  /// The whole arena's size in bytes.
  public let bytes: Int

  /// Places the largest buffers first, each in the lowest gap that is free for its lifetime. Buffers start on a cache line;
  /// large ones are staggered by lines so that tensors read together do not meet in the same sets of the cache.
  public init(_ requests: [Request]) {
    let line = 64
    var offsets = [Int](repeating: 0, count: requests.count)
    var total = 0
    var placed: [(offset: Int, end: Int, lifetime: ClosedRange<Int>)] = []
    let order = requests.indices.sorted {
      requests[$0].bytes != requests[$1].bytes ? requests[$0].bytes > requests[$1].bytes : $0 < $1
    }
    for index in order {
      let request = requests[index]
      // A line of slack lets kernels read whole vectors past the end.
      let size = (request.bytes + 2 * line - 1) / line * line
      let stagger = request.bytes >= 1 << 16 ? index % 13 * 5 * line : 0
      var offset = 0
      for other in placed where other.lifetime.overlaps(request.lifetime) {
        if other.offset >= offset + stagger + size { break }
        offset = max(offset, other.end)
      }
      offset += stagger
      offsets[index] = offset
      total = max(total, offset + size)
      let entry = (offset: offset, end: offset + size, lifetime: request.lifetime)
      let place = placed.firstIndex { $0.offset > offset } ?? placed.count
      placed.insert(entry, at: place)
    }
    self.offsets = offsets
    self.bytes = total
  }
}
