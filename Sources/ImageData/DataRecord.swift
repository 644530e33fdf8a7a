import SystemText

/// The images of a run: those that it began with, and what came and went with each accepted change.
///
/// Versions of the list are counted from 0. The order of an epoch depends on the version that it was begun with, so every image that
/// the run ever had stays here with the versions that it is part of.
public struct DataRecord: Sendable, Hashable {
  public struct Image: Sendable, Hashable {
    /// From the data set's folder on.
    public let path: String
    public let classIndex: Int
    public let isEvaluation: Bool
    /// As it was last.
    public internal(set) var byteCount: Int64
    /// The first version that it is part of.
    public let from: Int
    /// The first version that it is no longer part of; nil while it is there.
    public internal(set) var until: Int?

    public init(path: String, classIndex: Int, isEvaluation: Bool, byteCount: Int64, from: Int, until: Int?) {
      self.path = path
      self.classIndex = classIndex
      self.isEvaluation = isEvaluation
      self.byteCount = byteCount
      self.from = from
      self.until = until
    }

    /// Whether two records of one path are of the same image to a run.
    func isAlike(_ other: Image) -> Bool { classIndex == other.classIndex && isEvaluation == other.isEvaluation }

    func isPart(of version: Int) -> Bool { from <= version && version < until ?? .max }
  }

  public struct Version: Sendable, Hashable {
    /// `ImageFolder.fingerprint`
    public let fingerprint: String
    /// Against the version before; nil for the first one, and where nothing records that one's images.
    public let change: DataChange?

    public init(fingerprint: String, change: DataChange?) {
      self.fingerprint = fingerprint
      self.change = change
    }
  }

  public let classNames: [String]
  /// Batches of an epoch; the same in all versions.
  public let batches: Int
  public private(set) var versions: [Version]
  /// Those to train on, then those to evaluate on, each sorted as a data set's samples are, and by version.
  public private(set) var images: [Image]

  public init(classNames: [String], batches: Int, versions: [Version], images: [Image]) {
    precondition(!versions.isEmpty, "a run begins with a list of images")
    self.classNames = classNames
    self.batches = batches
    self.versions = versions
    self.images = images
  }

  /// Records the images of a run that begins.
  public init(of folder: ImageFolder, batchSize: Int) {
    self.init(
      classNames: folder.classNames, batches: EpochSplit(count: folder.training.count, batchSize: batchSize).batches,
      versions: [Version(fingerprint: folder.fingerprint, change: nil)], images: Self.images(of: folder, from: 0))
  }

  /// Records the images of a run that began with others, of which nothing but the fingerprint is known.
  public init(of folder: ImageFolder, after fingerprint: String, batches: Int) {
    self.init(
      classNames: folder.classNames, batches: batches,
      versions: [Version(fingerprint: fingerprint, change: nil), Version(fingerprint: folder.fingerprint, change: nil)],
      images: Self.images(of: folder, from: 1))
  }

  private static func images(of folder: ImageFolder, from version: Int) -> [Image] {
    let sides = [(folder.training, false), (folder.evaluation, true)]
    return sides.flatMap { samples, isEvaluation in
      samples.map {
        Image(
          path: $0.relativePath, classIndex: $0.classIndex, isEvaluation: isEvaluation, byteCount: $0.byteCount, from: version, until: nil)
      }
    }
  }

  public var current: Int { versions.count - 1 }
  public var fingerprint: String { versions[current].fingerprint }
  public var sides: KnownSides { KnownSides(images) }

  /// Whether classes and images of the current version are those of `folder`, in its order.
  public func lists(_ folder: ImageFolder) -> Bool {
    let names = [classNames, folder.classNames].map { $0.map(\.systemBytes) }
    let now = images.lazy.filter { $0.until == nil }
    return names[0] == names[1]
      && now.elementsEqual(Self.images(of: folder, from: 0)) { $0.isAlike($1) && $0.path.systemBytes == $1.path.systemBytes }
  }

  /// The record with the images of `folder` as another version. An image of another class is another image.
  public func changed(to folder: ImageFolder, _ difference: DataDifference) -> DataRecord {
    let version = current + 1
    var now: [[UInt8]: Image] = [:]
    for image in Self.images(of: folder, from: version) { now[image.path.systemBytes] = image }
    var result = self
    for place in images.indices where images[place].until == nil {
      let path = images[place].path.systemBytes
      if let image = now[path], image.isAlike(images[place]) {
        now[path] = nil
        result.images[place].byteCount = image.byteCount
      } else {
        result.images[place].until = version
      }
    }
    result.images = Image.sorted(result.images + now.values)
    result.versions.append(Version(fingerprint: folder.fingerprint, change: difference.change))
    return result
  }
}

extension DataRecord.Image {
  /// The bytes of a path that decide its place.
  private struct Key {
    let folder: ArraySlice<UInt8>
    let name: ArraySlice<UInt8>

    init(_ path: String) {
      let bytes = path.systemBytes
      let slash = bytes.lastIndex(of: UInt8(ascii: "/")) ?? -1
      (folder, name) = (bytes[..<max(0, slash)], bytes[(slash + 1)...])
    }
  }

  /// Images in the order of a data set's samples: by side, by class, by folder and by name, by bytes.
  static func sorted(_ images: [Self]) -> [Self] {
    let keyed = images.map { (image: $0, key: Key($0.path)) }
    return keyed.sorted { precedes($0, $1) }.map(\.image)
  }

  private static func precedes(_ a: (image: Self, key: Key), _ b: (image: Self, key: Key)) -> Bool {
    if a.image.isEvaluation != b.image.isEvaluation { return b.image.isEvaluation }
    if a.image.classIndex != b.image.classIndex { return a.image.classIndex < b.image.classIndex }
    if a.key.folder != b.key.folder { return a.key.folder.lexicographicallyPrecedes(b.key.folder) }
    if a.key.name != b.key.name { return a.key.name.lexicographicallyPrecedes(b.key.name) }
    return a.image.from < b.image.from
  }
}
