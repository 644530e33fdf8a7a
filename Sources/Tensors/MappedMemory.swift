import CProcess
import Glibc

/// Zeroed memory straight from the system, which backs a page only when it is first touched.
public final class MappedMemory: @unchecked Sendable {
  /// The first byte; aligned to a page.
  public let base: UnsafeMutableRawPointer
  public let byteCount: Int

  /// Memory that cannot be done without and that was checked for before (`SystemLimits`): a refusal ends the process.
  public init(required byteCount: Int) {
    guard let mapping = Self.map(byteCount, MAP_PRIVATE | MAP_ANONYMOUS) else {
      // The trap's handler turns it into a sentence.
      cprocess_memory_refused(byteCount)
      fatalError("out of memory: the system refused \(byteCount) bytes")
    }
    base = mapping
    self.byteCount = byteCount
  }

  /// Address space only, however little memory there is behind it; nil if the system refuses it.
  init?(addressSpace byteCount: Int) {
    guard let mapping = Self.map(byteCount, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE) else { return nil }
    base = mapping
    self.byteCount = byteCount
  }

  deinit { munmap(base, byteCount) }

  private static func map(_ byteCount: Int, _ flags: Int32) -> UnsafeMutableRawPointer? {
    guard let mapping = mmap(nil, byteCount, PROT_READ | PROT_WRITE, flags, -1, 0), mapping != MAP_FAILED else { return nil }
    return mapping
  }
}
