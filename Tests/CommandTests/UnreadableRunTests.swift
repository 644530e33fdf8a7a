import Files
import Foundation
import TestImages
import Testing

/// Run folders in which something cannot be read, or is something else than it should be.
@Suite struct UnreadableRunTests {
  private let folder: TestFolder
  private var runs: String { folder.path + "/runs" }
  private var run: String { runs + "/b" }
  private var checkpoints: String { run + "/checkpoints/mobilevit_xxs" }

  /// Two runs of an epoch, `a` whole.
  init() throws {
    folder = try TestFolder()
    try FileSystem.makeFolders(folder.path + "/runs")
    let trained = try Program.run([
      "train", "--no-ui", "--data", try folder.makeDataSet(train: 4, eval: 2), "--model", "mobilevit_xxs", "--image-size", "32",
      "--batch-size", "4", "--threads", "1", "--epochs", "1", "--run", run,
    ])
    try #require(trained.code == 0, "\(trained.errors)")
    try FileManager.default.copyItem(atPath: run, toPath: runs + "/a")
  }

  /// Pipes, devices and sockets would be waited for; no test that waits ends. One training serves all cases.
  @Test func theOthersAreListedAndThisOneIsReported() throws {
    for name in ["config.toml", "events.jsonl", "lock", "state.json", "checkpoints"] {
      // A folder is what `checkpoints` should be.
      for what in ["pipe", "device", "folder", "dangling link"] where name != "checkpoints" || what != "folder" {
        if try FileSystem.status(run) != nil { try FileSystem.removeAll(run) }
        try FileManager.default.copyItem(atPath: runs + "/a", toPath: run)
        try check(name, what)
      }
    }
  }

  private func check(_ name: String, _ what: String) throws {
    let state = try FileSystem.list(checkpoints).first { $0.hasPrefix("step-") } ?? ""
    let path = name == "state.json" ? "\(checkpoints)/\(state)/state.json" : run + "/" + name
    if try FileSystem.status(path) != nil { try FileSystem.removeAll(path) }
    switch what {
    case "pipe": try #require(mkfifo(path, 0o600) == 0)
    case "device": guard mknod(path, S_IFCHR | 0o600, 0x0101) == 0 else { return }  // for the superuser alone
    case "folder": try FileSystem.makeFolders(path)
    default: try DurableFile.replaceSymlink(at: path, to: "/not/mounted")
    }
    let listed = try Program.run(["runs", runs])
    #expect(listed.code == 0)
    #expect(listed.lines.count == 3, "\(name) \(what): \(listed.output)")
    #expect(listed.lines[1].contains("/a ") && listed.lines[1].contains(" finished "))
    #expect(listed.lines[2].contains("/b "))
    let sentences = listed.errors.split(separator: "\n")
    #expect(sentences.count == 1 && sentences[0].contains(name) && sentences[0].contains(run), "\(name) \(what): \(listed.errors)")
    let resumed = try Program.run(["train", "--no-ui", "--run", run, "--resume", "--threads", "1"])
    // A finished run needs neither its events nor its lock.
    if name != "events.jsonl" && name != "lock" {
      #expect([65, 66].contains(resumed.code), "\(resumed.code) \(resumed.errors)")
      #expect(resumed.errors.contains(name) && resumed.errors.contains(run), "\(resumed.errors)")
    }
  }

  /// The superuser may read everything, so that the program runs as somebody else.
  @Test(.enabled(if: geteuid() == 0)) func aFolderThatMayNotBeReadIsNotEmpty() throws {
    for name in ["", "/checkpoints", "/checkpoints/mobilevit_xxs"] { try checkForbidden(name) }
  }

  private func checkForbidden(_ name: String) throws {
    let outcome = try Program.bash(
      """
      set -e
      chown -R 65534:65534 . && chmod 755 . runs && chmod 000 runs/b\(name)
      as() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
      before=$(cat runs/b/events.jsonl)
      code=0; as "$PROGRAM" train --no-ui --run runs/b --resume --threads 1 || code=$?
      echo "resume $code"
      as "$PROGRAM" runs runs; echo "runs $?"
      chmod 755 runs/b\(name)
      [ "$before" = "$(cat runs/b/events.jsonl)" ] && ls runs/b/checkpoints/mobilevit_xxs
      """, in: folder.path)
    #expect(outcome.lines.contains("resume 66"), "\(outcome.output)\(outcome.errors)")
    #expect(outcome.lines.contains("runs 0"))
    #expect(outcome.lines.contains { $0.hasPrefix("runs/a ") && $0.contains("finished") })
    #expect(outcome.lines.contains { $0.hasPrefix("runs/b ") && $0.contains("unreadable") })
    #expect(outcome.lines.contains("latest"))
    #expect(outcome.errors.contains("Permission denied; check the permissions"))
  }
}
