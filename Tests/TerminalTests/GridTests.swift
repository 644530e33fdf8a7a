import Tensors
import Terminal
import Testing

@Suite struct GridTests {
  private func canvas(_ width: Int, _ height: Int, _ look: Look = Look()) -> Canvas {
    Canvas(Size(width: width, height: height), look: look)
  }

  @Test func textIsCutWithAnEllipsis() {
    var canvas = canvas(10, 3)
    canvas.text("sneakers and boots", in: canvas.bounds.row(0), canvas.look[.text])
    canvas.text("漢字漢字漢字", in: canvas.bounds.row(1), canvas.look[.text])
    canvas.text("/data/train/boot", in: canvas.bounds.row(2), canvas.look[.text], keepingEnd: true)
    #expect(canvas.grid.picture == "sneakers …\n漢字漢字…\n…rain/boot")
  }

  @Test func aWideCharacterGoesAsAWhole() {
    var canvas = canvas(6, 1)
    canvas.text("漢字", x: 0, y: 0, canvas.look[.text])
    #expect(canvas.grid[1, 0].glyph.isContinuation)
    canvas.text("x", x: 1, y: 0, canvas.look[.text])
    #expect(canvas.grid.picture == " x字")
    canvas.text("y", x: 2, y: 0, canvas.look[.text])
    #expect(canvas.grid.picture == " xy")
    canvas.text("漢", x: 5, y: 0, canvas.look[.text])
    #expect(canvas.grid.picture == " xy", "half a character has no room")
  }

  @Test func nothingReachesBeyondTheClip() {
    var canvas = canvas(8, 3)
    canvas.fill(canvas.bounds, "·", canvas.look[.faint])
    canvas.clipped(to: Rect(x: 2, y: 1, width: 3, height: 1)) { $0.text("abcdefgh", x: 0, y: 1, $0.look[.text]) }
    #expect(canvas.grid.picture == "········\n··cde···\n········")
  }

  @Test func controlCharactersNeverReachTheTerminal() {
    var canvas = canvas(12, 1)
    canvas.text("a\u{1B}[31mb\u{7}\tc", in: canvas.bounds, canvas.look[.text])
    #expect(canvas.grid.picture == "a\u{FFFD}[31mb\u{FFFD} c")
  }

  @Test func marksJoinTheirCharacter() {
    var canvas = canvas(8, 1)
    canvas.text("e\u{301}x\u{323}\u{301}!", in: canvas.bounds, canvas.look[.text])
    #expect(canvas.grid[0, 0].glyph == Glyph("é"))
    #expect(canvas.grid[1, 0].glyph.scalar == "x")
    #expect(canvas.grid[2, 0].glyph == Glyph("!"))
  }

  @Test func asciiStepsDown() {
    var canvas = canvas(30, 1, ascii)
    canvas.text("café – 3×3 → ▲ 漢 µs…", in: canvas.bounds, canvas.look[.text])
    #expect(canvas.grid.picture == "cafe - 3x3 > ^ ?? us~")
  }

  @Test func widths() {
    #expect("abc".columns == 3)
    #expect("漢字".columns == 4)
    #expect("🙂".columns == 2)
    #expect("⣿─█●".columns == 4)
    #expect("e\u{301}\u{200D}\u{FE0F}".columns == 1)
  }

  @Test func onlyWhatChangedIsTold() {
    var before = canvas(20, 3)
    before.text("loss 0.1234", x: 0, y: 1, before.look[.text])
    var after = before
    after.text("7", x: 10, y: 1, after.look[.text])
    #expect(GridDifference(from: before.grid, to: before.grid).isEmpty)
    #expect(GridDifference(from: before.grid, to: after.grid).runs == [.init(x: 10, y: 1, count: 1)])
    #expect(GridDifference(from: nil, to: after.grid).count == 60)
    #expect(GridDifference(from: canvas(19, 3).grid, to: after.grid).count == 60)
  }

  @Test func differencesTakeWideCharactersWhole() {
    var before = canvas(6, 1)
    before.text("漢a", x: 0, y: 0, before.look[.text])
    var after = before
    after.text("x", x: 1, y: 0, after.look[.text])
    #expect(GridDifference(from: before.grid, to: after.grid, joining: 0).runs == [.init(x: 0, y: 0, count: 2)])
  }

  /// Copying the runs onto the old screen gives the new one.
  @Test func differencesAreComplete() {
    let size = Size(width: 23, height: 9)
    let characters: [Unicode.Scalar] = ["a", "b", " ", "漢", "é"]
    var old = Grid(size)
    for round in 0..<200 {
      let random = CounterRandom(seed: 9, purpose: .test, UInt64(round))
      var new = old
      for index in 0..<UInt64(random.integer(0, below: 40)) {
        new.put(
          Glyph(characters[random.integer(index * 4 + 1, below: 5)]), x: random.integer(index * 4 + 2, below: 23),
          y: random.integer(index * 4 + 3, below: 9), Style(.palette(UInt8(random.integer(index * 4 + 4, below: 4)))), clip: new.bounds)
      }
      var changed: Set<Int> = []
      for run in GridDifference(from: old, to: new).runs {
        #expect(!new[run.x, run.y].glyph.isContinuation, "seed 9, round \(round)")
        for x in run.x..<run.x + run.count { changed.insert(run.y * 23 + x) }
      }
      for index in old.cells.indices where old.cells[index] != new.cells[index] {
        #expect(changed.contains(index), "seed 9, round \(round)")
      }
      old = new
    }
  }
}
