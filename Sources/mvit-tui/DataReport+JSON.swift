import ImageData
import Training
import TrainingEvents

/// The same as one JSON object.
extension DataReport {
  /// The object of a folder that training refuses, without a newline.
  static func refused(_ path: String, _ error: any Error) -> String {
    var line = JSONLine()
    line.add("path", path)
    line.add("error", "\(error)")
    return line.text
  }

  /// The object without a newline.
  ///
  /// - Parameter error: why training refuses the folder; nil if it does not.
  func json(_ error: (any Error)?) -> String {
    var line = JSONLine()
    line.add("path", run.data)
    line.add("images", survey.parts.reduce(0) { $0 + $1.samples.count })
    line.add(
      "parts",
      survey.parts.map { part in
        var object = JSONLine()
        object.add("part", part.role.label)
        if let folder = part.folder { object.add("folder", folder) }
        object.add("images", part.samples.count)
        object.add("set_aside", part.isSetAside)
        return object
      })
    line.add(
      "classes",
      survey.folder.classNames.indices.map { index in
        var object = JSONLine()
        object.add("class", survey.folder.classNames[index])
        for part in survey.parts { object.add(part.role.label, part.counts[index]) }
        return object
      })
    addPictures(to: &line)
    line.add(
      "duplicates",
      survey.duplicates.map { duplicates in
        var object = JSONLine()
        object.add("part", duplicates.part.label)
        object.add("also_in", duplicates.other.label)
        object.add("images", duplicates.images.pairs.map(\.evaluation))
        object.add("same_as", duplicates.images.pairs.map(\.training))
        return object
      })
    line.add(
      "faults",
      survey.faults.map { fault in
        var object = JSONLine()
        object.add("path", fault.error.path)
        object.add("part", fault.part.label)
        object.add("reason", "\(fault.error.reason)")
        return object
      })
    line.add(
      "notes",
      survey.folder.notes.map { note in
        var object = JSONLine()
        object.add("reason", note.reason.key)
        object.add("path", note.path)
        return object
      })
    if let estimate = try? estimate?.get() { line.add("estimate", object(estimate)) }
    if let error { line.add("error", Failure(error).sentence) }
    return line.text
  }

  private func addPictures(to line: inout JSONLine) {
    let statistics = survey.statistics
    if let sizes = statistics.sizes {
      var object = JSONLine()
      for (key, size) in [
        ("smallest", sizes.smallest), ("median", sizes.median), ("largest", sizes.largest), ("most_frequent", sizes.mostFrequent),
      ] {
        object.add(key, [size.width, size.height] as [Int])
      }
      object.add("most_frequent_images", sizes.frequency)
      line.add("sizes", object)
    }
    var formats = JSONLine()
    for (format, count) in statistics.formats { formats.add(format.rawValue, count) }
    line.add("formats", formats)
    var orientations = JSONLine()
    for (orientation, count) in statistics.orientations { orientations.add("\(orientation.rawValue)", count) }
    line.add("orientations", orientations)
    let counts = statistics.counts
    line.add("transparent", counts.transparent)
    line.add("sixteen_bit", counts.deep)
    line.add("profiles", counts.profiled)
    line.add("unusable_profiles", counts.unusableProfiles)
  }

  private func object(_ estimate: RunEstimate) -> JSONLine {
    var object = JSONLine()
    object.add("model", run.models[0])
    object.add("image_size", run.imageSize)
    object.add("batch_size", run.batchSize)
    object.add("epochs", run.epochs)
    object.add("memory_bytes", estimate.need.total)
    object.add("free_bytes", estimate.availableBytes)
    if let speed = estimate.speed {
      object.add("seconds", speed.seconds)
      object.add("train_images_per_second", speed.trainImagesPerSecond)
      object.add("evaluation_images_per_second", speed.evaluationImagesPerSecond)
    }
    return object
  }
}
