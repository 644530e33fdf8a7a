import Files
import Foundation

extension EventFileSink {
  /// How far a model's checkpoint goes.
  struct End {
    let step: Int
    /// The last epoch whose evaluation is part of it.
    let epoch: Int
    /// The last change of the images that is part of it.
    var change = 0
  }

  /// What a cut found.
  struct Cut: Equatable {
    /// Lines of steps that stay, by model.
    var keptSteps: [String: Int] = [:]
    /// Lines of steps that went, by model.
    var removedSteps: [String: Int] = [:]
    /// Whole lines that are no events.
    var damagedLines = 0
  }

  /// Removes from the file at `path` the lines that are past the models' checkpoints, a torn last line and lines that are no
  /// events.
  ///
  /// Lines of models that have no checkpoint go altogether.
  /// - Throws: `FileSystemError`; the file is then as it was.
  @discardableResult
  static func cut(_ path: String, to ends: [String: End]) throws -> Cut {
    guard try FileSystem.status(path) != nil else { return Cut() }
    let file = try OpenFile(path, .reading)
    var cut = Cut()
    var kept: [Range<Int>] = []
    let length = try EventLines.forEach(of: file) { line, range in
      guard keeps(line, ends, &cut) else { return }
      if let last = kept.last, last.upperBound == range.lowerBound {
        kept[kept.count - 1] = last.lowerBound..<range.upperBound
      } else {
        kept.append(range)
      }
    }
    guard kept != (length == 0 ? [] : [0..<length]) else { return cut }
    try DurableFile.write(path) { output in
      for range in kept { try copy(range, of: file, to: output) }
    }
    return cut
  }

  private static func copy(_ range: Range<Int>, of file: OpenFile, to output: borrowing DurableFile.Output) throws {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: min(range.count, 1 << 18), alignment: 16)
    defer { buffer.deallocate() }
    var offset = range.lowerBound
    while offset < range.upperBound {
      let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, range.upperBound - offset)])
      let count = try file.read(into: piece, at: offset)
      // Nobody else writes here, so that an end before the range's is a disk's fault.
      guard count > 0 else { throw FileSystemError(.read, file.path, code: EIO) }
      try output.write(UnsafeRawBufferPointer(rebasing: piece[..<count]))
      offset += count
    }
  }

  private struct Line: Decodable {
    let event: String
    let model: String?
    let epoch: Int?
    let step: Int?
    let path: String?
    let change: Int?
  }

  /// - Parameter bytes: nil for a line longer than any event.
  private static func keeps(_ bytes: ArraySlice<UInt8>?, _ ends: [String: End], _ cut: inout Cut) -> Bool {
    guard let bytes, let line = try? JSONDecoder().decode(Line.self, from: Data(bytes)) else {
      cut.damagedLines += 1
      return false
    }
    switch line.event {
    case "step":
      let model = line.model ?? ""
      guard let step = line.step, let end = ends[model], step <= end.step else {
        cut.removedSteps[model, default: 0] += 1
        return false
      }
      cut.keptSteps[model, default: 0] += 1
      return true
    case "evaluation":
      guard let end = ends[line.model ?? ""], let epoch = line.epoch else { return false }
      return epoch <= end.epoch
    case "checkpoint":
      // .../checkpoints/MODEL/step-N
      let parts = (line.path ?? "").split(separator: "/")
      guard parts.count >= 2, let end = ends[String(parts[parts.count - 2])], let step = Int(parts[parts.count - 1].dropFirst(5)) else {
        return false
      }
      return step <= end.step
    case "data_changed":
      guard let end = ends[line.model ?? ""], let step = line.step, let change = line.change else { return false }
      return step <= end.step && change <= end.change
    // The resumed session writes a line for each model that stays ended.
    case "diverged": return false
    default: return true
    }
  }
}

/// The lines of a file, never more than one of them in memory.
enum EventLines {
  /// Longer than any event: the path of a checkpoint is all that grows in one.
  private static let longest = 1 << 20

  /// Calls `body` with each whole line, its newline included, and with its place; with nil for a line longer than `longest`.
  ///
  /// - Returns: bytes of the file, a torn last line included.
  static func forEach(of file: OpenFile, _ body: (ArraySlice<UInt8>?, Range<Int>) throws -> Void) throws -> Int {
    var pending: [UInt8] = []
    var start = 0
    var offset = 0
    try file.forEachPiece { piece in
      var rest = piece[...]
      while let newline = rest.firstIndex(of: UInt8(ascii: "\n")) {
        let end = offset + newline + 1
        if end - start <= longest { pending += rest[...newline] }
        try body(end - start <= longest ? pending[...] : nil, start..<end)
        pending.removeAll(keepingCapacity: true)
        start = end
        rest = rest[(newline + 1)...]
      }
      offset += piece.count
      if offset - start <= longest { pending += rest } else { pending.removeAll() }
    }
    return offset
  }
}
