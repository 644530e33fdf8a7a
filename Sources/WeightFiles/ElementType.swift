/// The element types of a safetensors file, by the names it gives them.
public enum ElementType: String, Sendable, CaseIterable {
  case bool = "BOOL"
  case uint8 = "U8"
  case int8 = "I8"
  case float8E5M2 = "F8_E5M2"
  case float8E4M3 = "F8_E4M3"
  case int16 = "I16"
  case uint16 = "U16"
  case float16 = "F16"
  case bfloat16 = "BF16"
  case int32 = "I32"
  case uint32 = "U32"
  case float32 = "F32"
  case complex64 = "C64"
  case float64 = "F64"
  case int64 = "I64"
  case uint64 = "U64"

  /// Bytes of one element.
  public var byteCount: Int {
    switch self {
    case .bool, .uint8, .int8, .float8E5M2, .float8E4M3: 1
    case .int16, .uint16, .float16, .bfloat16: 2
    case .int32, .uint32, .float32: 4
    case .complex64, .float64, .int64, .uint64: 8
    }
  }

  /// Whether `WeightConversion` turns elements of this type into float32. Whole numbers are left out on purpose: a file
  /// that holds weights as whole numbers is quantised, and read as they stand they would be wrong without a sign of it.
  public var isReadableAsWeights: Bool {
    switch self {
    case .float16, .bfloat16, .float32, .float64: true
    default: false
    }
  }
}

/// Little-endian elements of a file to numbers of this machine.
enum WeightConversion {
  /// Converts `source` ([count] elements of `type`, any alignment) to float32 in `destination` ([count]).
  /// float64 is rounded to nearest; what float32 cannot hold becomes an infinity.
  static func floats(from source: UnsafeRawBufferPointer, type: ElementType, into destination: UnsafeMutableBufferPointer<Float>) {
    precondition(source.count == destination.count * type.byteCount, "a conversion needs as many elements as its destination has")
    switch type {
    case .float32:
      for i in 0..<destination.count {
        destination[i] = Float(bitPattern: UInt32(littleEndian: source.loadUnaligned(fromByteOffset: i &* 4, as: UInt32.self)))
      }
    case .float64:
      for i in 0..<destination.count {
        let bits = UInt64(littleEndian: source.loadUnaligned(fromByteOffset: i &* 8, as: UInt64.self))
        destination[i] = Float(Double(bitPattern: bits))
      }
    case .bfloat16:
      for i in 0..<destination.count {
        let bits = UInt16(littleEndian: source.loadUnaligned(fromByteOffset: i &* 2, as: UInt16.self))
        destination[i] = Float(bitPattern: UInt32(bits) << 16)
      }
    case .float16:
      for i in 0..<destination.count {
        destination[i] = float(half: UInt16(littleEndian: source.loadUnaligned(fromByteOffset: i &* 2, as: UInt16.self)))
      }
    default:
      preconditionFailure("\(type.rawValue) is not an element type of weights")
    }
  }

  /// IEEE binary16 to binary32, exact. Written out because `Float16` calls into a run-time library on x86-64.
  static func float(half: UInt16) -> Float {
    let sign = UInt32(half & 0x8000) << 16
    let exponent = UInt32(half >> 10) & 0x1F
    let fraction = UInt32(half & 0x3FF)
    switch exponent {
    case 0:
      // Zero or subnormal: fraction x 2^-24, and float32 has room to hold it as a normal number.
      let magnitude = Float(fraction) * 0x1p-24
      return Float(bitPattern: magnitude.bitPattern | sign)
    case 0x1F:
      return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
    default:
      return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }
}
