import Tensors

/// A buffer of a plan, before it has an address.
struct BufferID: Hashable {
  fileprivate let index: Int
}

/// Where a buffer of a plan stands in the arena, and when its content matters.
package struct BufferPlacement: Sendable {
  package let bytes: Range<Int>
  /// The steps that touch it, first to last.
  package let lifetime: ClosedRange<Int>
  /// Whether its content is there before the first step; otherwise the first step of its lifetime writes it.
  package let isProvided: Bool

  /// Whether `step` finds content in it that an earlier step, or whoever provides it, has put there.
  package func holdsContent(before step: Int) -> Bool {
    step <= lifetime.upperBound && (isProvided || step > lifetime.lowerBound)
  }
}

/// The buffers of a plan under construction and, once laid out, their addresses in the arena.
final class PlanMemory {
  private var requests: [(bytes: Int, first: Int, last: Int)] = []
  private var kept: Set<Int> = []
  private var provided: Set<Int> = []
  private var base: UnsafeMutableRawPointer?
  private var offsets: [Int?] = []

  func buffer(floats: Int) -> BufferID {
    requests.append((max(floats, 1) * MemoryLayout<Float>.stride, Int.max, -1))
    return BufferID(index: requests.count - 1)
  }

  /// The content matters in `step`.
  func touch(_ buffer: BufferID, step: Int) {
    requests[buffer.index].first = min(requests[buffer.index].first, step)
    requests[buffer.index].last = max(requests[buffer.index].last, step)
  }

  /// The content is put there before the first step.
  func provide(_ buffer: BufferID) {
    touch(buffer, step: 0)
    provided.insert(buffer.index)
  }

  /// The content matters in all steps, and is put there before the first.
  func keep(_ buffer: BufferID) { kept.insert(buffer.index) }

  func bytes(_ buffer: BufferID) -> Int { requests[buffer.index].bytes }

  /// Places all buffers for a plan of `steps`. Returns the bytes of the arena, the memory that holds them and where each
  /// buffer is.
  func layOut(in arena: Arena, steps: Int) throws -> (bytes: Int, memory: MappedMemory, placements: [BufferPlacement]) {
    // Buffers that no step uses (an evaluation's sums, say) get no place.
    let used = requests.indices.filter { kept.contains($0) || requests[$0].last >= 0 }
    let layout = ArenaLayout(
      used.map { index in
        let request = requests[index]
        return .init(bytes: request.bytes, lifetime: kept.contains(index) ? 0...max(steps - 1, 0) : request.first...request.last)
      })
    guard layout.bytes <= arena.limit, let memory = arena.memory(forBytes: layout.bytes) else {
      throw PlanError.memory(MemoryNeed(activations: layout.bytes), available: arena.limit)
    }
    base = memory.base
    offsets = [Int?](repeating: nil, count: requests.count)
    for (index, offset) in zip(used, layout.offsets) { offsets[index] = offset }
    let placements = zip(used, layout.offsets).map { index, offset in
      let request = requests[index], isKept = kept.contains(index)
      return BufferPlacement(
        bytes: offset..<offset + request.bytes, lifetime: isKept ? 0...max(steps - 1, 0) : request.first...request.last,
        isProvided: isKept || provided.contains(index))
    }
    return (layout.bytes, memory, placements)
  }

  subscript(_ buffer: BufferID) -> UnsafeMutablePointer<Float> {
    guard let base, let offset = offsets[buffer.index] else {
      preconditionFailure("a buffer of the plan has no place: no step announced it")
    }
    return (base + offset).assumingMemoryBound(to: Float.self)
  }

  /// The buffer as doubles; it was asked for with two floats each.
  func doubles(_ buffer: BufferID) -> UnsafeMutablePointer<Double> {
    UnsafeMutableRawPointer(self[buffer]).assumingMemoryBound(to: Double.self)
  }
}
