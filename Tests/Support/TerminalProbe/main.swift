import CursesTerminal
import Foundation
import PseudoTerminal
import Terminal

// A program for tests and for the eye: `terminal-probe keys` shows what is typed, `terminal-probe gallery [THEME.toml]` every
// widget, `terminal-probe dump WIDTH HEIGHT DEPTH SYMBOLS [THEME.toml]` writes the gallery's cells as text, `terminal-probe parent
// PROGRAM ARGUMENT...` starts a program on a pseudo-terminal, as a test does, and sleeps: for tests that kill the parent.
let arguments = Array(CommandLine.arguments.dropFirst())
switch arguments.first {
case "dump": Gallery.dump(Array(arguments.dropFirst()))
case "parent":
  let terminal = try PseudoTerminal(arguments[1], Array(arguments.dropFirst(2)), environment: ProcessInfo.processInfo.environment)
  try terminal.wait(for: "the program's first output", seconds: 60) { !$0.text.isEmpty }
  print("started \(terminal.process)")
  fflush(nil)
  while true { pause() }
case "keys", "gallery", nil: exit(Probe(arguments).run())
case let other?:
  FileHandle.standardError.write(Data("terminal-probe: \(other) is not one of keys, gallery, dump, parent\n".utf8))
  exit(64)
}
