import CCurses
import Terminal

/// What a terminal can do, as its terminfo description and the environment tell.
///
/// ncurses is used as what it is best at, the terminfo database: which bytes move the cursor, set attributes, announce keys. Its own
/// screen is not used, for two reasons that no setting changes: it has at most 256 colours unless the terminal's description is a
/// rare "-direct" one, and its `refresh` blocks for as long as nobody reads the terminal.
struct TerminalDescription {
  let name: String
  let depth: ColorDepth
  /// Writing to the last cell of the last row scrolls the screen.
  let scrollsAtEnd: Bool
  private var strings: [String: [UInt8]] = [:]

  private static let wanted = [
    "smcup", "rmcup", "smkx", "rmkx", "civis", "cnorm", "sgr0", "bold", "dim", "smul", "rev", "sitm", "clear", "op", "setaf", "setab",
    "cup",
  ]

  /// - Throws: `TerminalError` where the terminal is unknown or cannot place the cursor.
  init(name: String, environment: [String: String], fd: Int32) throws(TerminalError) {
    guard !name.isEmpty else {
      throw .unusable("TERM is not set, so the terminal's kind is unknown; set it (TERM=xterm-256color) or use --no-ui")
    }
    switch ccurses_load(name, fd) {
    case ccurses_lookup_found: break
    case ccurses_lookup_hardcopy: throw .unusable("TERM=\(name) is a printing terminal; use --no-ui")
    case ccurses_lookup_no_database:
      throw .unusable("no terminfo database was found; install ncurses-base or use --no-ui")
    default:
      throw .unusable(
        "TERM=\(name) is not in the terminfo database; set one that is (TERM=xterm-256color), install ncurses-term, or use --no-ui")
    }
    self.name = name
    guard ccurses_string("cup") != nil else {
      throw .unusable("TERM=\(name) cannot place the cursor; use --no-ui")
    }
    scrollsAtEnd = ccurses_flag("am") && !ccurses_flag("xenl")
    let direct = ccurses_flag("RGB") || ccurses_flag("Tc")
    depth = Self.depth(environment: environment, name: name, colors: Int(ccurses_number("colors")), hasDirectColor: direct)
    for capability in Self.wanted {
      if let text = ccurses_string(capability) { strings[capability] = Array(String(cString: text).utf8) }
    }
  }

  /// How many colours to use: NO_COLOR first, then COLORTERM, then terminfo.
  static func depth(environment: [String: String], name: String, colors: Int, hasDirectColor: Bool) -> ColorDepth {
    if environment["NO_COLOR"]?.isEmpty == false { return .none }
    // GNU screen passes COLORTERM on from outside but shows no true colour; tmux, which may call itself screen, does.
    let isScreen = name.hasPrefix("screen") && environment["TMUX"] == nil
    if hasDirectColor || (["truecolor", "24bit"].contains(environment["COLORTERM"] ?? "") && !isScreen) { return .trueColor }
    return colors >= 256 ? .palette256 : colors >= 16 ? .sixteen : colors >= 8 ? .eight : .none
  }

  /// A capability without parameters; empty where the terminal lacks it.
  func bytes(_ capability: String) -> [UInt8] { expanded(capability, 0, 0) }

  /// A capability with its parameters filled in; empty where the terminal lacks it.
  func expanded(_ capability: String, _ first: Int, _ second: Int = 0) -> [UInt8] {
    guard let text = strings[capability] else { return [] }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
      (text + [0]).withUnsafeBytes { source in
        let count = ccurses_expand(source.bindMemory(to: CChar.self).baseAddress, Int32(first), Int32(second), buffer.baseAddress, 256)
        return buffer.prefix(Int(count)).map { UInt8(bitPattern: $0) }
      }
    }
  }

  /// Mouse and focus reports off; we never ask for any, but what ran here before may have left them on.
  var mouseOff: [UInt8] {
    bytes("cup").starts(with: [0x1B, UInt8(ascii: "[")])
      ? Array("\u{1B}[?1000l\u{1B}[?1002l\u{1B}[?1003l\u{1B}[?1006l\u{1B}[?1004l".utf8) : []
  }

  /// What leaves the terminal as it was: its first byte ends any sequence that was cut off.
  var restoring: [UInt8] {
    let synchronizing = depth == .trueColor ? Array("\u{1B}[?2026l".utf8) : []
    // Without a second screen the last frame stays; the shell goes on below it.
    let leaving = bytes("rmcup").isEmpty ? Array("\r\n".utf8) : bytes("rmcup")
    return synchronizing + bytes("sgr0") + mouseOff + bytes("cnorm") + bytes("rmkx") + leaving
  }

  /// Byte sequences of keys, for those the terminal has.
  func keySequences() -> [[UInt8]: KeyEvent] {
    var keys: [(String, KeyEvent)] = [
      ("kcuu1", KeyEvent(.up)), ("kcud1", KeyEvent(.down)), ("kcub1", KeyEvent(.left)), ("kcuf1", KeyEvent(.right)),
      ("khome", KeyEvent(.home)), ("kend", KeyEvent(.end)), ("kpp", KeyEvent(.pageUp)), ("knp", KeyEvent(.pageDown)),
      ("kdch1", KeyEvent(.delete)), ("kich1", KeyEvent(.insert)), ("kcbt", KeyEvent(.tab, .shift)), ("kent", KeyEvent(.enter)),
    ]
    for number in 1...12 { keys.append(("kf\(number)", KeyEvent(.function(number)))) }
    var sequences: [[UInt8]: KeyEvent] = [:]
    for (capability, event) in keys {
      guard let text = ccurses_string(capability) else { continue }
      let bytes = Array(String(cString: text).utf8)
      if bytes.count > 1 { sequences[bytes] = event }
    }
    return sequences
  }
}
