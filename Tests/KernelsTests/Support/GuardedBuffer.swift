import Foundation
import Kernels

/// Floats between guards: a zone of NaNs before them, CK_PADDING NaNs after them (kernels may read those, never write them)
/// and then a page that faults when touched.
final class GuardedBuffer {
  /// A quiet NaN whose payload would not survive arithmetic on it as an integer.
  static let sentinel: UInt32 = 0x7FC1_2345
  private static let front = 64

  let name: String
  let count: Int
  /// Not aligned to anything but a float.
  let pointer: UnsafeMutablePointer<Float>
  private let region: UnsafeMutableRawPointer
  private let regionBytes: Int

  /// - Parameter values: nil for `count` sentinels
  init(_ name: String, count: Int, values: [Float]? = nil) {
    self.name = name
    self.count = count
    let page = Int(getpagesize())
    let bytes = (Self.front + count + channelPadding) * 4
    let open = (bytes + page - 1) / page * page
    regionBytes = open + page
    region = mmap(nil, regionBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    precondition(region != MAP_FAILED, "no memory for test buffer \(name)")
    mprotect(region + open, page, PROT_NONE)
    pointer = (region + open - (count + channelPadding) * 4).bindMemory(to: Float.self, capacity: count + channelPadding)
    fill(Float(bitPattern: Self.sentinel), from: -Self.front, to: count + channelPadding)
    if let values { replace(with: values) }
  }

  deinit { munmap(region, regionBytes) }

  var values: [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }
  var bits: [UInt32] { values.map(\.bitPattern) }

  func replace(with values: [Float]) {
    precondition(values.count == count, "test buffer \(name) takes \(count) values")
    pointer.update(from: values, count: count)
  }

  func fill(_ value: Float) { fill(value, from: 0, to: count) }

  private func fill(_ value: Float, from: Int, to: Int) {
    (pointer + from).update(repeating: value, count: to - from)
  }

  /// Whether nothing was written outside the buffer.
  var guardsHold: Bool {
    let outside = Array(-Self.front..<0) + Array(count..<count + channelPadding)
    return outside.allSatisfy { pointer[$0].bitPattern == Self.sentinel }
  }
}
