import CursesTerminal
import Tensors
import Terminal
import Testing

@Suite struct KeyDecoderTests {
  private func keys(_ text: String) -> [KeyEvent] {
    var decoder = KeyDecoder()
    return decoder.decode(Array(text.utf8)) + decoder.flush()
  }

  @Test(arguments: [
    ("a", KeyEvent("a")), ("A", KeyEvent("A")), (" ", KeyEvent(" ")), ("é", KeyEvent("é")), ("😀", KeyEvent("😀")), ("\t", KeyEvent(.tab)),
    ("\r", KeyEvent(.enter)), ("\u{7F}", KeyEvent(.backspace)), ("\u{1}", .control("a")), ("\u{1A}", .control("z")),
    ("\u{1B}", KeyEvent(.escape)), ("\u{1B}[A", KeyEvent(.up)), ("\u{1B}OB", KeyEvent(.down)), ("\u{1B}[1;5C", KeyEvent(.right, .control)),
    ("\u{1B}[1;2D", KeyEvent(.left, .shift)), ("\u{1B}[H", KeyEvent(.home)), ("\u{1B}[4~", KeyEvent(.end)),
    ("\u{1B}[3~", KeyEvent(.delete)),
    ("\u{1B}[6;3~", KeyEvent(.pageDown, .alt)), ("\u{1B}[Z", KeyEvent(.tab, .shift)), ("\u{1B}OP", KeyEvent(.function(1))),
    ("\u{1B}[15~", KeyEvent(.function(5))), ("\u{1B}[24~", KeyEvent(.function(12))), ("\u{1B}[[C", KeyEvent(.function(3))),
    ("\u{1B}x", KeyEvent("x", .alt)), ("\u{1B}[", KeyEvent("[", .alt)),
  ]) func oneKey(_ text: String, _ expected: KeyEvent) {
    #expect(keys(text) == [expected])
  }

  @Test func keysInOneRead() {
    #expect(keys("q\u{1B}[A\u{1B}[Bé") == [KeyEvent("q"), KeyEvent(.up), KeyEvent(.down), KeyEvent("é")])
  }

  @Test func aKeyInPieces() {
    var decoder = KeyDecoder()
    var found: [KeyEvent] = []
    for byte in Array("\u{1B}[1;5A漢".utf8) { found += decoder.decode([byte]) }
    #expect(found == [KeyEvent(.up, .control), KeyEvent("漢")])
    #expect(!decoder.isAmbiguous)
  }

  @Test func unknownSequencesAreNoKeys() {
    #expect(keys("\u{1B}[?62;4cj") == [KeyEvent("j")])
    #expect(keys("\u{1B}[<0;10;10Mj") == [KeyEvent("j")])
    #expect(keys("\u{1B}[200~j\u{1B}[201~") == [KeyEvent("j")])
  }

  @Test func brokenUTF8IsDropped() {
    var decoder = KeyDecoder()
    #expect(decoder.decode([0xC3, 0x28, 0xFF, 0x80, 0x61]) + decoder.flush() == [KeyEvent("("), KeyEvent("a")])
  }

  @Test func theTerminalsOwnSequencesComeFirst() {
    var decoder = KeyDecoder(sequences: [Array("\u{1B}[A".utf8): KeyEvent(.pageUp)])
    #expect(decoder.decode(Array("\u{1B}[A".utf8)) == [KeyEvent(.pageUp)])
  }

  @Test func noBytesDoHarm() {
    let random = CounterRandom(seed: 11, purpose: .test)
    for round in 0..<2_000 {
      var decoder = KeyDecoder(sequences: [Array("\u{1B}[A".utf8): KeyEvent(.up), Array("\u{1B}Oxy".utf8): KeyEvent(.down)])
      let likely: [UInt8] = [0x1B, 0x5B, 0x4F, 0x3B, 0x31, 0x7E, 0xC3, 0xA9, 0xE6, 0xF0, 0xFF, 0x41, 0x78, 0x00, 0x7F]
      for position in 0..<12 {
        let draw = UInt64(round * 12 + position)
        _ = decoder.decode([likely[random.integer(draw, below: likely.count)]])
      }
      _ = decoder.flush()
      #expect(!decoder.isAmbiguous, "seed 11, round \(round)")
    }
  }
}
