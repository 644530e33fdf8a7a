/// What the two formats' records have in common.
extension LogFormat {
  var framing: Framing { self == .visualDL ? .plain : .checksummed }

  /// The values of curves that a record holds; mostly one, none for an image or a file's first record.
  ///
  /// - Throws: what SwiftProtobuf throws for bytes that are no such record.
  func scalars(in record: [UInt8]) throws -> [ScalarRecord] {
    switch self {
    case .visualDL: try VisualDLRecord(serializedBytes: record).scalars
    case .tensorBoard: try TensorBoardEvent(serializedBytes: record).scalars
    }
  }

  /// All that a reader needs of a record.
  ///
  /// - Throws: what SwiftProtobuf throws for bytes that are no such record.
  func contents(of record: [UInt8]) throws -> RecordContents {
    switch self {
    case .visualDL: return RecordContents(scalars: try VisualDLRecord(serializedBytes: record).scalars)
    case .tensorBoard:
      let event = try TensorBoardEvent(serializedBytes: record)
      return RecordContents(
        scalars: event.scalars, sessionStart: event.sessionStart, step: Int(event.step), fileVersion: event.versionNumber)
    }
  }

  /// The record without the values that `keep` declines. What belongs to no step (a file's first record,
  /// hyper-parameters, a graph) always stays.
  func filter(_ record: [UInt8], keeping keep: (_ tag: String, _ step: Int) -> Bool) throws -> FilteredRecord {
    switch self {
    case .visualDL: try VisualDLRecord.filter(record, keeping: keep)
    case .tensorBoard: try TensorBoardEvent.filter(record, keeping: keep)
    }
  }
}

/// What a record means to a reader.
struct RecordContents {
  var scalars: [ScalarRecord]
  /// The step from which on a session that starts here writes the log anew.
  var sessionStart: Int?
  var step = 0
  /// Of a file's first record, in formats that have one.
  var fileVersion: Double?
}

/// What is left of a record after a cut.
enum FilteredRecord {
  case whole
  case part([UInt8])
  case nothing
}
