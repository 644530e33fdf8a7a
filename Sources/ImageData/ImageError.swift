import CImageCodecs
import Foundation

/// An image file that cannot be used: which, why, and what to do about it.
public struct ImageError: Error, Sendable, Hashable, CustomStringConvertible {
  public let path: String
  public let reason: Reason

  public init(path: String, reason: Reason) {
    self.path = path
    self.reason = reason
  }

  public enum Reason: Error, Sendable, Hashable {
    /// The system's words.
    case cannotOpen(String)
    /// A folder, pipe, device or socket.
    case notAFile
    /// The system's words.
    case cannotRead(String)
    case empty
    /// The format's name; empty for an unknown one.
    case otherFormat(String)
    case tooManyPixels(width: Int, height: Int, limit: Int)
    /// What needs the memory, how much, and how much it may take.
    case tooMuchMemory(what: String, bytes: Int, limit: Int)
    /// A side so long that resizing it needs more than may be taken.
    case tooMuchToResize(width: Int, height: Int, bytes: Int, limit: Int)
    case truncated
    /// The decoder's words.
    case corrupt(String)
    /// What is not supported.
    case unsupported(String)
    /// The format's name, and the package whose library reads it.
    case missingLibrary(String, package: String)
    /// The archive that holds the image is no longer the one that was scanned; the error names the archive.
    case archiveChanged
  }

  public var description: String { "\(path): \(reason)" }
}

extension ImageError.Reason: CustomStringConvertible {
  public var description: String {
    switch self {
    case .cannotOpen(let words): "cannot be opened (\(words)); check the path and its permissions"
    case .notAFile: "is not an ordinary file; remove it from the images"
    case .cannotRead(let words): "cannot be read (\(words)); copy it again"
    case .empty: "is empty; replace or remove it"
    case .otherFormat(""): "is no image of a known format (\(Self.formats)); convert or remove it"
    case .otherFormat("text"): "holds text, not an image; replace or remove it"
    case .otherFormat(let name): "is \(Self.article(name)) \(name) file, which is not read (\(Self.formats) are); convert or remove it"
    case .tooManyPixels(let width, let height, let limit):
      "claims \(width) x \(height) pixels, above the limit of \(limit) pixels; shrink or remove it"
    case .tooMuchMemory(let what, let bytes, let limit):
      "is \(what) that takes \(Self.megabytes(bytes, "to decode", above: limit)); "
        + (["an interlaced PNG", "a progressive JPEG"].contains(what)
          ? "save it without interlacing or progressive passes, or shrink it" : "shrink or remove it")
    case .tooMuchToResize(let width, let height, let bytes, let limit):
      "has \(width) x \(height) pixels, which takes \(Self.megabytes(bytes, "to resize", above: limit)); "
        + "shrink or remove it"
    case .truncated: "ends before its image does; replace or remove it"
    case .corrupt(let words): "is damaged (\(words)); replace or remove it"
    case .unsupported(let what): "cannot be decoded (\(what)); convert or remove it"
    case .missingLibrary(let name, let package):
      "is \(Self.article(name)) \(name) file; install \(package) to read it, or convert it"
    case .archiveChanged: "was cut off or changed while it was read; restore the archive, and resume the run if there is one"
    }
  }

  private static let formats = ImageFormat.allCases.map(\.rawValue).joined(separator: ", ")

  /// The indefinite article before a format's name as it is spoken: "an MP4", "a ZIP".
  private static func article(_ name: String) -> String {
    let spelledWithVowel = ["MP4", "SVG"]  // em, ess
    return spelledWithVowel.contains(name) || "AEIO".contains(name.prefix(1)) ? "an" : "a"
  }

  /// What is needed and the limit, with as many decimals as it takes to tell the two apart.
  private static func megabytes(_ bytes: Int, _ purpose: String, above limit: Int) -> String {
    let texts = (0...6).lazy.map { (megabytes(bytes, decimals: $0), megabytes(limit, decimals: $0)) }
    let (need, most) = texts.first { $0.0 != $0.1 } ?? ("\(bytes) bytes", "\(limit) bytes")
    return "\(need) \(purpose), above the limit of \(most)"
  }

  /// Rounded up.
  private static func megabytes(_ bytes: Int, decimals: Int) -> String {
    let unit = (decimals..<6).reduce(1) { product, _ in product * 10 }
    let digits = String(bytes / unit + (bytes % unit == 0 ? 0 : 1))
    let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    return padded.dropLast(decimals) + (decimals == 0 ? "" : ".") + padded.suffix(decimals) + " MB"
  }
}

extension ImageError {
  init(path: String, report: codec_report, limits: DecodeLimits) {
    self.init(path: path, reason: Reason(report, limits: limits))
  }
}

extension ImageError.Reason {
  fileprivate init(_ report: codec_report, limits: DecodeLimits) {
    let text = withUnsafeBytes(of: report.text) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    var systemWords: String { String(cString: strerror(report.system_error)) }
    switch report.status {
    case .ok: preconditionFailure("a call that succeeded has no error")
    case .cannot_open: self = .cannotOpen(systemWords)
    case .not_a_file: self = .notAFile
    case .cannot_read: self = .cannotRead(systemWords)
    case .empty: self = .empty
    case .other_format: self = .otherFormat(text)
    case .too_many_pixels:
      self = .tooManyPixels(width: Int(report.width), height: Int(report.height), limit: limits.pixels)
    case .too_much_memory:
      self = .tooMuchMemory(what: text, bytes: Int(clamping: report.needed_bytes), limit: limits.memoryBytes)
    case .truncated: self = .truncated
    case .corrupt: self = .corrupt(text)
    case .unsupported: self = .unsupported(text)
    case .missing_library:
      let package = withUnsafeBytes(of: report.package) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      self = .missingLibrary(text, package: package)
    }
  }
}
