import SystemText

/// How many images of a run are missing, new, of another size or of another class.
public struct DataChange: Sendable, Hashable {
  public var missing: Int
  public var added: Int
  public var resized: Int
  public var relabelled: Int

  public init(missing: Int, added: Int, resized: Int, relabelled: Int = 0) {
    self.missing = missing
    self.added = added
    self.resized = resized
    self.relabelled = relabelled
  }
}

/// Differences between a data set and the one that a run knows: classes by their names, images by relative path, size, class and side.
public struct DataDifference: Sendable, Hashable {
  public private(set) var missingClasses: [String] = []
  public private(set) var newClasses: [String] = []
  /// Paths, in the order of the run's images.
  public private(set) var missing: [String] = []
  /// Paths, sorted likewise.
  public private(set) var added: [String] = []
  /// Paths of images whose files have another size.
  public private(set) var resized: [String] = []
  /// Paths of images that have another class.
  public private(set) var relabelled: [String] = []
  /// Paths of images that were evaluated on and would be trained on, or the other way about.
  public private(set) var moved: [String] = []
  /// Images that the run knows.
  public let known: Int

  public init(from record: DataRecord, to folder: ImageFolder) {
    let images = record.images.filter { $0.until == nil }
    known = images.count
    missingClasses = Self.classes(record.classNames, without: folder.classNames)
    newClasses = Self.classes(folder.classNames, without: record.classNames)
    guard missingClasses.isEmpty, newClasses.isEmpty else { return }
    var now: [[UInt8]: (sample: ImageSample, isEvaluation: Bool)] = [:]
    for sample in folder.training { now[sample.relativePath.systemBytes] = (sample, false) }
    for sample in folder.evaluation { now[sample.relativePath.systemBytes] = (sample, true) }
    for image in images {
      guard let found = now.removeValue(forKey: image.path.systemBytes) else {
        missing.append(image.path)
        continue
      }
      if found.sample.byteCount != image.byteCount { resized.append(image.path) }
      let (before, after) = (record.classNames[image.classIndex], folder.classNames[found.sample.classIndex])
      if before.systemBytes != after.systemBytes { relabelled.append(image.path) }
      if found.isEvaluation != image.isEvaluation { moved.append(image.path) }
    }
    added = (folder.training + folder.evaluation).filter { now[$0.relativePath.systemBytes] != nil }.map(\.relativePath)
  }

  /// Classes that a run knows against those of a folder, where nothing else is recorded.
  public init(classNames: [String], to folder: ImageFolder) {
    known = 0
    missingClasses = Self.classes(classNames, without: folder.classNames)
    newClasses = Self.classes(folder.classNames, without: classNames)
  }

  public var change: DataChange {
    DataChange(missing: missing.count, added: added.count, resized: resized.count, relabelled: relabelled.count)
  }
  public var changesClasses: Bool { !missingClasses.isEmpty || !newClasses.isEmpty }

  private static func classes(_ names: [String], without others: [String]) -> [String] {
    let others = Set(others.map(\.systemBytes))
    return names.filter { !others.contains($0.systemBytes) }
  }

  /// "2 images are missing or unreadable (a/1.png, a/2.png), 1 is new (b/3.png) and 1 has another size (b/4.png)"; nil without any.
  public var sentence: String? {
    let kinds = [
      (missing, "is missing or unreadable", "are missing or unreadable"), (added, "is new", "are new"),
      (resized, "has another size", "have another size"), (relabelled, "has another class", "have another class"),
    ].filter { !$0.0.isEmpty }
    guard !kinds.isEmpty else { return nil }
    let phrases = kinds.enumerated().map { place, kind in
      let (paths, one, several) = kind
      let count = "\(paths.count)" + (place == 0 ? paths.count == 1 ? " image" : " images" : "")
      return "\(count) \(paths.count == 1 ? one : several) (\(Self.names(paths)))"
    }
    return phrases.count == 1 ? phrases[0] : phrases.dropLast().joined(separator: ", ") + " and " + (phrases.last ?? "")
  }

  /// Names in a message, at most.
  private static let shown = 3

  private static func names(_ paths: [String]) -> String {
    paths.prefix(shown).joined(separator: ", ") + (paths.count > shown ? ", ..." : "")
  }
}
