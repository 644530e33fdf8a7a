import CursesTerminal
import Foundation
import Terminal

// A program for tests and for the eye: `terminal-probe keys` shows what is typed, `terminal-probe gallery [THEME.toml]` every
// widget, `terminal-probe dump WIDTH HEIGHT DEPTH SYMBOLS [THEME.toml]` writes the gallery's cells as text.
let arguments = Array(CommandLine.arguments.dropFirst())
switch arguments.first {
case "dump": Gallery.dump(Array(arguments.dropFirst()))
case "keys", "gallery", nil: exit(Probe(arguments).run())
case let other?:
  FileHandle.standardError.write(Data("terminal-probe: \(other) is not one of keys, gallery, dump\n".utf8))
  exit(64)
}
