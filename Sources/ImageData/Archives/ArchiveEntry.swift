/// An entry as an archive lists it.
struct ArchiveEntry: Sendable {
  enum Kind: Sendable {
    case file, folder, link
    /// A device, a pipe, a sparse file.
    case special
  }

  /// Its bytes as the archive has them.
  var name: [UInt8]
  var kind: Kind
  var byteCount: Int64
  /// Of its bytes in the file (tar), or its number (ZIP).
  var place: Int64
}
