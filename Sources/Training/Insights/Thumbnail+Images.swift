import Foundation
import ImageData
import TrainingEvents

extension Thumbnail {
  /// Pixels a side at most: as many as a picture alone can show on a large terminal. A batch's pictures are 300 kB then.
  private static let side = 64
  /// Pixels a side of a square whose mean is one of the picture: of larger squares so many are looked at, evenly spread, so that
  /// the time that a picture takes is bounded whatever the image's size.
  private static let samples = 4

  /// A network's input image, made small by taking means and brought back to 8 bits.
  ///
  /// - Parameters:
  ///   - image: [size, size, 3], normalised.
  init(of image: UnsafePointer<Float>, size: Int, normalization: Normalization) {
    let side = min(size, Self.side)
    let places = (0..<side).map { Self.samples($0 * size / side..<($0 + 1) * size / side) }
    let (mean, deviation) = (normalization.mean, normalization.deviation)
    var pixels = [UInt8](repeating: 0, count: side * side * 3)
    for (y, rows) in places.enumerated() {
      for (x, columns) in places.enumerated() {
        var sum = SIMD3<Float>()
        for row in rows {
          for column in columns {
            let pixel = image + (row * size + column) * 3
            sum += SIMD3(pixel[0], pixel[1], pixel[2])
          }
        }
        let average = sum / Float(rows.count * columns.count)
        for channel in 0..<3 {
          let value = (average[channel] * deviation[channel] + mean[channel]) * 255
          pixels[(y * side + x) * 3 + channel] = UInt8(min(max(value.isFinite ? value.rounded() : 0, 0), 255))
        }
      }
    }
    self.init(width: side, height: side, pixels: pixels)
  }

  private static func samples(_ range: Range<Int>) -> [Int] {
    let count = min(range.count, samples)
    return (0..<count).map { range.lowerBound + (2 * $0 + 1) * range.count / (2 * count) }
  }
}

extension DataSummary {
  /// How many images of each class a folder has.
  init(_ folder: ImageFolder) {
    func counts(_ samples: [ImageSample]) -> [Int] {
      var counts = [Int](repeating: 0, count: folder.classNames.count)
      for sample in samples { counts[sample.classIndex] += 1 }
      return counts
    }
    self.init(classNames: folder.classNames, trainCounts: counts(folder.training), evaluationCounts: counts(folder.evaluation))
  }
}
