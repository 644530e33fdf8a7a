import Terminal
import Testing

@Suite struct WrapTests {
  @Test func wordsAreBrokenAtTheSamePlacesWhateverTheirLength() {
    #expect(Paragraph.wrap("one two  three", to: 8) == ["one two", "three"])
    #expect(Paragraph.wrap("abcdefgh ij", to: 4) == ["abcd", "efgh", "ij"])
    #expect(Paragraph.wrap("字字字 a", to: 4) == ["字字", "字 a"])
    #expect(Paragraph.wrap("e\u{301}e\u{301}e\u{301}", to: 2) == ["e\u{301}e\u{301}", "e\u{301}"])
    #expect(Paragraph.wrap("", to: 5) == [""] && Paragraph.wrap(" a  b ", to: 20) == ["a b"] && Paragraph.wrap("a b", to: 3) == ["a b"])
    #expect(Paragraph.wrap("a\nb", to: 20) == ["a", "b"])
  }

  /// Each character is measured once: a word of any length is broken into pieces of the width.
  @Test func aLongWordIsBrokenThroughout() {
    for letter in ["x", "é", "字"] {
      let word = String(repeating: letter, count: Paragraph.longest)
      let lines = Paragraph.wrap(word, to: 80)
      #expect(lines.joined() == word && lines.dropLast().allSatisfy { $0.columns == 80 })
      // What is longer is cut, and the end tells so.
      let cut = Paragraph.wrap(word + word, to: 80)
      #expect(cut.count <= lines.count + 1 && cut.joined(separator: " ").contains("bytes in all)"))
    }
  }

  @Test func aRowHoldsNoMoreThanAScreenShows() {
    let row = GlyphRow(String(repeating: "x", count: 1_000_000))
    #expect(row.width == GlyphRow.longest + 1)
    #expect(GlyphRow(String(repeating: "é", count: GlyphRow.longest)).width == GlyphRow.longest)
    #expect(GlyphRow("a" + String(repeating: "\u{301}", count: 1_000_000)).glyphs.count <= 2)
  }
}
