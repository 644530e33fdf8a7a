import Files

/// The bytes of an image, read by position.
struct ReadableBytes {
  private let storage: Storage

  private enum Storage {
    case part(OpenFile, offset: Int, end: Int)
    case memory(ByteBlock)
  }

  /// - Parameter limit: bytes that unpacking may hold.
  /// - Returns: nil where they cannot be opened.
  init?(_ image: ImageLocation, limit: Int) {
    do {
      switch try image.open(limit: limit) {
      case .file(let path): storage = .part(try OpenFile(path, .reading), offset: 0, end: Int.max)
      case .part(let file, let offset, let byteCount): storage = .part(file, offset: Int(offset), end: Int(offset + byteCount))
      case .memory(let block): storage = .memory(block)
      }
    } catch { return nil }
  }

  /// Fills `piece` as far as the bytes go; how many were read, nil on failure.
  func read(_ piece: UnsafeMutableRawBufferPointer, at place: Int) -> Int? {
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
        } catch { return nil }
      }
      return done
    }
  }
}
