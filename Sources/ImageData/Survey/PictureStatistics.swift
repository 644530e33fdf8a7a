/// What the headers of a set of pictures add up to.
public struct PictureStatistics: Sendable, Hashable {
  /// How many of them each rule of reading concerns.
  public let counts: PictureCounts
  /// Pictures of each format, the most frequent first.
  public let formats: [(format: ImageFormat, count: Int)]
  /// Pictures of each orientation tag, in the order of the tags; those without a tag are upright.
  public let orientations: [(orientation: Orientation, count: Int)]
  /// Of the upright pictures; nil without any.
  public let sizes: Sizes?

  public struct Sizes: Sendable, Hashable {
    /// By pixels, then by width.
    public let smallest: PixelSize
    /// The lower one of two in the middle.
    public let median: PixelSize
    public let largest: PixelSize
    public let mostFrequent: PixelSize
    /// Pictures of the most frequent size.
    public let frequency: Int
  }

  public init(_ headers: [PictureHeader]) {
    counts = PictureCounts(headers)
    let formats = Dictionary(grouping: headers, by: \.format).mapValues(\.count)
    self.formats = ImageFormat.allCases.compactMap { format in formats[format].map { (format, $0) } }
      .sorted { $0.count > $1.count }
    let orientations = Dictionary(grouping: headers, by: \.orientation).mapValues(\.count)
    self.orientations = Orientation.allCases.compactMap { orientation in orientations[orientation].map { (orientation, $0) } }
    let sizes = headers.map(\.size).sorted { ($0.count, $0.width) < ($1.count, $1.width) }
    guard let smallest = sizes.first, let largest = sizes.last else {
      self.sizes = nil
      return
    }
    var frequencies: [PixelSize: Int] = [:]
    for size in sizes { frequencies[size, default: 0] += 1 }
    // Of several the smallest.
    let most = frequencies.max { ($0.value, $1.key.count, $1.key.width) < ($1.value, $0.key.count, $0.key.width) }
    self.sizes = Sizes(
      smallest: smallest, median: sizes[(sizes.count - 1) / 2], largest: largest, mostFrequent: most?.key ?? smallest,
      frequency: most?.value ?? 0)
  }

  public static func == (first: PictureStatistics, second: PictureStatistics) -> Bool {
    first.counts == second.counts && first.sizes == second.sizes && first.formats.elementsEqual(second.formats, by: ==)
      && first.orientations.elementsEqual(second.orientations, by: ==)
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(counts)
    hasher.combine(sizes)
  }
}
