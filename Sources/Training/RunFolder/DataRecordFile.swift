import Files
import Foundation
import ImageData
import SystemText
import TrainingEvents

/// `data.json` of a run's folder: the images of the run, one a line, and those that came and went with accepted changes.
///
/// Written before the first step and replaced whole with each accepted change, before a checkpoint depends on it. Runs of versions
/// before it have none.
public struct DataRecordFile: Sendable {
  public let path: String

  public init(path: String) { self.path = path }

  /// Bytes of the longest file that is written or read: about three million images.
  static let longest = 512 << 20

  /// - Returns: false for a record that is too long to be kept; nothing is written then.
  /// - Throws: `FileSystemError`
  public func write(_ record: DataRecord) throws -> Bool {
    let text = Self.text(record)
    guard text.utf8.count <= Self.longest else { return false }
    try DurableFile.write(path, bytes: Array(text.utf8))
    return true
  }

  private static func text(_ record: DataRecord) -> String {
    var versions: [String] = []
    for version in record.versions {
      var line = JSONLine()
      line.add("fingerprint", version.fingerprint)
      if let change = version.change {
        line.add("missing", change.missing)
        line.add("new", change.added)
        line.add("resized", change.resized)
        if change.relabelled > 0 { line.add("relabelled", change.relabelled) }
      }
      versions.append(line.text)
    }
    var text = "{\"format\":1,\"batches\":\(record.batches),\n"
    text += "\"classes\":[\(record.classNames.map(\.jsonQuoted).joined(separator: ","))],\n"
    text += "\"versions\":[\(versions.joined(separator: ","))],\n\"images\":[\n"
    for (place, image) in record.images.enumerated() {
      var line = JSONLine()
      line.add("path", image.path)
      line.add("class", image.classIndex)
      line.add("part", image.isEvaluation ? "eval" : "train")
      line.add("size", Int(image.byteCount))
      if image.from > 0 { line.add("from", image.from) }
      if let until = image.until { line.add("until", until) }
      text += line.text + (place + 1 < record.images.count ? ",\n" : "\n")
    }
    return text + "]}\n"
  }

  private struct Stored: Decodable {
    struct Version: Decodable {
      let fingerprint: String
      let missing: Int?
      let new: Int?
      let resized: Int?
      /// Absent for none.
      let relabelled: Int?
    }

    struct Image: Decodable {
      let path: String
      let `class`: Int
      let part: String
      let size: Int64
      let from: Int?
      let until: Int?
    }

    let format: Int
    let batches: Int
    let classes: [String]
    let versions: [Version]
    let images: [Image]
  }

  /// - Returns: nil if there is none.
  /// - Throws: `FileSystemError`; `DataRecordError` for a file that makes no sense.
  public func read() throws -> DataRecord? {
    guard let bytes = try FileSystem.read(path, atMost: Self.longest) else { return nil }
    let stored: Stored
    do {
      stored = try JSONDecoder().decode(Stored.self, from: Data(bytes))
    } catch {
      throw DataRecordError(path: path, reason: "it is no list of images")
    }
    if let reason = Self.objection(to: stored) { throw DataRecordError(path: path, reason: reason) }
    return DataRecord(
      classNames: stored.classes, batches: stored.batches,
      versions: stored.versions.map { version in
        let counts = (version.missing, version.new, version.resized)
        guard case (let missing?, let new?, let resized?) = counts else {
          return DataRecord.Version(fingerprint: version.fingerprint, change: nil)
        }
        let change = DataChange(missing: missing, added: new, resized: resized, relabelled: version.relabelled ?? 0)
        return DataRecord.Version(fingerprint: version.fingerprint, change: change)
      },
      images: stored.images.map { image in
        DataRecord.Image(
          path: image.path, classIndex: image.class, isEvaluation: image.part == "eval", byteCount: image.size, from: image.from ?? 0,
          until: image.until)
      })
  }

  /// What no run can have written; the file may have been edited by hand.
  private static func objection(to stored: Stored) -> String? {
    if stored.format != 1 { return "its format is \(stored.format)" }
    if !(1...Int(Int32.max)).contains(stored.batches) { return "\"batches\" is \(stored.batches)" }
    if stored.versions.isEmpty { return "\"versions\" is empty" }
    let versions = 0..<stored.versions.count
    let isSound = stored.images.allSatisfy { image in
      let from = image.from ?? 0
      return stored.classes.indices.contains(image.class) && ["train", "eval"].contains(image.part) && image.size >= 0
        && versions.contains(from) && image.until.map { versions.contains($0) && $0 > from } ?? true
    }
    return isSound ? nil : "an image of it is of no class, part or version"
  }
}

/// A `data.json` that exists but cannot be used.
public struct DataRecordError: Error, Sendable, Hashable, CustomStringConvertible {
  public let path: String
  public let reason: String

  public var description: String {
    "\(path): cannot be read (\(reason)); restore it from a copy, or remove it if no change of the run's images was ever accepted"
  }
}
