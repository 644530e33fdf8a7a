import Foundation
import SwiftProtobuf

extension VisualDLRecord {
  /// The tag of a file's first record.
  static let metaTag = "meta_data_tag"
  static let hyperparameterTag = "hparam"

  /// A file's first record.
  static func meta(milliseconds: Int64) -> VisualDLRecord {
    record(tag: metaTag, step: 0, milliseconds: milliseconds, .metaData(MetaData()))
  }

  static func scalar(_ tag: String, step: Int, value: Float, milliseconds: Int64) -> VisualDLRecord {
    record(tag: tag, step: step, milliseconds: milliseconds, .value(value))
  }

  /// - Parameters:
  ///   - name: tells runs apart in VisualDL's table.
  ///   - metrics: tags of curves to show beside the hyper-parameters.
  static func hyperparameters(
    _ parameters: [(name: String, value: HyperparameterValue)], metrics: [String], name: String, milliseconds: Int64
  ) -> VisualDLRecord {
    var message = HParam()
    message.name = name
    message.hparamInfos = parameters.map { parameter in
      var info = HParam.HparamInfo()
      info.name = parameter.name
      switch parameter.value {
      case .integer(let value): info.intValue = Int64(value)
      case .number(let value): info.floatValue = value
      case .text(let value): info.stringValue = value
      }
      return info
    }
    message.metricInfos = metrics.map { metric in
      var info = HParam.HparamInfo()
      info.name = metric
      info.floatValue = 0
      return info
    }
    return record(tag: hyperparameterTag, step: 1, milliseconds: milliseconds, .hparam(message))
  }

  private static func record(tag: String, step: Int, milliseconds: Int64, _ value: Value.OneOf_OneValue) -> VisualDLRecord {
    var entry = Value()
    entry.id = Int64(step)
    entry.tag = tag
    entry.timestamp = milliseconds
    entry.oneValue = value
    var record = VisualDLRecord()
    record.values = [entry]
    return record
  }

  var scalars: [ScalarRecord] {
    values.compactMap { entry in
      guard case .value(let value) = entry.oneValue else { return nil }
      return ScalarRecord(tag: entry.tag, step: Int(entry.id), value: value, wallTime: Self.seconds(entry.timestamp))
    }
  }

  /// Timestamps are milliseconds; VisualDL takes small ones, which users pass by mistake, for seconds.
  private static func seconds(_ timestamp: Int64) -> Double {
    timestamp < 2_000_000_000 ? Double(timestamp) : Double(timestamp) / 1000
  }

  static func filter(_ bytes: [UInt8], keeping keep: (String, Int) -> Bool) throws -> FilteredRecord {
    var record = try VisualDLRecord(serializedBytes: bytes)
    let kept = record.values.filter { entry in
      switch entry.oneValue {
      case .metaData, .hparam: true
      default: keep(entry.tag, Int(entry.id))
      }
    }
    if kept.count == record.values.count { return .whole }
    if kept.isEmpty { return .nothing }
    record.values = kept
    return .part(try record.serializedBytes())
  }
}

/// The value of a hyper-parameter.
public enum HyperparameterValue: Sendable, Equatable {
  case integer(Int)
  case number(Double)
  case text(String)
}
