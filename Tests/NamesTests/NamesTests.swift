import Names
import Testing

@Suite struct NamesTests {
  @Test func composedAndDecomposedLettersAreTwoNames() {
    let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
    #expect(composed == decomposed)
    #expect(Name(composed) != Name(decomposed) && Name(composed) == Name("caf\u{E9}"))
    #expect(Set([Name(composed), Name(decomposed), Name(composed)]).count == 2)
    #expect(Name(decomposed) < Name(composed) && !(Name(composed) < Name(decomposed)))
    #expect(DiskPath(composed) != DiskPath(decomposed))
  }

  @Test func bytesThatAreNoTextAreShownAndKeptApart() {
    let (latin, other) = (DiskPath(bytes: [0x63, 0xE9]), DiskPath(bytes: [0x63, 0xE8]))
    #expect(latin.text == "c\\xE9" && other.text == "c\\xE8" && latin != other)
    #expect(DiskPath(bytes: Array("ü".utf8) + [0xFF] + Array("日本".utf8)).text == "ü\\xFF日本")
    #expect(DiskPath("runs").appending(latin).bytes == Array("runs/c".utf8) + [0xE9])
    #expect(latin.withSystemPath { UInt8(bitPattern: $0[1]) } == 0xE9 && latin.withSystemPath { $0[2] } == 0)
  }

  @Test func partsAndEnds() {
    let path = DiskPath("events.out.tfevents.1.gz")
    #expect(
      path.contains("tfevents") && !path.contains("vdlrecords") && path.hasSuffix(".gz") && !path.hasSuffix("events.out.tfevents.1.gz.gz"))
    #expect(!DiskPath("").contains("x") && DiskPath("x").contains("x"))
  }
}
