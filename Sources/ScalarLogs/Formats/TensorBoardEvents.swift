import SwiftProtobuf

extension TensorBoardEvent {
  /// A file's first event.
  static func version(wallTime: Double) -> TensorBoardEvent {
    var event = TensorBoardEvent()
    event.wallTime = wallTime
    event.fileVersion = "brain.Event:2"
    return event
  }

  static func scalar(_ tag: String, step: Int, value: Float, wallTime: Double) -> TensorBoardEvent {
    var entry = TensorBoardSummary.Value()
    entry.tag = tag
    entry.simpleValue = value
    var event = TensorBoardEvent()
    event.wallTime = wallTime
    event.step = Int64(step)
    event.summary.value = [entry]
    return event
  }

  var scalars: [ScalarRecord] {
    guard case .summary(let summary) = what else { return [] }
    return summary.value.compactMap { entry in
      entry.scalar.map { ScalarRecord(tag: entry.tag, step: Int(step), value: $0, wallTime: wallTime) }
    }
  }

  /// Its step if it is `SessionLog(status=START)`: what was logged from that step on is void, as a session was resumed there.
  var sessionStart: Int? {
    // Field 7 and its length, then field 1, the status; START is 1. The rest of such an event does not matter here.
    guard what == nil, unknownFields.data.first == 0x3A else { return nil }
    let message = unknownFields.data.prefix(16).dropFirst().drop { $0 >= 0x80 }.dropFirst()
    return message.starts(with: [0x08, 1]) ? Int(step) : nil
  }

  /// 2 of "brain.Event:2"; nil for other events.
  var versionNumber: Double? {
    guard case .fileVersion(let text) = what else { return nil }
    return text.split(separator: ":").last.flatMap { Double($0) } ?? 0
  }

  static func filter(_ bytes: [UInt8], keeping keep: (String, Int) -> Bool) throws -> FilteredRecord {
    var event = try TensorBoardEvent(serializedBytes: bytes)
    guard case .summary(var summary) = event.what, !summary.value.isEmpty else { return .whole }
    let kept = summary.value.filter { keep($0.tag, Int(event.step)) }
    if kept.count == summary.value.count { return .whole }
    if kept.isEmpty { return .nothing }
    summary.value = kept
    event.summary = summary
    return .part(try event.serializedBytes())
  }
}

extension TensorBoardSummary.Value {
  /// The value, if it is one of a curve: a plain number, or as newer writers have it a tensor of one element for the plugin
  /// "scalars" (which they may leave out after a tag's first event).
  fileprivate var scalar: Float? {
    switch value {
    case .simpleValue(let number): number
    case .tensor(let tensor) where !hasMetadata || metadata.pluginData.pluginName == "scalars": tensor.number
    default: nil
    }
  }
}

extension TensorBoardTensorProto {
  fileprivate var number: Float? {
    switch dtype {
    case 1: single(floatVal) ?? content(as: UInt32.self).map { Float(bitPattern: $0) }
    case 2: single(doubleVal).map { Float($0) } ?? content(as: UInt64.self).map { Float(Double(bitPattern: $0)) }
    case 3: single(intVal).map { Float($0) } ?? content(as: Int32.self).map { Float($0) }
    case 9: single(int64Val).map { Float($0) } ?? content(as: Int64.self).map { Float($0) }
    default: nil
    }
  }

  private func single<Number>(_ values: [Number]) -> Number? { values.count == 1 ? values[0] : nil }

  private func content<Bits: FixedWidthInteger>(as type: Bits.Type) -> Bits? {
    guard tensorContent.count == MemoryLayout<Bits>.size else { return nil }
    return tensorContent.withUnsafeBytes { Bits(littleEndian: $0.loadUnaligned(as: Bits.self)) }
  }
}
