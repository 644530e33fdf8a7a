import Configuration

let models = [
  ModelFacts(name: "mobilevit_s", dropout: 0.1, smallestImage: 32, imageStep: 1, publishedNormalization: "unit"),
  ModelFacts(name: "mobilenet_v2", dropout: 0.2, smallestImage: 32, imageStep: 1, publishedNormalization: "imagenet"),
  ModelFacts(name: "tutorial_mobilevit_s", dropout: 0, smallestImage: 64, imageStep: 64, publishedNormalization: "tutorial"),
]

/// Settings read from a file of these lines.
func settings(_ lines: String...) throws -> Settings {
  try Settings(toml: lines.joined(separator: "\n"), file: "/runs/run.toml")
}

func configuration(_ lines: String..., weights: WeightFacts? = nil) throws -> RunConfiguration {
  var settings = try Settings(toml: lines.joined(separator: "\n"), file: "/runs/run.toml")
  if settings.data == nil { try settings.set(\.data, .text("/data")) }
  return try RunConfiguration(settings, models: models, weights: weights, relativeTo: "/home")
}
