import SystemText

/// The images of a list, or of several, as the parts of a data set.
struct ListedParts {
  private(set) var parts: [DataPart: ClassFolders] = [:]
  /// As the list calls them; empty where it has no parts.
  private(set) var names: [DataPart: String] = [:]
  private(set) var notes: [DataNote] = []

  /// A list that may have a column of parts.
  init(_ list: ImageList) {
    notes = list.notes
    guard list.hasParts else {
      parts[.training] = ClassFolders(list.items, of: list, prefix: "")
      return
    }
    for (part, items) in Dictionary(grouping: list.items, by: { $0.part ?? .training }) {
      parts[part] = ClassFolders(items, of: list, prefix: "")
      names[part] = items[0].partName
    }
  }

  /// A list without parts of whose images each lies in a folder that is named as a part; nil if that is not so.
  init?(byFolders list: ImageList) {
    guard !list.hasParts else { return nil }
    var found: [DataPart: (name: String, items: [ImageList.Item])] = [:]
    for item in list.items {
      let components = item.place.utf8.split(separator: UInt8(ascii: "/"))
      guard components.count > 1, let part = DataPart(folderName: String(Substring(components[0]))) else { return nil }
      found[part, default: (String(Substring(components[0])), [])].items.append(item)
    }
    guard found[.training] != nil else { return nil }
    notes = list.notes
    for (part, images) in found {
      parts[part] = ClassFolders(images.items, of: list, prefix: "")
      names[part] = images.name
    }
  }

  /// A list for each part.
  init(_ lists: [(part: DataPart, folder: String, list: ImageList)]) throws(ImageFolderError) {
    for (part, folder, list) in lists {
      guard !list.hasParts else { throw .list(ListError(list.path, .partsInPart)) }
      parts[part] = ClassFolders(list.items, of: list, prefix: folder + "/")
      names[part] = folder
      notes += list.notes
    }
  }
}

extension ClassFolders {
  /// The images of a list's lines, with the labels for classes.
  init(_ items: [ImageList.Item], of list: ImageList, prefix: String) {
    let labels = Set(items.map { ($0.label ?? "").systemBytes }).sorted { $0.lexicographicallyPrecedes($1) }
    let places = Dictionary(uniqueKeysWithValues: labels.enumerated().map { ($1, $0) })
    let slash = UInt8(ascii: "/")
    let sorted = items.map { item -> (key: [[UInt8]], sample: ImageSample, index: Int) in
      let index = places[(item.label ?? "").systemBytes] ?? 0
      let place = item.place.systemBytes
      let cut = place.lastIndex(of: slash)
      let key = [cut.map { Array(place[..<$0]) } ?? [], cut.map { Array(place[($0 + 1)...]) } ?? place]
      let sample = ImageSample(
        list.location(item), relativePath: prefix + item.place, classIndex: index, byteCount: item.byteCount)
      return (key, sample, index)
    }.sorted { a, b in
      if a.index != b.index { return a.index < b.index }
      if a.key[0] != b.key[0] { return a.key[0].lexicographicallyPrecedes(b.key[0]) }
      return a.key[1].lexicographicallyPrecedes(b.key[1])
    }
    self.init(
      list: list.path, classNames: labels.map { String(systemBytes: $0) }, samples: sorted.map(\.sample))
  }
}
