import Foundation
import PseudoTerminal
import Terminal
import TestImages
import Testing

/// Everything that is named by a path may have a name that is not UTF-8. Foundation cannot name such a file, so bash does.
///
/// Names of the folder: `p<E9>` (data), `r<F8>` (a run), `l<FF>` (logs), `h<A0>` (the user's configuration).
@Suite struct NamesInBytesTests {
  private let folder: TestFolder
  private static let flags = "--model mobilevit_xxs --image-size 32 --batch-size 4 --epochs 1 --threads 1 --no-ui"

  init() throws {
    folder = try TestFolder()
    _ = try folder.makeDataSet("data", classes: ["across", "down"], train: 3, eval: 1)
    // Repaired, the classes would be one; the third has the very scalar that stands for the byte 0xE9.
    let made = try Program.bash(
      """
      mkdir $'p\\xe9' && for part in train eval; do
        mkdir $'p\\xe9/'$part && mv data/$part/across $'p\\xe9/'$part/$'c\\xe8' && mv data/$part/down $'p\\xe9/'$part/$'c\\xe9'
        cp -r $'p\\xe9/'$part/$'c\\xe9' $'p\\xe9/'$part/$'c\\xf4\\x8f\\xbb\\xa9'
        mv $'p\\xe9/'$part/$'c\\xe8/0.png' $'p\\xe9/'$part/$'c\\xe8/\\x9b31m.png'
      done
      """, in: folder.path)
    try #require(made.code == 0, "\(made.errors)")
  }

  /// Runs a line of bash; nothing that comes out is a control sequence or broken text.
  private func bash(_ line: String, code: Int32 = 0, sourceLocation: SourceLocation = #_sourceLocation) throws -> Program.Outcome {
    let outcome = try Program.bash(line, in: folder.path)
    #expect(outcome.code == code, "\(outcome.errors)", sourceLocation: sourceLocation)
    let all = outcome.output + outcome.errors
    // U+FFFD is what the test's own decoding makes of a byte that is not UTF-8.
    #expect(!all.contains("\u{FFFD}") && !all.contains("\u{9B}"), "\(all)", sourceLocation: sourceLocation)
    return outcome
  }

  @Test func aRunIsTrainedResumedMeasuredAndReported() throws {
    let trained = try bash("\"$PROGRAM\" train --data $'p\\xe9' --run $'r\\xf8' --json --allow-duplicates \(Self.flags)")
    let path = try #require(trained.objects().last { $0["event"] as? String == "checkpoint" }?["path"] as? String)
    #expect(path.unicodeScalars.contains("\u{10FEF8}"), "\(path.debugDescription)")
    _ = try bash("test -f $'r\\xf8/config.toml' && test -d $'r\\xf8/checkpoints/mobilevit_xxs/best/'")

    // The configuration, which is UTF-8, leads to the same folder; so it does from a file whose own name is not UTF-8.
    _ = try bash("\"$PROGRAM\" train --data ./$'p\\xe9/' --run $'r\\xf8' --resume --no-ui")
    _ = try bash(
      "cp $'r\\xf8/config.toml' $'k\\xe9.toml' && \"$PROGRAM\" train --config $'k\\xe9.toml' --run again --allow-duplicates --no-ui")
    _ = try bash(
      "cmp $'r\\xf8/checkpoints/mobilevit_xxs/latest/model.safetensors' again/checkpoints/mobilevit_xxs/latest/model.safetensors")

    #expect(try bash("\"$PROGRAM\" evaluate --run $'r\\xf8' --data $'p\\xe9'").output.contains(#"p\xE9: measuring 3 images"#))
    let weights = "--weights $'r\\xf8/checkpoints/mobilevit_xxs/best'"
    let images = "$'p\\xe9/eval/c\\xe8/\\x9b31m.png' $'p\\xe9/eval/c\\xe9'"
    #expect(try bash("\"$PROGRAM\" predict \(weights) \(images)").output.contains(#"p\xE9/eval/c\xE8/\x9B31m.png: c"#))
    let predicted = try bash("\"$PROGRAM\" predict \(weights) \(images) --json").objects()
    #expect(predicted.first?["path"] as? String == "p\u{10FEE9}/eval/c\u{10FEE8}/\u{10FE9B}31m.png")
    let names = try #require(predicted.first?["top"] as? [[String: Any]]).compactMap { $0["class"] as? String }
    #expect(Set(names) == ["c\u{10FEE8}", "c\u{10FEE9}", "c\u{10FEF4}\u{10FE8F}\u{10FEBB}\u{10FEA9}"])

    let code = try bash("\"$PROGRAM\" describe $'r\\xf8' --python").output
    #expect(code.contains(#"r\udcf8/checkpoints/mobilevit_xxs/"#) && code.contains(#"CLASSES = ["c\\xE8", "c\\xE9", "#), "\(code)")
    #expect(try bash("\"$PROGRAM\" runs .").output.contains(#"./r\xF8  mobilevit_xxs  finished"#))
    let report = try bash("\"$PROGRAM\" report $'r\\xf8/'")
    #expect(report.output == "r\\xF8/report.html\n")
    #expect(try bash("cat $'r\\xf8/report.html'").output.contains(#"r\xF8"#))
    #expect(try bash("\"$PROGRAM\" report $'r\\xf9'", code: 66).errors.contains(#"r\xF9: there is no such folder"#))
  }

  @Test func themesAndLogsAreFoundAndTheUsersFolderIsUsed() throws {
    let theme = try #require(Program.theme("light"))
    let made = try bash(
      """
      sed 's/name = "light"/name = "bytes"/' '\(theme)' > $'t\\xe9.toml' && mkdir -p $'l\\xff/scalars' $'h\\xa0'
      "$PROGRAM" train --data $'p\\xe9' --run $'r\\xf8' --allow-duplicates --tensorboard \(Self.flags) && mv $'r\\xf8' $'l\\xff/r\\xf8'
      """)
    #expect(made.output.contains("done"))
    for arguments in ["--theme $'t\\xe9.toml'", ""] {
      let environment = [
        "TERM": "xterm-256color", "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin", "HOME": folder.path, "SWIFT_BACKTRACE": "enable=no",
        "PROGRAM": Program.path,
      ]
      let line = "cd '\(folder.path)' && XDG_CONFIG_HOME=$PWD/$'h\\xa0' exec \"$PROGRAM\" watch $'l\\xff' \(arguments)"
      let terminal = try PseudoTerminal(
        "/bin/bash", ["-c", line], environment: environment, size: Size(width: 160, height: 40))
      try terminal.wait(for: "the run") { $0.text.contains(#"l\xFF"#) && $0.text.contains(#"r\xF8"#) }
      terminal.type("8")
      // The second start finds the file of the first again.
      try terminal.wait(for: "the theme") { $0.text.contains("bytes") }
      terminal.type("q")
      #expect(try terminal.waitForExit() == .code(0))
    }
    #expect(try bash("cat $'h\\xa0/mvit-tui/settings.toml'").output.contains("t\\U0010fee9.toml"))
  }
}
