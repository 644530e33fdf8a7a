import Files

extension RunFolder {
  /// Lines of `events.jsonl` that hold no event, as nobody but another program leaves them; a torn last line is not counted.
  ///
  /// Each line of ours begins and ends alike, so that a file of any length is checked at the speed of the disk.
  /// - Throws: `FileSystemError`
  public func damagedEventLines() throws -> Int {
    guard try FileSystem.status(eventsFile) != nil else { return 0 }
    var count = 0
    _ = try EventLines.forEach(of: OpenFile(eventsFile, .reading)) { line, _ in
      let isEvent = line.map { $0.starts(with: #"{"event":""#.utf8) && $0.suffix(2).elementsEqual("}\n".utf8) } ?? false
      if !isEvent { count += 1 }
    }
    return count
  }
}
