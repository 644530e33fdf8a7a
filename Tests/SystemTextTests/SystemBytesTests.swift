import SystemText
import Testing

@Suite struct SystemBytesTests {
  /// Every string of up to three bytes of a chosen alphabet comes back, and no two become one text.
  @Test func everyNameComesBack() {
    let alphabet: [UInt8] = [0x2F, 0x41, 0x7F, 0x80, 0xA9, 0xBF, 0xC3, 0xCC, 0x81, 0xE2, 0xED, 0xA0, 0xF4, 0x8F, 0xBA, 0xFE, 0xFF]
    var seen: [[UInt8]: [UInt8]] = [:]
    func check(_ bytes: [UInt8]) {
      let text = String(systemBytes: bytes)
      #expect(text.systemBytes == bytes)
      #expect(seen.updateValue(bytes, forKey: Array(text.utf8)) == nil)
    }
    check([])
    for a in alphabet {
      check([a])
      for b in alphabet {
        check([a, b])
        for c in alphabet { check([a, b, c]) }
      }
    }
  }

  @Test func charactersStayAsTheyAre() {
    for name in ["photos", "Fotos für später", "e\u{301}", "\u{E9}", "写真", "👩‍👩‍👧", "\u{10FFFF}"] {
      #expect(String(systemBytes: Array(name.utf8)).utf8.elementsEqual(name.utf8))
      #expect(name.systemBytes == Array(name.utf8))
    }
  }

  /// A name may hold the very scalars that stand for bytes.
  @Test func theScalarsOfThePrivateRangeThemselves() {
    let name = Array("x\u{10FEE9}y".utf8)
    let text = String(systemBytes: name)
    #expect(text.systemBytes == name)
    #expect(text.unicodeScalars.count == 6)
    #expect(String(systemBytes: [0x78, 0xE9, 0x79]).utf8.elementsEqual("x\u{10FEE9}y".utf8))
  }

  @Test func systemCallsGetTheBytes() {
    let name = String(systemBytes: [0x63, 0xE9])
    #expect(name.withSystemPath { [$0[0], $0[1], $0[2]] } == [0x63, CChar(bitPattern: 0xE9), 0])
  }
}
