import Foundation
import Tensors

/// What is done to a training image beside normalisation; evaluation images are resized and nothing else.
public enum Augmentation: String, Sendable, Hashable, CaseIterable, Codable {
  /// Resized without cropping.
  case none
  /// Resized, then rotated by up to ten degrees either way (nearest neighbour, black corners).
  case tutorial
  /// Random resized crop (8 % to 100 % of the area, aspect 3:4 to 4:3), resized, then mirrored half of the time.
  case standard
}

/// The random choices for one image in one epoch: a pure function of (seed, epoch, image).
public struct AugmentationDraws: Sendable {
  private let random: CounterRandom

  /// - Parameter image: the image's place in the sorted training set.
  public init(seed: UInt64, epoch: Int, image: Int) {
    random = CounterRandom(seed: seed, purpose: .augmentation, UInt64(epoch), UInt64(image))
  }

  /// Degrees, counter-clockwise, uniform in -10 ..< 10.
  public var rotation: Double { -10 + 20 * random.stream(0).uniformDouble(0) }

  public var isMirrored: Bool { random.stream(1).uniformDouble(0) < 0.5 }

  /// The crop of an image of `size`, found as torchvision's `RandomResizedCrop` does: ten attempts at an area and an
  /// aspect that fit, else the largest centred part of an allowed aspect.
  public func crop(of size: PixelSize) -> PixelRectangle {
    let draws = random.stream(2)
    let width = Double(size.width)
    let height = Double(size.height)
    for attempt in 0..<UInt64(10) {
      let area = width * height * Self.between(0.08, 1, draws.uniformDouble(4 * attempt))
      let aspect = exp(Self.between(log(Self.aspects.lowerBound), log(Self.aspects.upperBound), draws.uniformDouble(4 * attempt + 1)))
      let part = PixelSize(
        width: Int((area * aspect).squareRoot().rounded(.toNearestOrEven)),
        height: Int((area / aspect).squareRoot().rounded(.toNearestOrEven)))
      if (1...size.width).contains(part.width), (1...size.height).contains(part.height) {
        return PixelRectangle(
          left: draws.integer(4 * attempt + 2, below: size.width - part.width + 1),
          top: draws.integer(4 * attempt + 3, below: size.height - part.height + 1), size: part)
      }
    }
    return Self.centred(in: size)
  }

  private static let aspects = 3.0 / 4...4.0 / 3

  private static func between(_ low: Double, _ high: Double, _ draw: Double) -> Double { low + (high - low) * draw }

  private static func centred(in size: PixelSize) -> PixelRectangle {
    let aspect = Double(size.width) / Double(size.height)
    var part = size
    if aspect < aspects.lowerBound {
      part = PixelSize(width: size.width, height: Int((Double(size.width) / aspects.lowerBound).rounded(.toNearestOrEven)))
    } else if aspect > aspects.upperBound {
      part = PixelSize(width: Int((Double(size.height) * aspects.upperBound).rounded(.toNearestOrEven)), height: size.height)
    }
    return PixelRectangle(left: (size.width - part.width) / 2, top: (size.height - part.height) / 2, size: part)
  }
}
