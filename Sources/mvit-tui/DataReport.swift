import Configuration
import ImageData
import NumberFormats
import SystemText
import Terminal
import Training
import TrainingEvents

/// What `data` shows, as lines for people.
struct DataReport {
  let survey: DataSurvey
  let run: RunConfiguration
  /// nil where none was asked for, or nothing can be trained.
  let estimate: Result<RunEstimate, any Error>?
  /// How many images or files of a kind are named.
  let examples: Int

  init(_ survey: DataSurvey, run: RunConfiguration, estimate: Result<RunEstimate, any Error>?, examples: Int) {
    self.survey = survey
    self.run = run
    self.estimate = estimate
    self.examples = examples
  }

  /// More classes than people read.
  private static let mostClasses = 50

  var lines: [String] {
    ["\(run.data): \(survey.folder.summary(withNotes: false))", ""] + partLines + [""] + classLines + [""] + pictureLines + duplicateLines
      + faultLines + DataNote.lines(survey.folder.notes, examples: examples) + estimateLines
  }

  private var partLines: [String] {
    Self.table(
      [["part", "folder", "images"]]
        + survey.parts.map { part in
          [part.role.label, part.isSetAside ? "(set aside)" : part.folder ?? "(class folders)", "\(part.samples.count)"]
        }, numbersFrom: 2)
  }

  private var classLines: [String] {
    let names = survey.folder.classNames
    let shown = names.indices.prefix(Self.mostClasses)
    var lines = Self.table(
      [["class"] + survey.parts.map(\.role.label)] + shown.map { index in [names[index]] + survey.parts.map { "\($0.counts[index])" } },
      numbersFrom: 1)
    if names.count > shown.count { lines.append("and \(names.count - shown.count) more classes; --json lists all") }
    if let (most, fewest) = survey.unevenness, let counts = survey.parts.first?.counts {
      let factor = NumberFormat.fixed(1).text(Double(counts[most]) / Double(max(1, counts[fewest])))
      lines.append(
        "uneven: \"\(names[most])\" has \(factor) times as many training images as \"\(names[fewest])\"; the accuracy says little about the latter"
      )
    }
    return lines
  }

  private var pictureLines: [String] {
    let statistics = survey.statistics
    let counts = statistics.counts
    func images(_ count: Int) -> String { "\(count) of \(counts.pictures) images" }
    var lines: [String] = []
    if let sizes = statistics.sizes {
      lines.append(
        "sizes: \(Self.text(sizes.smallest)) smallest, \(Self.text(sizes.median)) median, \(Self.text(sizes.largest)) largest; "
          + "\(Self.text(sizes.mostFrequent)) most frequent (\(images(sizes.frequency)))")
    }
    if !statistics.formats.isEmpty {
      lines.append("formats: " + statistics.formats.map { "\($0.count) \($0.format.rawValue)" }.joined(separator: ", "))
    }
    if counts.turned > 0 { lines.append("orientation: \(images(counts.turned)) are stored turned or mirrored (EXIF or TIFF tag)") }
    if counts.transparent > 0 { lines.append("transparency: \(images(counts.transparent))") }
    if counts.deep > 0 { lines.append("16-bit samples: \(images(counts.deep))") }
    if counts.profiled > 0 { lines.append("colour profiles other than sRGB: \(images(counts.profiled))") }
    if counts.unusableProfiles > 0 { lines.append("colour profiles that cannot be used: \(images(counts.unusableProfiles))") }
    return lines
  }

  private var duplicateLines: [String] {
    survey.duplicates.flatMap { duplicates in
      let pairs = duplicates.images.pairs
      return ["duplicates: \(pairs.count) \(duplicates.part.label) images are in \(duplicates.other.label) too, byte for byte"]
        + pairs.prefix(examples).map { "  \($0.evaluation) is \($0.training)" } + Self.more(pairs.count, examples)
    }
  }

  private var faultLines: [String] {
    guard !survey.faults.isEmpty else { return [] }
    return ["cannot be used: \(survey.faults.count) images"] + survey.faults.prefix(examples).map { "  \($0.error)" }
      + Self.more(survey.faults.count, examples)
  }

  private var estimateLines: [String] {
    guard let estimate = try? estimate?.get() else { return [] }
    let model = "\(run.models[0]) at \(run.imageSize)x\(run.imageSize), batch \(run.batchSize)"
    let memory = "estimate for \(model): \(estimate.need.total >> 20) MB of \(estimate.availableBytes >> 20) MB that are free"
    guard let speed = estimate.speed else { return ["", memory] }
    return [
      "", memory,
      "estimate for \(run.epochs) epochs: about \(Durations.text(speed.seconds)) "
        + "(measured just now: \(NumberFormat.fixed(1).text(speed.trainImagesPerSecond)) images/s; decoding comes on top where it is slower)",
    ]
  }

  // MARK: Text

  static func text(_ size: PixelSize) -> String { "\(size.width)x\(size.height)" }

  private static func more(_ count: Int, _ shown: Int) -> [String] { count > shown ? ["  and \(count - shown) more"] : [] }

  /// Rows with their columns aligned; from column `numbersFrom` on to the right.
  private static func table(_ rows: [[String]], numbersFrom: Int) -> [String] {
    // As they will be shown: an escaped name is longer than the name, and a wide letter takes two columns.
    let rows = rows.map { $0.map(\.plainLine) }
    let widths = rows[0].indices.map { column in rows.map { $0[column].columns }.max() ?? 0 }
    return rows.map { row in
      let cells = row.indices.map { row[$0].padded(to: widths[$0], $0 < numbersFrom ? .leading : .trailing) }
      return String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
    }
  }
}
