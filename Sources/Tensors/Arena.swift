import Glibc

/// The stretch of memory that all plans of a process share. What one plan leaves there the next one overwrites.
///
/// Address space is reserved once and generously, and the system backs a page only when it is first touched, so that the base
/// does not move. Where address space is scarce (`ulimit -v`, strict overcommit), a reservation would take it from everything
/// else: then each plan that needs more than any before maps a stretch of its size, and earlier plans keep theirs.
public final class Arena: @unchecked Sendable {
  /// Bytes that a plan may use. The kernel would grant more than the limit and then kill the process on first touch.
  public let limit: Int
  private let isOnDemand: Bool
  private var memory: MappedMemory?

  public convenience init() { self.init(.read()) }

  /// - Parameter limits: what this process may use.
  package init(_ limits: SystemLimits) {
    limit = limits.memoryLimit
    if limits.availableAddressSpace == nil {
      let physical = max(Int(sysconf(Int32(_SC_PHYS_PAGES))) * Int(sysconf(Int32(_SC_PAGESIZE))), 1 << 30)
      memory = MappedMemory(addressSpace: max(4 * physical, limit))
    }
    isOnDemand = memory == nil
    memory.map(Self.advise)
  }

  /// Memory for a plan of `bytes`; nil if the system refuses it. Whoever keeps pointers into it keeps the memory.
  public func memory(forBytes bytes: Int) -> MappedMemory? {
    if let memory, bytes <= memory.byteCount { return memory }
    guard isOnDemand, let larger = MappedMemory(addressSpace: max(bytes, 1)) else { return nil }
    Self.advise(larger)
    memory = larger
    return larger
  }

  private static func advise(_ memory: MappedMemory) {
    // Fewer, larger pages: a step walks gigabytes, and finding a page costs more on a virtual machine. A kernel that has none
    // refuses, which costs speed alone.
    _ = madvise(memory.base, memory.byteCount, MADV_HUGEPAGE)
  }
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
