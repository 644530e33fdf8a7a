/// A list of images that cannot be used: which line, why, and what to do about it.
public struct ListError: Error, Sendable, Hashable, CustomStringConvertible {
  public enum Problem: Sendable, Hashable {
    /// The encoding's name.
    case encoding(String)
    case tooLarge(megabytes: Int)
    case noLines
    case openQuote, textBehindQuote
    /// The first line's first field.
    case noHeader(String)
    case noPathColumn([String])
    case noLabelColumn([String])
    /// Columns that may hold the label.
    case severalLabelColumns([String])
    /// What `--label-column` names, and the columns.
    case unknownColumn(String, [String])
    case repeatedColumn(String)
    case fields(Int, expected: Int)
    /// A line of JSON that is none.
    case json(String)
    case noPath
    /// A path with a zero byte.
    case unusablePath
    case noLabel(path: String)
    /// A label that is a list, an object or a fraction.
    case strangeLabel(path: String)
    case unknownPart(String)
    case partsInPart
    case missing(String)
    case notAFile(String)
    case twoLabels(path: String, String, String, before: Int)
    case twoParts(path: String, before: Int)
    /// The names of two lists side by side.
    case severalLists([String])
  }

  public let path: String
  /// Counted from 1; nil where the whole list is meant.
  public let line: Int?
  public let problem: Problem
  /// Further lines with a problem of this kind.
  public let others: Int
  /// Whether other lines hold, so that the file is meant as a list.
  let hasUsableLines: Bool

  init(_ path: String, line: Int? = nil, _ problem: Problem, others: Int = 0, hasUsableLines: Bool = false) {
    self.path = path
    self.line = line
    self.problem = problem
    self.others = others
    self.hasUsableLines = hasUsableLines
  }

  public var description: String {
    let place = line.map { "\(path): line \($0)" } ?? path
    let more = others == 0 ? "" : " (and \(others) more line\(others == 1 ? "" : "s") like it)"
    return "\(place): \(words)\(more); \(cure)"
  }

  private var words: String {
    switch problem {
    case .encoding(let name): "the list is \(name) text"
    case .tooLarge(let megabytes): "the list is larger than \(megabytes) MB"
    case .noLines: "the list has no line with an image"
    case .openQuote: "a quote is opened and never closed"
    case .textBehindQuote: "text follows a closing quote"
    case .noHeader(let field): "the first line is no header with path and label, and there is no file \(field)"
    case .noPathColumn(let columns): "no column is called \(Self.list(ListColumns.pathNames)), only \(Self.list(columns, "and"))"
    case .noLabelColumn(let columns): "no column is called \(Self.list(ListColumns.labelNames)), only \(Self.list(columns, "and"))"
    case .severalLabelColumns(let columns): "the columns \(Self.list(columns, "and")) may each hold the label"
    case .unknownColumn(let name, let columns): "no column is called \(name), only \(Self.list(columns, "and"))"
    case .repeatedColumn(let name): "two columns are called \(name)"
    case .fields(let found, let expected): "\(found) field\(found == 1 ? "" : "s") instead of \(expected)"
    case .json(let reason): "no JSON object (\(reason))"
    case .noPath: "the path is missing"
    case .unusablePath: "the path holds a zero byte"
    case .noLabel(let path): "\(path) has no label"
    case .strangeLabel(let path): "the label of \(path) is neither text nor a whole number"
    case .unknownPart(""): "the part is missing"
    case .unknownPart(let part): "the part \"\(part)\" is none of train, val and test"
    case .partsInPart: "the list has a column of parts, but is named as one of them"
    case .missing(let path): "there is no file \(path)"
    case .notAFile(let path): "\(path) is not an ordinary file"
    case .twoLabels(let path, let label, let other, let before): "\(path) is \"\(label)\" here and \"\(other)\" in line \(before)"
    case .twoParts(let path, let before): "\(path) is in another part in line \(before)"
    case .severalLists(let names): "\(Self.list(names, "and")) both list the images"
    }
  }

  private var cure: String {
    switch problem {
    case .encoding: "save it as UTF-8"
    case .tooLarge: "divide it, or put the images of each class into a folder of its own"
    case .noLines: "add a line for each image"
    case .openQuote, .textBehindQuote: "close the quote, and write a quote within a field twice"
    case .noHeader: "begin the list with a line such as path,label, or correct the path"
    case .noPathColumn: "rename the column that holds the path"
    case .noLabelColumn, .severalLabelColumns: "name the one that holds the class with --label-column"
    case .unknownColumn: "correct --label-column"
    case .repeatedColumn: "rename one of them"
    case .fields: "put fields with a comma between quotes"
    case .json: "correct the line"
    case .noPath, .unusablePath: "correct the line or remove it"
    case .noLabel, .strangeLabel: "add a label or remove the line"
    case .unknownPart: "correct it or remove the line"
    case .partsInPart: "give it as --data"
    case .missing: "correct the line, restore the file or remove the line; paths start at the list's folder"
    case .notAFile: "remove the line"
    case .twoLabels, .twoParts: "remove one of the lines"
    case .severalLists: "remove one of them"
    }
  }

  static func list(_ names: [String], _ conjunction: String = "or") -> String {
    guard let last = names.last, names.count > 1 else { return names.joined() }
    return names.dropLast().joined(separator: ", ") + " \(conjunction) " + last
  }
}
