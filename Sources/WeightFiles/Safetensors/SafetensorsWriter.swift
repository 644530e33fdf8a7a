import Files

/// A tensor on its way into a file. Its values are borrowed: they must stay as they are until the file is written.
public struct TensorToWrite {
  public enum Values {
    /// Written as F32.
    case floats(UnsafeBufferPointer<Float>)
    /// Written as I64.
    case integers(UnsafeBufferPointer<Int64>)
    /// One I64 of shape [], as PyTorch's `num_batches_tracked` is.
    case integer(Int64)
  }

  public let name: String
  public let shape: [Int]
  public let values: Values

  /// - Parameter shape: outermost axis first; its product must be the number of values.
  public init(_ name: String, shape: [Int], _ values: Values) {
    let count = shape.reduce(1, *)
    switch values {
    case .floats(let buffer): precondition(buffer.count == count, "\(name) has \(buffer.count) values for shape \(shape)")
    case .integers(let buffer): precondition(buffer.count == count, "\(name) has \(buffer.count) values for shape \(shape)")
    case .integer: precondition(shape.isEmpty, "a single integer has the shape []")
    }
    self.name = name
    self.shape = shape
    self.values = values
  }

  fileprivate var type: ElementType {
    if case .floats = values { .float32 } else { .int64 }
  }
  fileprivate var byteCount: Int { shape.reduce(type.byteCount, *) }
}

/// Writes safetensors files whose bytes depend on names, shapes, values and metadata alone, not on the order given.
///
/// The layout is that of the format's own library, byte for byte: wider element types first so that every tensor is
/// aligned, names in byte order within a type, the header in the order of the data and padded with spaces to a multiple
/// of 8; metadata keys are sorted.
public enum SafetensorsWriter {
  /// Writes a file durably (see `DurableFile`), straight from the tensors' own memory.
  ///
  /// - Throws: `FileSystemError` naming `path`; an existing file is then as it was.
  public static func write(_ tensors: [TensorToWrite], metadata: [String: String] = [:], to path: String) throws {
    let sorted = inFileOrder(tensors)
    let header = header(sorted, metadata)
    try DurableFile.write(path) { output in
      try header.withUnsafeBytes { try output.write($0) }
      for tensor in sorted { try write(tensor, to: output) }
    }
  }

  private static func write(_ tensor: TensorToWrite, to output: borrowing DurableFile.Output) throws {
    precondition(Int(littleEndian: 1) == 1, "weight files are written on little-endian machines only")
    switch tensor.values {
    case .floats(let buffer): try output.write(UnsafeRawBufferPointer(buffer))
    case .integers(let buffer): try output.write(UnsafeRawBufferPointer(buffer))
    case .integer(let value): try withUnsafeBytes(of: value) { try output.write($0) }
    }
  }

  private static func inFileOrder(_ tensors: [TensorToWrite]) -> [TensorToWrite] {
    let sorted = tensors.sorted { a, b in
      a.type.byteCount != b.type.byteCount ? a.type.byteCount > b.type.byteCount : a.name.utf8.lexicographicallyPrecedes(b.name.utf8)
    }
    let names = Set(tensors.map(\.name))
    precondition(names.count == tensors.count, "two tensors of a file have the same name")
    precondition(!names.contains("__metadata__"), "\"__metadata__\" is no name for a tensor")
    return sorted
  }

  /// The 8 bytes of the length and the padded JSON.
  private static func header(_ tensors: [TensorToWrite], _ metadata: [String: String]) -> [UInt8] {
    var members: [String] = []
    if !metadata.isEmpty {
      let notes = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      members.append("\"__metadata__\":{" + notes.map { quoted($0.key) + ":" + quoted($0.value) }.joined(separator: ",") + "}")
    }
    var offset = 0
    for tensor in tensors {
      let end = offset + tensor.byteCount
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      members.append(
        "\(quoted(tensor.name)):{\"dtype\":\"\(tensor.type.rawValue)\",\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}")
      offset = end
    }
    var json = Array(("{" + members.joined(separator: ",") + "}").utf8)
    while json.count % 8 != 0 { json.append(UInt8(ascii: " ")) }
    precondition(UInt64(json.count) <= SafetensorsHeader.longest, "the header is longer than the format allows")
    return (0..<8).map { UInt8(truncatingIfNeeded: json.count >> (8 * $0)) } + json
  }

  /// A JSON string: quotes, backslashes and control characters escaped, all else as it is.
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\u{8}": result += "\\b"
      case "\u{C}": result += "\\f"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case ..<" ": result += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
