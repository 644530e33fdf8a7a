/// Writes tar and ZIP archives entry by entry, sound and unsound ones.
public enum ArchiveFiles {
  public struct Entry {
    public var name: [UInt8]
    public var bytes: [UInt8]
    /// Of a tar: "0" a file, "1" a hard link, "2" a symbolic link, "5" a folder, "6" a pipe.
    public var type: Character = "0"
    /// Of a ZIP: a Unix mode; general flags; the size and the checksum that the directory declares.
    public var mode: UInt32 = 0o100644
    public var flags: UInt16 = 0
    public var declaredSize: Int?
    public var declaredChecksum: UInt32?

    public init(_ name: String, _ bytes: [UInt8], type: Character = "0") {
      self.name = Array(name.utf8)
      self.bytes = bytes
      self.type = type
    }

    /// The entry with one thing changed.
    public func with<Value>(_ path: WritableKeyPath<Entry, Value>, _ value: Value) -> Entry {
      var entry = self
      entry[keyPath: path] = value
      return entry
    }
  }

  /// A tar archive in the ustar format.
  ///
  /// - Parameter ends: whether the blocks of zeros that end it are there.
  public static func tar(_ entries: [Entry], ends: Bool = true) -> [UInt8] {
    var archive: [UInt8] = []
    for entry in entries {
      var header = [UInt8](repeating: 0, count: 512)
      func put(_ text: [UInt8], at place: Int) { header.replaceSubrange(place..<place + text.count, with: text) }
      put(Array(entry.name.prefix(100)), at: 0)
      put(octal(0o644, 7), at: 100)
      put(octal(entry.bytes.count, 11), at: 124)
      put([entry.type.asciiValue ?? 0], at: 156)
      put(Array("ustar\u{0}00".utf8), at: 257)
      put([UInt8](repeating: 0x20, count: 8), at: 148)
      put(octal(header.reduce(0) { $0 + Int($1) }, 6) + [0], at: 148)
      archive += header + entry.bytes
      archive += [UInt8](repeating: 0, count: (512 - entry.bytes.count % 512) % 512)
    }
    return archive + [UInt8](repeating: 0, count: ends ? 1024 : 0)
  }

  private static func octal(_ number: Int, _ digits: Int) -> [UInt8] {
    let text = String(number, radix: 8)
    return Array((String(repeating: "0", count: digits - text.count) + text).utf8)
  }

  /// A ZIP archive whose entries are stored as they are.
  public static func zip(_ entries: [Entry]) -> [UInt8] {
    var archive: [UInt8] = [], directory: [UInt8] = []
    for entry in entries {
      let place = archive.count
      let size = entry.declaredSize ?? entry.bytes.count
      let common =
        two(20) + two(Int(entry.flags)) + two(0) + two(0) + two(0x5341) + four(Int(entry.declaredChecksum ?? PNGFile.crc(entry.bytes)))
        + four(entry.bytes.count) + four(size) + two(entry.name.count) + two(0)
      archive += [0x50, 0x4B, 3, 4] + common + entry.name + entry.bytes
      directory += [0x50, 0x4B, 1, 2] + two(3 << 8 | 20) + common + two(0) + two(0) + two(0) + four(Int(entry.mode) << 16) + four(place)
      directory += entry.name
    }
    let end = [0x50, 0x4B, 5, 6] + two(0) + two(0) + two(entries.count) + two(entries.count) + four(directory.count)
    return archive + directory + end + four(archive.count) + two(0)
  }

  private static func two(_ number: Int) -> [UInt8] { [UInt8(number & 255), UInt8(number >> 8 & 255)] }
  private static func four(_ number: Int) -> [UInt8] { two(number & 0xFFFF) + two(number >> 16 & 0xFFFF) }
}
