import NumberFormats

/// How quantities are written, the same on every screen and in the report.
extension CurveMeaning.Quantity {
  public var format: NumberFormat {
    switch self {
    case .loss, .other: .fixed(4)
    case .accuracy: .percent(2)
    case .learningRate: .significant(3)
    case .imagesPerSecond: .si
    }
  }
}

extension Comparison.Figure {
  public var format: NumberFormat {
    switch self {
    case .parameters, .macs: .si
    case .imagesPerSecond: CurveMeaning.Quantity.imagesPerSecond.format
    case .memory: .bytes
    case .lastAccuracy, .bestAccuracy, .gap: CurveMeaning.Quantity.accuracy.format
    case .timeToTarget: .clock
    }
  }
}
