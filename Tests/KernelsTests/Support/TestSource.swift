import Kernels
import Testing

/// One stored tensor as a test reads it.
struct TermSpec: Sendable {
  var activation = Activation.linear
  /// With scale and shift (a deferred batch norm).
  var normalized = false
  /// Floats between a row's end and the next row.
  var gap = 0
}

struct SegmentSpec: Sendable {
  var channels: Int
  var term = TermSpec()
  var residual: TermSpec? = nil
  /// The residual sum goes out to a buffer too.
  var storesSum = false
}

struct SourceSpec: Sendable {
  var segments: [SegmentSpec]
  var layerNorm = false
  var channels: Int { segments.reduce(0) { $0 + $1.channels } }

  static func plain(_ channels: Int) -> SourceSpec { SourceSpec(segments: [SegmentSpec(channels: channels)]) }
  static func deferred(_ channels: Int, _ activation: Activation, gap: Int = 0) -> SourceSpec {
    SourceSpec(segments: [SegmentSpec(channels: channels, term: TermSpec(activation: activation, normalized: true, gap: gap))])
  }
  /// `first` linear channels (a block's input) beside `second` normalised SiLU channels.
  static func concatenated(_ first: Int, _ second: Int) -> SourceSpec {
    SourceSpec(segments: [
      SegmentSpec(channels: first), SegmentSpec(channels: second, term: TermSpec(activation: .silu, normalized: true)),
    ])
  }
  static func layerNorm(_ channels: Int) -> SourceSpec {
    SourceSpec(segments: [SegmentSpec(channels: channels)], layerNorm: true)
  }
  /// A residual sum that is stored on the way.
  static func residual(_ channels: Int, layerNorm: Bool = false) -> SourceSpec {
    SourceSpec(
      segments: [
        SegmentSpec(
          channels: channels, term: TermSpec(activation: .linear, normalized: true), residual: TermSpec(activation: .silu, gap: 3),
          storesSum: true)
      ], layerNorm: layerNorm)
  }
}

/// A tensor in memory and its values, exactly as the oracle sees them.
struct TestTerm {
  let term: Term
  let spec: TermSpec
  let channels: Int
  let raw: [Double]
  let scale: [Double]
  let shift: [Double]

  init(_ bench: Bench, _ draws: inout Draws, _ name: String, _ spec: TermSpec, rows: Int, channels: Int) {
    self.spec = spec
    self.channels = channels
    let stride = channels + spec.gap
    let data = draws.normal(rows * stride)
    raw = (0..<rows * channels).map { Double(data[$0 / channels * stride + $0 % channels]) }
    var term = Term()
    term.data = UnsafePointer(bench.input("\(name) data", data).pointer)
    term.stride = Int64(stride)
    term.activation = spec.activation.rawValue
    if spec.normalized {
      let (scale, shift) = (draws.uniform(channels, 0.5...3), draws.normal(channels))
      term.scale = UnsafePointer(bench.input("\(name) scale", scale).pointer)
      term.shift = UnsafePointer(bench.input("\(name) shift", shift).pointer)
      (self.scale, self.shift) = (scale.doubles, shift.doubles)
    } else {
      (scale, shift) = ([Double](repeating: 1, count: channels), [Double](repeating: 0, count: channels))
    }
    self.term = term
  }

  /// What the activation takes, [rows][channels].
  var preactivations: [Double] { raw.indices.map { raw[$0] * scale[$0 % channels] + shift[$0 % channels] } }
  var values: [Double] { Reference.activationForward(spec.activation, input: preactivations) }
}

/// A kernel's source in memory, its values for the oracle, and what it has to store on the way.
struct TestSource {
  let source: Source
  let rows: Int
  let terms: [TestTerm]
  /// Before the layer norm, [rows][channels].
  let joined: [Double]
  let norm: (weight: [Double], bias: [Double], epsilon: Double)?
  private var sums: [(buffer: GuardedBuffer, values: [Double])] = []

  init(_ bench: Bench, _ draws: inout Draws, _ spec: SourceSpec, rows: Int) {
    self.rows = rows
    var source = Source()
    var (terms, segments): ([TestTerm], [(values: [Double], channels: Int)]) = ([], [])
    for (i, segmentSpec) in spec.segments.enumerated() {
      let channels = segmentSpec.channels
      let term = TestTerm(bench, &draws, "segment \(i)", segmentSpec.term, rows: rows, channels: channels)
      terms.append(term)
      var (segment, values) = (Segment(), term.values)
      segment.channels = Int32(channels)
      segment.term = term.term
      if let residualSpec = segmentSpec.residual {
        let residual = TestTerm(bench, &draws, "residual \(i)", residualSpec, rows: rows, channels: channels)
        segment.residual = residual.term
        values = zip(values, residual.values).map { $0 + $1 }
      }
      if segmentSpec.storesSum {
        let sum = bench.output("sum \(i)", count: rows * channels)
        segment.sum = sum.pointer
        sums.append((sum, values))
      }
      segments.append((values, channels))
      if i == 0 { source.segments.0 = segment } else { source.segments.1 = segment }
    }
    source.count = Int32(segments.count)
    source.channels = Int32(spec.channels)
    if spec.layerNorm {
      let (weight, bias) = (draws.uniform(spec.channels, 0.5...2), draws.normal(spec.channels))
      source.norm_scale = UnsafePointer(bench.input("layer norm's weight", weight).pointer)
      source.norm_shift = UnsafePointer(bench.input("layer norm's bias", bias).pointer)
      source.norm_epsilon = 1e-5
      norm = (weight.doubles, bias.doubles, Double(Float(1e-5)))
    } else {
      norm = nil
    }
    self.source = source
    self.terms = terms
    joined = (0..<rows).flatMap { row in segments.flatMap { Array($0.values[row * $0.channels..<(row + 1) * $0.channels]) } }
  }

  var channels: Int { Int(source.channels) }
  /// What the kernel reads, [rows][channels].
  var values: [Double] {
    guard let norm else { return joined }
    return Reference.layerNormForward(input: joined, weight: norm.weight, bias: norm.bias, epsilon: norm.epsilon)
  }

  func expectSums() {
    for (buffer, values) in sums { expectClose(buffer.values, values, within: 1e-6, "the stored residual sum") }
  }
}

/// What a test wants of one segment's gradient.
struct SinkSpec: Sendable {
  var wanted = true
  /// An earlier reader left its share.
  var accumulates = false
  var completes = true
  var gathersSums = true

  static let last = SinkSpec()
  static let lastOfTwo = SinkSpec(accumulates: true)
  static let firstOfTwo = SinkSpec(completes: false)
  static let plain = SinkSpec(gathersSums: false)
  static let unwanted = SinkSpec(wanted: false, gathersSums: false)
}

/// A kernel's sink in memory, for the gradient of a `TestSource`.
struct TestSink {
  let sink: Sink
  private let bench: Bench
  private let source: TestSource
  private let chunks: Int
  private var segments: [(spec: SinkSpec, gradient: GuardedBuffer, earlier: [Double], centre: [Double], partials: GuardedBuffer?)] = []
  private let normPartials: GuardedBuffer?

  init(_ bench: Bench, _ draws: inout Draws, _ source: TestSource, _ specs: [SinkSpec], chunks: Int, streams: Bool = false) {
    (self.bench, self.source, self.chunks) = (bench, source, chunks)
    var sink = Sink()
    sink.count = Int32(specs.count)
    sink.channels = source.source.channels
    for (i, spec) in specs.enumerated() {
      let term = source.terms[i]
      let pitch = padded(term.channels)
      let earlier = draws.normal(source.rows * term.channels)
      let gradient = bench.output("gradient \(i)", count: earlier.count, values: spec.accumulates ? earlier : nil)
      let centre = draws.normal(term.channels)
      var segment = SinkSegment()
      segment.channels = Int32(term.channels)
      segment.gradient = spec.wanted ? gradient.pointer : nil
      segment.accumulate = spec.accumulates ? 1 : 0
      segment.stream = streams && !spec.accumulates ? 1 : 0
      segment.complete = spec.completes ? 1 : 0
      segment.term = term.term
      var partials: GuardedBuffer?
      if spec.gathersSums {
        // Sums that must not be touched yet are zeros: adding to a NaN would leave no trace.
        let slots = chunks * 2 * pitch
        partials = bench.output("sink sums \(i)", count: slots, values: spec.completes ? nil : [Float](repeating: 0, count: slots))
        segment.centre = UnsafePointer(bench.input("centre \(i)", centre).pointer)
        segment.partials = partials!.pointer
        segment.partial_pitch = Int64(pitch)
      }
      segments.append((spec, gradient, spec.accumulates ? earlier.doubles : earlier.map { _ in 0 }, centre.doubles, partials))
      if i == 0 { sink.segments.0 = segment } else { sink.segments.1 = segment }
    }
    if source.norm != nil {
      let pitch = padded(source.channels)
      normPartials = bench.output("layer norm's sums", count: chunks * 2 * pitch)
      sink.norm_scale = source.source.norm_scale
      sink.norm_epsilon = source.source.norm_epsilon
      sink.norm_partials = normPartials!.pointer
      sink.norm_pitch = Int64(pitch)
    } else {
      normPartials = nil
    }
    self.sink = sink
  }

  /// Compares what the sink got with the gradient of the source's values, [rows][channels].
  func expect(_ valuesGradient: [Double]) {
    var dx = valuesGradient
    if let norm = source.norm {
      let gradients = Reference.layerNormBackward(
        input: source.joined, weight: norm.weight, epsilon: norm.epsilon, outputGradient: valuesGradient)
      dx = gradients.input
      let totals = columnTotals(normPartials!, channels: source.channels)
      expectClose(totals[0], gradients.weight, "gradient of the layer norm's weight")
      expectClose(totals[1], gradients.bias, "gradient of the layer norm's bias")
    }
    var offset = 0
    for (i, segment) in segments.enumerated() {
      let term = source.terms[i]
      defer { offset += term.channels }
      guard segment.spec.wanted else {
        #expect(segment.gradient.bits.allSatisfy { $0 == GuardedBuffer.sentinel }, "gradient \(i) is not wanted")
        continue
      }
      var expected = segment.earlier.indices.map { j in
        segment.earlier[j] + dx[j / term.channels * source.channels + offset + j % term.channels]
      }
      if segment.spec.completes {
        expected = Reference.activationBackward(term.spec.activation, input: term.preactivations, outputGradient: expected)
      }
      expectClose(segment.gradient.values, expected, "gradient of segment \(i)")
      guard let partials = segment.partials else { continue }
      guard segment.spec.completes else {
        #expect(partials.bits.allSatisfy { $0 == 0 }, "sums of segment \(i) before its last share")
        continue
      }
      let totals = columnTotals(partials, channels: term.channels)
      var sums = [[Double]](repeating: [Double](repeating: 0, count: term.channels), count: 2)
      for j in expected.indices {
        sums[0][j % term.channels] += expected[j]
        sums[1][j % term.channels] += expected[j] * (term.raw[j] - segment.centre[j % term.channels])
      }
      expectClose(totals[0], sums[0], "sum(dy) of segment \(i)")
      expectClose(totals[1], sums[1], "sum(dy (z - centre)) of segment \(i)")
    }
  }

  /// The chunks' partials [chunks][2][pitch] through the kernel that combines them.
  private func columnTotals(_ partials: GuardedBuffer, channels: Int) -> [[Float]] {
    withTotals(2 * channels) { totals in
      var sums = Sums()
      sums.channels = Int32(channels)
      sums.chunks = Int32(chunks)
      sums.partials = UnsafePointer(partials.pointer)
      sums.partial_pitch = Int64(padded(channels))
      sums.totals = totals.baseAddress
      bench.run(bench.kernels.sums(sums))
      return [totals[..<channels].map(Float.init), totals[channels...].map(Float.init)]
    }
  }
}

func withTotals<Result>(_ count: Int, _ body: (UnsafeMutableBufferPointer<Double>) -> Result) -> Result {
  let totals = UnsafeMutableBufferPointer<Double>.allocate(capacity: count)
  totals.initialize(repeating: .nan)
  defer { totals.deallocate() }
  return body(totals)
}
