import ArgumentParser
import NumberFormats
import Training
import TrainingEvents
import VisionModels

struct ModelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models",
    abstract: "List the models with their parameters and multiply-accumulates (MACs) for one image.")

  @Option(help: ArgumentHelp("Classes of the classifier.", valueName: "n"))
  var classes = 1000

  @Option(help: ArgumentHelp("Pixels a side.", valueName: "pixels"))
  var imageSize = 256

  @Flag(help: "Write one JSON object a line to standard output.")
  var json = false

  func validate() throws {
    guard (2...1_000_000).contains(classes) else {
      throw ValidationError("--classes must be a whole number from 2 to 1000000, not \(classes)")
    }
    guard (32...8192).contains(imageSize) else {
      throw ValidationError("--image-size must be a whole number from 32 to 8192, not \(imageSize)")
    }
  }

  func run() throws {
    for name in Catalogue.names {
      let network = try Catalogue.network(name, classes: classes)
      // The tutorial's models take fewer sizes than the others; the list does without those that this size rules out.
      guard imageSize >= network.minimumImageSize, imageSize % network.imageSizeMultiple == 0 else {
        StandardStreams.complain("\(name) takes only multiples of \(network.imageSizeMultiple) as --image-size, so it is not listed")
        continue
      }
      let macs = try network.multiplyAccumulates(height: imageSize, width: imageSize)
      if json {
        var line = JSONLine()
        line.add("model", name)
        line.add("parameters", network.parameterCount)
        line.add("macs", macs)
        line.add("classes", classes)
        line.add("image_size", imageSize)
        try StandardStreams.say(line.text)
      } else {
        try StandardStreams.say(
          name.padded(to: 24) + "\(network.parameterCount) parameters".padded(to: 22) + NumberFormat.fixed(3).text(Double(macs) * 1e-9)
            + " GMACs")
      }
    }
  }
}

extension String {
  /// With spaces behind it up to a width.
  func padded(to width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}
