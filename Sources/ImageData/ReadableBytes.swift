import Files

/// The bytes of an image, read by position.
struct ReadableBytes {
  private let storage: Storage

  private enum Storage {
    case part(OpenFile, offset: Int, end: Int)
    case memory(ByteBlock)
  }

  /// For people.
  private let path: String

  /// - Parameter limit: bytes that unpacking may hold.
  init(_ image: ImageLocation, limit: Int) throws(ImageError) {
    path = image.path
    switch try image.open(limit: limit) {
    case .file(let path): storage = .part(try Self.file(path), offset: 0, end: Int.max)
    case .part(let file, let offset, let byteCount): storage = .part(file, offset: Int(offset), end: Int(offset + byteCount))
    case .memory(let block): storage = .memory(block)
    }
  }

  private static func file(_ path: String) throws(ImageError) -> OpenFile {
    do {
      return try OpenFile(path, .reading)
    } catch {
      throw ImageError(path: path, reason: .cannotOpen(reason(error)))
    }
  }

  private static func reason(_ error: any Error) -> String { (error as? FileSystemError)?.reason ?? "\(error)" }

  /// Fills `piece` as far as the bytes go; how many were read.
  func read(_ piece: UnsafeMutableRawBufferPointer, at place: Int) throws(ImageError) -> Int {
    switch storage {
    case .memory(let block):
      let count = max(0, min(piece.count, block.count - place))
      if count > 0 { piece.copyMemory(from: UnsafeRawBufferPointer(rebasing: block.bytes[place..<place + count])) }
      return count
    case .part(let file, let offset, let end):
      let count = max(0, min(piece.count, end - offset - place))
      var done = 0
      while done < count {
        do {
          let got = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: piece[done..<count]), at: offset + place + done)
          if got == 0 { break }
          done += got
        } catch {
          throw ImageError(path: path, reason: .cannotRead(Self.reason(error)))
        }
      }
      return done
    }
  }
}
