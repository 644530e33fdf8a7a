import Foundation
import SystemText

extension ListTable {
  /// Reads an object a line; empty lines are none. A column that a line lacks is absent there.
  init(json text: ArraySlice<UInt8>, path: String) throws(ListError) {
    var names: [String] = []
    var places: [String: Int] = [:]
    var rows: [Row] = []
    let decoder = JSONDecoder()
    for (index, line) in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
      guard line.contains(where: { $0 != 0x20 && $0 != 0x0D && $0 != 0x09 }) else { continue }
      let object: [String: Value]
      do {
        // Bytes that are no UTF-8 travel as the characters that stand for them.
        object = try decoder.decode([String: Value].self, from: Data(String(systemBytes: line).utf8))
      } catch {
        throw ListError(path, line: index + 1, .json(Self.words(error)))
      }
      for name in object.keys.sorted() where places[name] == nil {
        places[name] = names.count
        names.append(name)
      }
      // A cell for each column of every line would take the square of the memory where each line has its own.
      let cells = object.compactMap { name, value in places[name].map { ($0, value.cell) } }
      rows.append(Row(line: index + 1, cells: cells.map(\.1), places: cells.map(\.0)))
    }
    columns = names
    self.rows = rows
  }

  private static func words(_ error: any Error) -> String {
    guard case .dataCorrupted(let context)? = error as? DecodingError else { return "it is another value" }
    return (context.underlyingError as? CocoaError)?.userInfo[NSDebugDescriptionErrorKey] as? String ?? context.debugDescription
  }

  /// A value of a JSON object, as far as a list needs it.
  private struct Value: Decodable {
    let cell: Cell

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if value.decodeNil() {
        cell = .absent
      } else if let text = try? value.decode(String.self) {
        cell = text.isEmpty ? .absent : .text(text)
      } else if let number = try? value.decode(Int.self) {
        cell = .text(String(number))
      } else if let truth = try? value.decode(Bool.self) {
        cell = .text(String(truth))
      } else {
        cell = .strange
      }
    }
  }
}
