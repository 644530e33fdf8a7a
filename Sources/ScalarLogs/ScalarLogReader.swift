/// Reads the curves of a log, also while they are being written.
///
/// VisualDL's greatest file is read alone; TensorBoard's files are read one after the other, later ones when they appear.
/// Not for use from several threads at once.
public final class ScalarLogReader {
  public let log: ScalarLog
  private var current: FrameReader?
  /// What the next call throws.
  private var pending: ScalarLogError?

  /// Opens nothing yet.
  public init(_ log: ScalarLog) { self.log = log }

  /// The records that were added since the last call, in the order of the log; none when there are none for now.
  ///
  /// - Parameter limit: return after this many, to be called again.
  /// - Throws: `ScalarLogError`, after all records before the trouble were returned: `corrupt` at a damaged record, again
  ///   with each call; `rewritten` when a resumed run cut the log or another one began in its folder: begin anew with another
  ///   reader.
  public func read(atMost limit: Int = .max) throws -> [ScalarRecord] {
    if let trouble = pending {
      if case .system = trouble.problem { pending = nil }
      throw trouble
    }
    var records: [ScalarRecord] = []
    do {
      while records.count < limit {
        guard let reader = try current ?? nextFile(after: nil) else { break }
        current = reader
        let start = reader.offset
        if let record = try reader.next() {
          do {
            records += try log.format.scalars(in: record)
          } catch {
            throw reader.corrupt("a record's contents cannot be read", at: start)
          }
        } else if let next = try nextFile(after: reader.path) {
          current = next
        } else {
          break
        }
      }
    } catch let trouble as ScalarLogError {
      if case .system = trouble.problem, records.isEmpty { throw trouble }
      pending = trouble
      if records.isEmpty { throw trouble }
    }
    return records
  }

  /// The file to read after `path`, if there is one.
  private func nextFile(after path: String?) throws -> FrameReader? {
    let names = try LogFolder.logNames(in: log.folder, log.format)
    let name: String?
    switch log.format {
    case .visualDL:
      // A greater file is another program's new log in the same folder, the one that counts from now on.
      if let path, let last = names.last, path.utf8.lexicographicallyPrecedes((log.folder + "/" + last).utf8) {
        throw ScalarLogError(path, .rewritten)
      }
      name = path == nil ? names.last : nil
    case .tensorBoard: name = names.first { path == nil || path!.utf8.lexicographicallyPrecedes((log.folder + "/" + $0).utf8) }
    }
    return try name.map { try FrameReader(log.folder + "/" + $0, log.format.framing) }
  }
}
