import Foundation
import ImageData
import TrainingEvents

extension Thumbnail {
  /// Pixels a side at most: as many as a tile of a contact sheet can show.
  private static let side = 32

  /// A network's input image, made small by taking means and brought back to 8 bits.
  ///
  /// - Parameters:
  ///   - image: [size, size, 3], normalised.
  init(of image: UnsafePointer<Float>, size: Int, normalization: Normalization) {
    let side = min(size, Self.side)
    let (mean, deviation) = (normalization.mean, normalization.deviation)
    var pixels = [UInt8](repeating: 0, count: side * side * 3)
    for y in 0..<side {
      let rows = y * size / side..<max(y * size / side + 1, (y + 1) * size / side)
      for x in 0..<side {
        let columns = x * size / side..<max(x * size / side + 1, (x + 1) * size / side)
        let count = Float(rows.count * columns.count)
        for channel in 0..<3 {
          var sum: Float = 0
          for row in rows { for column in columns { sum += image[(row * size + column) * 3 + channel] } }
          let value = ((sum / count) * deviation[channel] + mean[channel]) * 255
          pixels[(y * side + x) * 3 + channel] = UInt8(min(max(value.isFinite ? value.rounded() : 0, 0), 255))
        }
      }
    }
    self.init(width: side, height: side, pixels: pixels)
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
