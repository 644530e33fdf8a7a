import CImageCodecs
import Files
import Glibc
import SystemText

/// Where the bytes of an image are: a file, or an entry of an archive that is read in place.
///
/// Equal where the paths are: an archive's tree has one entry of a name.
public struct ImageLocation: Sendable, Hashable {
  /// For people, and what tells images apart: of an entry the archive's path, a slash and the entry's name.
  public let path: String
  private let entry: Entry?

  private struct Entry: Sendable {
    let archive: ImageArchive
    let index: Int
  }

  /// A file.
  public init(path: String) {
    self.path = path
    entry = nil
  }

  /// - Parameter index: of the archive's entries.
  init(path: String, in archive: ImageArchive, index: Int) {
    self.path = path
    entry = Entry(archive: archive, index: index)
  }

  public static func == (a: ImageLocation, b: ImageLocation) -> Bool { a.path.utf8.elementsEqual(b.path.utf8) }

  public func hash(into hasher: inout Hasher) {
    for byte in path.utf8 { hasher.combine(byte) }
  }

  /// Opens the bytes.
  ///
  /// - Parameters:
  ///   - limit: bytes that unpacking may hold.
  ///   - prefix: how many of the first bytes are enough, of an entry that must be unpacked; nil for all.
  func open(limit: Int, prefix: Int? = nil) throws(ImageError) -> ImageBytes {
    guard let entry else { return .file(path) }
    do throws(ImageError.Reason) {
      return try entry.archive.open(entry.index, limit: limit, prefix: prefix)
    } catch {
      throw ImageError(path: error == .archiveChanged ? entry.archive.path : path, reason: error)
    }
  }

  /// Whether the first bytes are an image's; false for what cannot be read.
  var beginsLikeImage: Bool {
    do throws(ImageError) {
      return try open(limit: 64, prefix: 64).withInput { codec_begins_like_image($0) }
    } catch { return false }
  }
}

/// The bytes of an image, ready to be decoded; holds what they are read from.
enum ImageBytes {
  case file(String)
  /// A part of an open file.
  case part(OpenFile, offset: Int64, byteCount: Int64)
  case memory(ByteBlock)

  /// Bytes in memory.
  var heldBytes: Int { if case .memory(let block) = self { block.count } else { 0 } }

  /// Calls `body` with the bytes as the decoder takes them. It may keep the input for as long as this value lives.
  func withInput<Result>(_ body: (codec_input) -> Result) -> Result {
    switch self {
    case .file(let path):
      path.withSystemPath { body(codec_input(path: $0, memory: nil, fd: -1, offset: 0, size: 0)) }
    case .part(let file, let offset, let byteCount):
      body(codec_input(path: nil, memory: nil, fd: file.descriptor, offset: offset, size: byteCount))
    case .memory(let block):
      body(
        codec_input(
          path: nil, memory: block.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), fd: -1, offset: 0, size: Int64(block.count)))
    }
  }
}

/// Bytes in memory that never change once they are filled in.
final class ByteBlock: @unchecked Sendable {  // written in `init` only
  let bytes: UnsafeMutableRawBufferPointer
  let count: Int

  /// - Returns: nil where there is no memory.
  init?(count: Int) {
    // At least a byte: an empty block has an address too.
    guard let start = malloc(max(1, count)) else { return nil }
    bytes = UnsafeMutableRawBufferPointer(start: start, count: max(1, count))
    self.count = count
  }

  deinit { free(bytes.baseAddress) }
}
