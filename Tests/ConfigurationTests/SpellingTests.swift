import Configuration
import Testing

@Suite struct SpellingTests {
  private static let commands = ["train", "compare", "watch", "evaluate", "predict", "models", "runs", "bench", "profile"]

  @Test(arguments: [
    ("trian", "train"), ("Train", "train"), ("compaer", "compare"), ("eval", "evaluate"), ("predcit", "predict"), ("run", "runs"),
    ("bnech", "bench"), ("evalaute", "evaluate"), ("watchh", "watch"),
  ])
  func aSlipIsRecognised(word: String, meant: String) {
    #expect(Spelling.nearest(to: word, among: Self.commands) == meant)
  }

  @Test(arguments: ["fly", "", "photos", "--data", "serve"])
  func whatIsLikeNothingIsLikeNothing(word: String) {
    #expect(Spelling.nearest(to: word, among: Self.commands) == nil)
  }
}
