/// A weight file that cannot be used: which file, where in it, what is wrong and what helps.
public struct WeightFileError: Error, Equatable, Sendable, CustomStringConvertible {
  public let file: String
  public let problem: Problem

  public init(_ file: String, _ problem: Problem) {
    self.file = file
    self.problem = problem
  }

  public enum Problem: Equatable, Sendable {
    // The container.
    case notAFile
    case tooShort(bytes: Int)
    case otherFormat(String)
    case headerTooLong(UInt64)
    case headerCutShort(claimed: UInt64, present: Int)
    case notStartingWithBrace(byte: UInt8)
    case badHeader(offset: Int, reason: String)
    case duplicateKey(String, offset: Int)
    // One entry of the header.
    case unknownElementType(tensor: String, type: String)
    case reversedOffsets(tensor: String)
    case sizeOverflow(tensor: String)
    case sizeMismatch(tensor: String, expected: Int, actual: Int)
    // The layout of the data.
    case overlap(tensor: String, offset: Int)
    case hole(beforeTensor: String, offset: Int, bytes: Int)
    case dataCutShort(missing: Int)
    case trailingBytes(Int)
    case changedWhileRead
    // The contents.
    case noSuchTensor(String)
    case notWeights(tensor: String, type: ElementType)
    case notIntegers(tensor: String, type: ElementType)
    case unknownNames(examples: [String])
    case namesDiffer(scheme: NamingScheme, missing: [String], unknown: [String])
    case shapeDiffers(tensor: String, expected: [Int], actual: [Int])
    case badMetadata(key: String, reason: String)
  }

  public var description: String { file + ": " + problem.sentence }

  /// What is wrong, without the file and the cure.
  public var reason: String { String(problem.sentence.prefix { $0 != ";" }) }
}

extension WeightFileError.Problem {
  fileprivate var sentence: String {
    switch self {
    case .notAFile: "is not a regular file; name a .safetensors file or a checkpoint's folder"
    case .tooShort(let bytes): "is \(bytes) bytes long, too short for a safetensors file; copy or download it again"
    case .otherFormat(let name): "is \(name), not a safetensors file; save its tensors with the safetensors package first"
    case .headerTooLong(let bytes):
      "claims a header of \(bytes) bytes, more than safetensors' limit of \(SafetensorsHeader.longest); it is damaged or of another format"
    case .headerCutShort(let claimed, let present):
      "ends within its header (\(present) of \(claimed) bytes); copy or download it again"
    case .notStartingWithBrace(let byte):
      "has a header that begins with byte \(byte) instead of '{'; it is damaged or not a safetensors file"
    case .badHeader(let offset, let reason): "has a broken header at byte \(offset): \(reason); it is damaged, copy or write it again"
    case .duplicateKey(let key, let offset):
      "names \"\(key)\" twice in its header (byte \(offset)); which one counts is unclear, write the file again"
    case .unknownElementType(let tensor, let type):
      "holds \"\(tensor)\" as unknown element type \"\(type)\"; convert it to F32"
    case .reversedOffsets(let tensor): "has \"\(tensor)\" end before it begins; it is damaged, copy or write it again"
    case .sizeOverflow(let tensor): "gives \"\(tensor)\" a shape beyond all memory; it is damaged, copy or write it again"
    case .sizeMismatch(let tensor, let expected, let actual):
      "has \(actual) bytes for \"\(tensor)\" where shape and type need \(expected); it is damaged, copy or write it again"
    case .overlap(let tensor, let offset): "has \"\(tensor)\" overlap another tensor at data byte \(offset); write the file again"
    case .hole(let tensor, let offset, let bytes):
      "has \(bytes) unused bytes at data byte \(offset), before \"\(tensor)\"; write the file again"
    case .dataCutShort(let missing): "is cut short: its last \(missing) bytes are missing; copy or download it again"
    case .trailingBytes(let bytes): "has \(bytes) bytes after its last tensor; it is damaged, copy or write it again"
    case .changedWhileRead: "became shorter while it was being read; wait until its writer is done and try again"
    case .noSuchTensor(let tensor): "has no tensor \"\(tensor)\""
    case .notWeights(let tensor, let type): "holds \"\(tensor)\" as \(type.rawValue), not as weights; convert it to F32"
    case .notIntegers(let tensor, let type): "holds \"\(tensor)\" as \(type.rawValue) where whole numbers are expected"
    case .unknownNames(let examples):
      "has tensor names of no model known here (\(Self.list(examples))); if they are a known model's, rename them to timm's (MobileViT) or "
        + "torchvision's (MobileNetV2)"
    case .namesDiffer(let scheme, let missing, let unknown):
      Self.difference(scheme, missing, unknown) + "; is it the model that was asked for?"
    case .shapeDiffers(let tensor, let expected, let actual):
      "has \"\(tensor)\" with shape \(actual) where the model has \(expected); check model and class count"
    case .badMetadata(let key, let reason): "has metadata \"\(key)\" that makes no sense (\(reason)); it is damaged, copy or write it again"
    }
  }

  private static func difference(_ scheme: NamingScheme, _ missing: [String], _ unknown: [String]) -> String {
    var parts: [String] = []
    if !missing.isEmpty { parts.append("lacks \(missing.count) tensors of the model (\(list(missing)))") }
    if !unknown.isEmpty { parts.append("has \(unknown.count) tensors that the model does not know (\(list(unknown)))") }
    return parts.joined(separator: " and ") + " by the names of \(scheme.label)"
  }

  private static func list(_ names: [String]) -> String {
    names.prefix(3).map { "\"\($0)\"" }.joined(separator: ", ") + (names.count > 3 ? ", …" : "")
  }
}
