import Terminal
import Testing

@Suite struct WidgetPictureTests {
  @Test func box() {
    let look = Look()
    let box = Box(
      "loss", subtitle: "smoothed", trailing: [Span("0.1234", look[.text])], hints: [KeyHint("s", "smoothing"), KeyHint("y", "log")],
      key: "2")
    #expect(
      picture(box, 40, 3) == """
        ╭─┐2 loss smoothed┌───────────┐0.1234┌─╮
        │                                      │
        ╰─┘smoothing└─┘y log└──────────────────╯
        """)
    #expect(
      picture(box, 40, 3, ascii) == """
        +-[2 loss smoothed]-----------[0.1234]-+
        |                                      |
        +-[smoothing]-[y log]------------------+
        """)
    #expect(
      picture(box, 12, 3) == """
        ╭─┐2 loss┌─╮
        │          │
        ╰──────────╯
        """)
  }

  @Test func progress() {
    #expect(picture(ProgressBar(0.425, label: "epoch 9/20"), 30, 1) == "epoch 9/20 █████▏┈┈┈┈┈┈  42.5%")
    #expect(picture(ProgressBar(1, label: "epoch", shape: .line), 20, 1) == "epoch ━━━━━━━ 100.0%")
    #expect(picture(ProgressBar(.nan), 20, 1) == "┈┈┈┈┈┈┈┈┈┈┈┈┈    NaN")
    #expect(picture(ProgressBar(0.5, label: "epoch"), 20, 1, ascii) == "epoch ####...  50.0%")
    #expect(picture(ProgressBar(0.001), 12, 1) == "▏┈┈┈┈   0.1%")
  }

  @Test func table() {
    let table = Table(
      [TableColumn("model", .leading, .flexible(8)), TableColumn("best", .trailing), TableColumn("img/s", .trailing)],
      rows: [
        ["mobilevit_xxs", TableCell("88.1%", .text), "512"], ["mobilevit_xs", TableCell("90.2%", isBest: true), "301"],
        ["mobilenet_v2", "89.0%", "640"],
        ["mobilevit_s", "90.1%", "204"],
      ], selection: 2, sorting: (1, false))
    #expect(
      picture(table, 34, 5) == """
        model                best ▼  img/s
        mobilevit_xxs         88.1%    512
        mobilevit_xs        ★ 90.2%    301
        mobilenet_v2          89.0%    640
        mobilevit_s           90.1%    204
        """)
    #expect(
      picture(table, 34, 3) == """
        model               best ▼  img/s
        mobilevit_xs       ★ 90.2%    301┃
        mobilenet_v2         89.0%    640│
        """)
    #expect(
      picture(table, 12, 5, ascii) == """
        model
        mobilevit_x~
        mobilevit_xs
        mobilenet_v2
        mobilevit_s
        """)
    // A column with a least width stays where it is when its first value and its mark come.
    func steady(_ cell: TableCell) -> Table {
      Table([TableColumn("model", .leading, .flexible(5)), TableColumn("best", .trailing, least: 8)], rows: [["a", cell]])
    }
    #expect(picture(steady("-"), 18, 1) == picture(steady(TableCell("90.20%", isBest: true)), 18, 1))
    #expect(
      picture(
        Table([TableColumn("a", least: 8), TableColumn("b")], rows: [["1", "2"], [TableCell("90.20%", isBest: true), "3"]]), 18, 3)
          == """
          a         b
          1         2
          ★ 90.20%  3
          """)
    let drawn = grid(table, 34, 5)
    #expect(drawn[0, 3].background == Look().selection.background)
    #expect(drawn[0, 2].background == Look().background)
  }

  @Test func bars() {
    let list = BarList([.init("bag", 40, text: "40"), .init("sneaker", 80, text: "80"), .init("boot", 1, text: "1")])
    #expect(
      picture(list, 30, 3) == """
        bag     ━━━━━━━━━╸          40
        sneaker ━━━━━━━━━━━━━━━━━━━ 80
        boot    ╸                    1
        """)
  }

  @Test func areaGraph() {
    #expect(
      picture(AreaGraph([0, 1, 2, 3, 4, 5, 6, 7, 8]), 4, 2) == """
          ⣠⣾
        ⣠⣾⣿⣿
        """)
    #expect(picture(AreaGraph([1, .nan, 3], range: 0...4), 3, 1, Look(symbols: .block)) == "▂ ▆")
    #expect(
      picture(AreaGraph([9, 20, 40, 60, 80, 100]), 5, 2, ascii) == """
           .#
        .####
        """)
  }

  @Test func keyHints() {
    #expect(picture(KeyHintBar([KeyHint("q", "quit"), KeyHint("←→", "cursor"), KeyHint("?", "help")]), 30, 1) == "quit  ←→ cursor  ? help")
    #expect(picture(KeyHintBar([KeyHint("q", "quit"), KeyHint("←→", "cursor"), KeyHint("?", "help")]), 12, 1) == "quit")
  }

  @Test func dialog() {
    let dialog = Dialog(
      "stop?", "Training is at step 1,234 of 20,000.",
      answers: [KeyHint("s", "save and stop"), KeyHint("x", "stop"), KeyHint("Esc", "go on")])
    #expect(
      picture(dialog, 60, 9) == """


                ╭─┐stop?┌──────────────────────────────────╮
                │ Training is at step 1,234 of 20,000.     │
                │                                          │
                │  s save and stop   x stop   Esc go on    │
                ╰──────────────────────────────────────────╯


        """)
    #expect(
      picture(dialog, 24, 9) == """
        ╭─┐stop?┌──────────────╮
        │ Training is at step  │
        │ 1,234 of 20,000.     │
        │                      │
        │  s save and stop     │
        │  x stop              │
        │  Esc go on           │
        ╰──────────────────────╯

        """)
  }

  @Test func help() {
    let help = HelpOverlay(
      "keys", [.init("training", [KeyHint("p", "pause"), KeyHint("q", "stop")]), .init("chart", [KeyHint("←→", "cursor")])])
    #expect(
      picture(help, 40, 10) == """

                     ╭─┐keys┌─────╮
                     │ training   │
                     │ p   pause  │
                     │ q   stop   │
                     │            │
                     │ chart      │
                     │ ←→  cursor │
                     ╰────────────╯

        """)
    #expect(
      picture(help, 60, 6) == """
                        ╭─┐keys┌──────────────────╮
                        │ training     chart      │
                        │ p   pause    ←→  cursor │
                        │ q   stop                │
                        ╰─────────────────────────╯

        """)
    #expect(
      picture(help, 20, 5) == """
           ╭─┐keys┌─────╮
           │ training   │
           │ p   pause  │
           │ q   stop   │
           ╰─── ↓ more ─╯
        """)
  }

  @Test func log() {
    let log = LogPane([.init("started", time: "12:00:01"), .init("reading a folder of images that is rather long", time: "12:00:02")])
    #expect(
      picture(log, 30, 4) == """
        12:00:01 started
        12:00:02 reading a folder of
                 images that is rather
                 long
        """)
    #expect(
      picture(log, 30, 2) == """
                 images that is rather
                 long
        """)
  }

  @Test func confusion() {
    let matrix = ConfusionMatrix(names: ["cat", "dog", "bird"], counts: [[9, 1, 0], [0, 10, 0], [2, 0, 8]])
    #expect(
      picture(matrix, 30, 4) == """
               cat   dog  bird
         cat     9     1     ·
         dog     ·    10     ·
        bird     2     ·     8
        """)
    #expect(
      picture(matrix, 12, 4, Look(depth: .sixteen)) == """
         cat ██▒▒
         dog   ██
        bird ▒▒  ██

        """)
    #expect(
      picture(matrix, 6, 2, ascii) == """
        @@--
        ++@@
        """)
  }

  @Test func plainText() {
    let text = PlainText("mobilevit_xxs, training", [PlainLine("epoch", "9 of 20"), PlainLine("train loss", "0.3366", .falling)])
    #expect(
      picture(text, 40, 4) == """
        mobilevit_xxs, training
        epoch: 9 of 20
        train loss: 0.3366, falling

        """)
  }

  @Test func tooSmall() {
    #expect(
      picture(TooSmallNotice(needed: Size(width: 60, height: 20), hints: [KeyHint("q", "quit")]), 24, 5) == """

            window too small
           24x5, needs 60x20
                 q quit

        """)
  }

  @Test func keyValues() {
    #expect(
      picture(KeyValueList([.init("left", "04:12"), .init("images per second", "1,234")]), 16, 2) == """
        left       04:12
        images pe… 1,234
        """)
  }
}
