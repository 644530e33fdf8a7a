/// Colours named by what they mean; `name` is the key in a theme file.
public enum ThemeKey: Int, Hashable, Sendable, CaseIterable {
  /// What everything is drawn on.
  case background
  /// Values and whatever is read first.
  case text
  /// Labels, units, secondary text.
  case dim
  /// Grid lines, empty parts of bars: what is there but not to be looked at.
  case faint
  /// The lines of boxes.
  case border
  /// Titles in the borders of boxes.
  case title
  /// What is active or new: running, the chosen model.
  case accent
  /// The letters of keys in hints.
  case key
  /// Improvements, the best of a column, right predictions.
  case good
  /// Worth a look.
  case warning
  /// Errors, wrong predictions, values that are not finite.
  case bad
  /// Headings of tables.
  case header
  /// Text of the chosen row or button.
  case selectionText
  /// Behind the chosen row or button.
  case selectionBackground
  /// The cursor's line in a chart.
  case cursor
  /// Behind dialogs, help and messages.
  case overlay

  public var name: String { Self.names[rawValue] }
  private static let names = allCases.map { KeyName.dashed(String(describing: $0)) }

  /// What stands in for the colour on a terminal that has none.
  var attributesWithoutColor: Attributes {
    switch self {
    case .title, .accent, .key, .good, .warning, .bad, .header: .bold
    case .dim, .faint, .border: .dim
    case .selectionText, .cursor: .reverse
    case .background, .text, .selectionBackground, .overlay: []
    }
  }
}

/// Colours that run from one end to another; `name` is the key in a theme file.
public enum ThemeGradient: Int, Hashable, Sendable, CaseIterable {
  /// One curve each, from its lower to its upper end.
  case series1, series2, series3, series4, series5, series6, series7, series8
  /// A load from calm to full: processor, memory.
  case meter
  /// A count from none to many: confusion matrices.
  case heat
  /// How far a run has come.
  case progress

  public var name: String { Self.names[rawValue] }
  private static let names = allCases.map { KeyName.dashed(String(describing: $0)) }

  /// The gradient of series `number`, counted from 1; after the eighth they begin again.
  public static func series(_ number: Int) -> ThemeGradient {
    allCases[((number - 1) % 8 + 8) % 8]
  }
}

/// Names of cases as keys: "selectionText" is "selection-text", "series1" is "series-1".
private enum KeyName {
  static func dashed(_ name: String) -> String {
    var result = ""
    for character in name {
      if character.isUppercase || character.isNumber { result += "-" }
      result += character.lowercased()
    }
    return result
  }
}
