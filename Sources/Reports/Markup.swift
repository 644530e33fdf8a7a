import SystemText

/// Pieces of HTML and SVG.
enum Markup {
  /// Text for an element or for an attribute's quotes, fit to be printed too.
  static func escaped(_ text: String) -> String {
    var result = ""
    // By scalars: a quote with a combining mark is one character to Swift and a quote to browsers.
    for scalar in text.plainLine.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// A coordinate to a tenth of a pixel.
  static func number(_ value: Double) -> String {
    // No drawing is so large; beyond, a tenth of a pixel is no whole number of 64 bits.
    guard abs(value) < 1e15 else { return "0" }
    let tenths = Int((value * 10).rounded())
    let sign = tenths < 0 ? "-" : ""
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(sign)\(abs(tenths) / 10).\(abs(tenths) % 10)"
  }

  static func points(_ points: [(x: Double, y: Double)]) -> String {
    points.map { number($0.x) + "," + number($0.y) }.joined(separator: " ")
  }

  /// A series' marker, told apart by shape too.
  static func marker(_ number: Int, x: Double, y: Double, title: String) -> String {
    let at = (x: self.number(x), y: self.number(y))
    let shape: String
    switch (number - 1) % 4 {
    case 0: shape = "<circle cx=\"\(at.x)\" cy=\"\(at.y)\" r=\"4\">"
    case 1: shape = "<path d=\"M\(at.x) \(at.y)m0 -5l5 5l-5 5l-5 -5z\">"
    case 2: shape = "<path d=\"M\(at.x) \(at.y)m0 -5l5 9h-10z\">"
    default: shape = "<path d=\"M\(at.x) \(at.y)m-4 -4h8v8h-8z\">"
    }
    let end = shape.hasPrefix("<circle") ? "</circle>" : "</path>"
    return shape.dropLast() + " class=\"mark s\((number - 1) % 8 + 1)\"><title>\(escaped(title))</title>" + end
  }
}
