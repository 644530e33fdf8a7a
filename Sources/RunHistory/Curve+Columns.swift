/// What falls into one column of a chart.
public struct CurveColumn: Sendable, Equatable {
  /// The points.
  public var points: Range<Int>
  public var extremes: Extremes
  /// The first and the last finite value, by which the line joins its neighbours; not finite if there is none.
  public var first: Float
  public var last: Float
  /// Whether a value in it is not a finite number.
  public var diverges: Bool
}

extension Curve {
  /// Cuts a stretch of an axis into columns of equal width.
  ///
  /// A point on the border of two columns belongs to the right one, one at the very end to the last.
  ///
  /// - Parameters:
  ///   - smoothed: whether the average's values count instead of the curve's own.
  /// - Returns: one entry a column, nil where no point falls.
  public func columns(
    _ count: Int, over bounds: ClosedRange<Double>, on axis: CurveAxis, stepsPerEpoch: Double = 1, smoothed: Bool = false
  ) -> [CurveColumn?] {
    guard count > 0 else { return [] }
    let span = bounds.upperBound - bounds.lowerBound
    var begin = firstIndex(from: bounds.lowerBound, on: axis, stepsPerEpoch: stepsPerEpoch)
    return (0..<count).map { column in
      let end: Int
      if column == count - 1 {
        end = firstIndex(from: bounds.upperBound.nextUp, on: axis, stepsPerEpoch: stepsPerEpoch)
      } else {
        let border = bounds.lowerBound + span * (Double(column + 1) / Double(count))
        end = max(begin, firstIndex(from: border, on: axis, stepsPerEpoch: stepsPerEpoch))
      }
      defer { begin = max(begin, end) }
      guard begin < end else { return nil }
      return self.column(begin..<end, smoothed: smoothed)
    }
  }

  private func column(_ points: Range<Int>, smoothed: Bool) -> CurveColumn {
    let diverges = hasNonFinite(points)
    func value(_ index: Int) -> Float { smoothed ? smoothedValue(index) : self.value(index) }
    var first = value(points.lowerBound)
    var last = value(points.upperBound - 1)
    if diverges && !smoothed {
      let extremes = self.extremes(points)
      if extremes.isEmpty {
        (first, last) = (.nan, .nan)
      } else {
        // Ends that are not finite are replaced by their nearest finite neighbour inside.
        first = points.lazy.map(value).first { $0.isFinite } ?? .nan
        last = points.reversed().lazy.map(value).first { $0.isFinite } ?? .nan
      }
    }
    return CurveColumn(
      points: points, extremes: extremes(points, smoothed: smoothed), first: first, last: last, diverges: diverges)
  }
}
