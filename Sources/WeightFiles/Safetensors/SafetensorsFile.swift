import Files

/// A safetensors file open for reading.
///
/// The header is checked when the file is opened; a tensor's bytes are read when they are asked for, straight into the
/// caller's memory. The file is read, not mapped: a mapped file that someone cuts short ends the process with a signal,
/// a short read is an error that can be told.
public final class SafetensorsFile: Sendable {
  public let path: String
  public let header: SafetensorsHeader
  private let file: OpenFile
  private let dataStart: Int
  private let index: [String: Int]

  /// Free-form notes of the writer.
  public var metadata: [String: String] { header.metadata }
  /// In the order of their data.
  public var tensors: [StoredTensor] { header.tensors }

  /// - Throws: `FileSystemError` when the file cannot be opened or read, `WeightFileError` when it is not sound.
  public init(path: String) throws {
    do {
      file = try OpenFile(path, .reading)
    } catch let error as FileSystemError {
      guard case .notAFile = error.problem else { throw error }
      throw WeightFileError(path, .notAFile)
    }
    let fileLength = try file.status().byteCount
    let prefix = try Self.bytes(at: 0, count: min(8, fileLength), of: file)
    let headerLength = try SafetensorsHeader.length(prefix: prefix, fileLength: fileLength, file: path)
    let json = try Self.bytes(at: 8, count: headerLength, of: file)
    header = try SafetensorsHeader(json: json, dataLength: fileLength - 8 - headerLength, file: path)
    dataStart = 8 + headerLength
    self.path = path
    index = Dictionary(uniqueKeysWithValues: header.tensors.enumerated().map { ($1.name, $0) })
  }

  /// Opens weights by their file or by the checkpoint folder that holds them as `model.safetensors`.
  ///
  /// - Throws: as `init(path:)`.
  public convenience init(weightsAt path: String) throws {
    let inside = path + "/model.safetensors"
    let isCheckpoint = try FileSystem.status(path)?.kind == .folder && FileSystem.status(inside) != nil
    try self.init(path: isCheckpoint ? inside : path)
  }

  /// The tensor of that name, if there is one.
  public subscript(name: String) -> StoredTensor? { index[name].map { tensors[$0] } }

  // MARK: Reading

  /// Reads a tensor's weights as float32 into `destination`, [elementCount] in row-major order.
  ///
  /// - Throws: `WeightFileError.notWeights` unless the tensor is F32, F64, F16 or BF16.
  public func readFloats(_ tensor: StoredTensor, into destination: UnsafeMutableBufferPointer<Float>) throws {
    precondition(destination.count == tensor.elementCount, "the destination must have as many elements as the tensor")
    guard tensor.type.isReadableAsWeights else { throw WeightFileError(path, .notWeights(tensor: tensor.name, type: tensor.type)) }
    if tensor.type == .float32 && Int(littleEndian: 1) == 1 {
      return try Self.read(UnsafeMutableRawBufferPointer(destination), at: dataStart + tensor.range.lowerBound, of: file)
    }
    try readInPieces(tensor) { piece, first in
      let slice = UnsafeMutableBufferPointer(rebasing: destination[first..<first + piece.count / tensor.type.byteCount])
      WeightConversion.floats(from: piece, type: tensor.type, into: slice)
    }
  }

  /// A tensor's weights as float32.
  public func floats(_ name: String) throws -> [Float] {
    let tensor = try require(name)
    return try [Float](unsafeUninitializedCapacity: tensor.elementCount) { buffer, count in
      try readFloats(tensor, into: UnsafeMutableBufferPointer(rebasing: buffer[..<tensor.elementCount]))
      count = tensor.elementCount
    }
  }

  /// A tensor's whole numbers; for the types I64 and I32.
  public func integers(_ name: String) throws -> [Int64] {
    let tensor = try require(name)
    var result: [Int64] = []
    result.reserveCapacity(tensor.elementCount)
    guard tensor.type == .int64 || tensor.type == .int32 else { throw WeightFileError(path, .notIntegers(tensor: name, type: tensor.type)) }
    try readInPieces(tensor) { piece, _ in
      for offset in stride(from: 0, to: piece.count, by: tensor.type.byteCount) {
        result.append(
          tensor.type == .int64
            ? Int64(littleEndian: piece.loadUnaligned(fromByteOffset: offset, as: Int64.self))
            : Int64(Int32(littleEndian: piece.loadUnaligned(fromByteOffset: offset, as: Int32.self))))
      }
    }
    return result
  }

  /// A tensor's bytes as they are in the file.
  public func bytes(_ name: String) throws -> [UInt8] {
    let tensor = try require(name)
    return try Self.bytes(at: dataStart + tensor.range.lowerBound, count: tensor.range.count, of: file)
  }

  private func require(_ name: String) throws -> StoredTensor {
    guard let tensor = self[name] else { throw WeightFileError(path, .noSuchTensor(name)) }
    return tensor
  }

  /// Calls `body` with a tensor's bytes piece by piece and the index of each piece's first element.
  private func readInPieces(_ tensor: StoredTensor, _ body: (UnsafeRawBufferPointer, Int) -> Void) throws {
    let pieceLength = 1 << 18
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: min(pieceLength, tensor.range.count), alignment: 16)
    defer { scratch.deallocate() }
    var done = 0
    while done < tensor.range.count {
      let piece = UnsafeMutableRawBufferPointer(rebasing: scratch[..<min(pieceLength, tensor.range.count - done)])
      try Self.read(piece, at: dataStart + tensor.range.lowerBound + done, of: file)
      body(UnsafeRawBufferPointer(piece), done / tensor.type.byteCount)
      done += piece.count
    }
  }

  private static func bytes(at offset: Int, count: Int, of file: OpenFile) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      try read(UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<count]), at: offset, of: file)
      initialized = count
    }
  }

  private static func read(_ destination: UnsafeMutableRawBufferPointer, at offset: Int, of file: OpenFile) throws {
    var done = 0
    while done < destination.count {
      let got = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: destination[done...]), at: offset + done)
      guard got > 0 else { throw WeightFileError(file.path, .changedWhileRead) }
      done += got
    }
  }
}
