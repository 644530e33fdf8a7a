import Names
import Testing

@Suite struct NamesTests {
  @Test func composedAndDecomposedLettersAreTwoNames() {
    let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
    #expect(composed == decomposed)
    #expect(Name(composed) != Name(decomposed) && Name(composed) == Name("caf\u{E9}"))
    #expect(Set([Name(composed), Name(decomposed), Name(composed)]).count == 2)
    #expect(Name(decomposed) < Name(composed) && !(Name(composed) < Name(decomposed)))
  }
}
