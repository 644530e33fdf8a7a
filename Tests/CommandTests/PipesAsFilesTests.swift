import Foundation
import TestImages
import Testing

/// Pipes, devices and sockets in place of files: they are read where that can end, else refused; nothing waits for them.
@Suite struct PipesAsFilesTests {
  private let folder: TestFolder
  private let flags = "--model mobilevit_xxs --image-size 32 --batch-size 4 --epochs 1 --threads 1 --no-ui"

  init() throws {
    folder = try TestFolder()
    _ = try folder.makeDataSet(train: 4, eval: 2)
    try #require(mkfifo(folder.path + "/pipe", 0o600) == 0)
  }

  /// A program that waits for a pipe is killed, which shows.
  private func run(_ line: String) throws -> Program.Outcome {
    try Program.bash(line.replacing("PROGRAM", with: "timeout -s KILL 60 \"$PROGRAM\""), in: folder.path)
  }

  @Test(arguments: [
    ("train --data data --run r --config pipe", "pipe: the configuration is a pipe that nobody writes to"),
    ("train --data data --run r --config /dev/null", "/dev/null: the configuration is not an ordinary file"),
    ("train --data data --run r --theme ./pipe", "pipe: the theme is a pipe that nobody writes to"),
    ("train --data data --run r --theme /dev/zero", "/dev/zero: the theme is not an ordinary file"),
    ("train --data pipe --run r", "pipe: is not a folder"), ("train --data data --run r --weights pipe", "pipe: is not a regular file"),
    ("evaluate --data data --weights pipe", "pipe: is not a regular file"),
    ("evaluate --data data --weights /dev/zero", "is not a regular file"),
    ("predict --weights pipe data/eval/down/0.png", "pipe: is not a regular file"),
  ])
  func whatCannotEndIsRefused(arguments: String, sentence: String) throws {
    let outcome = try run("PROGRAM \(arguments)")
    #expect([64, 65, 66].contains(outcome.code) && outcome.errors.contains(sentence), "\(outcome.code): \(outcome.errors)")
  }

  /// In the second the writer waits for its own input first.
  @Test func whatTheShellWritesIsRead() throws {
    let substituted = try run("PROGRAM train --config <(echo 'data = \"data\"'; echo 'lr = 0.5') --run a \(flags)")
    #expect(substituted.code == 0, "\(substituted.errors)")
    #expect(try String(contentsOfFile: folder.path + "/a/config.toml", encoding: .utf8).contains("lr = 0.5\n"))
    let named = try run(
      "exec 3<> pipe; { echo 'lr = '; echo 0.25; } > pipe; PROGRAM train --config <(sed -u 2q < pipe | tr -d '\\n') --data data --run b \(flags)"
    )
    #expect(named.code == 0, "\(named.errors)")
    #expect(try String(contentsOfFile: folder.path + "/b/config.toml", encoding: .utf8).contains("lr = 0.25\n"))
  }
}
