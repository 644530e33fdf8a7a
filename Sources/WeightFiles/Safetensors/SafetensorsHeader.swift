/// One tensor of a safetensors file.
public struct StoredTensor: Sendable, Equatable {
  public let name: String
  public let type: ElementType
  /// Outermost axis first; empty for a scalar.
  public let shape: [Int]
  /// Where its bytes lie, relative to the start of the data.
  public let range: Range<Int>

  public var elementCount: Int { range.count / type.byteCount }
}

/// What a safetensors file says about its contents, checked before anything is believed.
///
/// The file is a little-endian u64 N, N bytes of JSON, then the data, which the tensors must cover without hole or
/// overlap to its last byte. Members of an entry other than dtype, shape and data_offsets are skipped, as the format's own
/// library does.
public struct SafetensorsHeader: Sendable, Equatable {
  /// The format's limit for N.
  public static let longest: UInt64 = 100_000_000

  /// In the order of their data.
  public let tensors: [StoredTensor]
  public let metadata: [String: String]

  /// Checks the first 8 bytes of a file of `fileLength` bytes.
  ///
  /// - Returns: N, small enough for the file and for memory.
  static func length(prefix: [UInt8], fileLength: Int, file: String) throws -> Int {
    guard prefix.count == 8 else { throw WeightFileError(file, .tooShort(bytes: prefix.count)) }
    if let format = otherFormat(prefix) { throw WeightFileError(file, .otherFormat(format)) }
    let length = prefix.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= longest else { throw WeightFileError(file, .headerTooLong(length)) }
    guard Int(length) <= fileLength - 8 else {
      throw WeightFileError(file, .headerCutShort(claimed: length, present: fileLength - 8))
    }
    return Int(length)
  }

  /// Other formats that people give for weights, by their first bytes. Neither can begin a safetensors file: read as N,
  /// both are beyond its limit or odd ends that no header of that length follows.
  private static func otherFormat(_ prefix: [UInt8]) -> String? {
    if prefix.starts(with: [0x50, 0x4B, 0x03, 0x04]) && prefix[4...].contains(where: { $0 != 0 }) {
      return "a zip archive (PyTorch's .pt or .pth)"
    }
    if prefix[0] == 0x80 && (2...5).contains(prefix[1]) && prefix[2...].contains(where: { $0 > 0x20 }) {
      return "a Python pickle (.pth or .pdparams)"
    }
    if prefix == [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A] { return "an HDF5 file" }
    return nil
  }

  /// Parses the JSON of a header and checks it against the length of the data that follows it.
  ///
  /// - Parameters:
  ///   - json: the N bytes of the header.
  ///   - dataLength: bytes of the file after the header.
  ///   - file: its name, for errors.
  /// - Throws: `WeightFileError` for every deviation from the format; it never traps, whatever the bytes are.
  public init(json: [UInt8], dataLength: Int, file: String) throws {
    guard let first = json.first else { throw WeightFileError(file, .badHeader(offset: 0, reason: "it is empty")) }
    guard first == UInt8(ascii: "{") else { throw WeightFileError(file, .notStartingWithBrace(byte: first)) }
    var scanner = HeaderScanner(json)
    var metadata: [String: String] = [:]
    var entries: [RawEntry] = []
    do {
      try scanner.object { scanner, key in
        if key == "__metadata__" {
          if try scanner.null() { return }
          try scanner.object { scanner, key in metadata[key] = try scanner.string() }
        } else {
          entries.append(try RawEntry(name: key, &scanner))
        }
      }
      try scanner.end()
    } catch let failure as HeaderScanner.Failure {
      if let key = failure.duplicate { throw WeightFileError(file, .duplicateKey(key, offset: failure.offset)) }
      throw WeightFileError(file, .badHeader(offset: failure.offset, reason: failure.reason))
    }
    self.metadata = metadata
    self.tensors = try Self.checkLayout(entries.map { try $0.checked(file: file) }, dataLength: dataLength, file: file)
  }

  /// Sorts tensors by their place and requires that they cover the data exactly.
  private static func checkLayout(_ tensors: [StoredTensor], dataLength: Int, file: String) throws -> [StoredTensor] {
    let sorted = tensors.sorted { ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound) }
    var end = 0
    for tensor in sorted {
      let start = tensor.range.lowerBound
      guard start >= end else { throw WeightFileError(file, .overlap(tensor: tensor.name, offset: start)) }
      guard start == end else { throw WeightFileError(file, .hole(beforeTensor: tensor.name, offset: end, bytes: start - end)) }
      end = tensor.range.upperBound
    }
    guard end <= dataLength else { throw WeightFileError(file, .dataCutShort(missing: end - dataLength)) }
    guard end == dataLength else { throw WeightFileError(file, .trailingBytes(dataLength - end)) }
    return sorted
  }
}

/// An entry as the header spells it.
private struct RawEntry {
  let name: String
  let type: String
  let shape: [UInt64]
  let begin: UInt64
  let end: UInt64

  init(name: String, _ scanner: inout HeaderScanner) throws {
    var type: String?
    var shape: [UInt64]?
    var offsets: [UInt64]?
    let start = scanner.position
    try scanner.object { scanner, key in
      switch key {
      case "dtype": type = try scanner.string()
      case "shape": shape = try Self.numbers(&scanner, atMost: 64, "more than 64 axes")
      case "data_offsets": offsets = try Self.numbers(&scanner, atMost: 2, "more than two offsets")
      default: try scanner.skipValue()
      }
    }
    guard let type, let shape, let offsets, offsets.count == 2 else {
      throw scanner.failure("\"\(name)\" needs dtype, shape and two data_offsets", at: start)
    }
    self.name = name
    self.type = type
    self.shape = shape
    (self.begin, self.end) = (offsets[0], offsets[1])
  }

  private static func numbers(_ scanner: inout HeaderScanner, atMost limit: Int, _ complaint: String) throws -> [UInt64] {
    var numbers: [UInt64] = []
    try scanner.array { scanner in
      guard numbers.count < limit else { throw scanner.failure(complaint) }
      numbers.append(try scanner.unsigned())
    }
    return numbers
  }

  /// The entry with its type known and its size equal to shape x type, every product checked for overflow.
  func checked(file: String) throws -> StoredTensor {
    guard let type = ElementType(rawValue: type) else { throw WeightFileError(file, .unknownElementType(tensor: name, type: type)) }
    guard begin <= end else { throw WeightFileError(file, .reversedOffsets(tensor: name)) }
    guard let first = Int(exactly: begin), let last = Int(exactly: end) else { throw WeightFileError(file, .sizeOverflow(tensor: name)) }
    var axes: [Int] = []
    var bytes = type.byteCount
    for axis in shape {
      guard let axis = Int(exactly: axis) else { throw WeightFileError(file, .sizeOverflow(tensor: name)) }
      let (product, overflow) = bytes.multipliedReportingOverflow(by: axis)
      guard !overflow else { throw WeightFileError(file, .sizeOverflow(tensor: name)) }
      bytes = product
      axes.append(axis)
    }
    guard last - first == bytes else { throw WeightFileError(file, .sizeMismatch(tensor: name, expected: bytes, actual: last - first)) }
    return StoredTensor(name: name, type: type, shape: axes, range: first..<last)
  }
}
