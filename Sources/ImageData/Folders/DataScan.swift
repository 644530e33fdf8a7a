import SystemText

/// The parts of a request as they lie on the disk, each walked; not yet checked against each other.
struct DataScan {
  /// The data set's folder.
  let root: String
  private(set) var parts: [DataPart: ClassFolders] = [:]
  private(set) var notes: [DataNote] = []
  /// The parts' folders, for people; empty where there are class folders alone.
  private(set) var partNames: [DataPart: String] = [:]

  init(_ request: DataRequest) throws(ImageFolderError) {
    let output = OwnOutput(current: request.run)
    if let training = request.trainingFolder {
      root = request.path
      partNames[.training] = training
      // Prefixes that stay the same wherever the folders lie: the fingerprint is made of relative paths.
      parts[.training] = try ClassFolders(scanning: ImageFolder.folder(training), prefix: "train/", excluded: [], output: output)
      if let evaluation = request.evaluationFolder { try take(evaluation, output) }
      return
    }
    let layout = try DataLayout(reading: ImageFolder.folder(request.path), rule: request.layout, output: output)
    root = layout.root
    notes = layout.notes
    for part in layout.parts { partNames[part.role] = part.folder.isEmpty ? "." : part.folder }
    let known = request.layout == .pairs ? nil : output
    for part in layout.parts {
      let path = part.folder.isEmpty ? root : root + "/" + part.folder
      let prefix = part.folder.isEmpty ? "" : part.folder + "/"
      let excluded = part.folder.isEmpty ? layout.excluded : []
      parts[part.role] = try ClassFolders(scanning: path, prefix: prefix, excluded: excluded, output: known)
    }
    if layout.parts.isEmpty {
      parts[.training] = try ClassFolders(scanning: root, prefix: "", excluded: layout.excluded, output: known)
    }
    if let evaluation = request.evaluationFolder { try take(evaluation, output) }
  }

  /// The evaluation part that was named outright.
  private mutating func take(_ evaluation: String, _ output: OwnOutput) throws(ImageFolderError) {
    partNames[.evaluation] = evaluation
    parts[.evaluation] = try ClassFolders(scanning: ImageFolder.folder(evaluation), prefix: "eval/", excluded: [], output: output)
  }
}

extension ClassFolders {
  /// A note for each of `names` without an image here.
  func missingClasses(of names: [String], role: DataPart) -> [DataNote] {
    let empty = Set(emptyClasses.map(\.systemBytes))
    let held = Set(classNames.map(\.systemBytes)).subtracting(empty)
    return names.filter { !held.contains($0.systemBytes) }.map { DataNote(.classMissing, "\(role.label)/\($0)") }
  }
}

extension [String] {
  /// Those of these class names that no sample has.
  func without(_ samples: [ImageSample]) -> [String] {
    var counts = [Int](repeating: 0, count: count)
    for sample in samples { counts[sample.classIndex] += 1 }
    return zip(self, counts).filter { $0.1 == 0 }.map(\.0)
  }
}
