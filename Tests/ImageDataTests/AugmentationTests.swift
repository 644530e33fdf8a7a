import ImageData
import Testing

@Suite struct AugmentationTests {
  @Test func drawsArePureFunctions() {
    for image in 0..<50 {
      let a = AugmentationDraws(seed: 3, epoch: 4, image: image)
      let b = AugmentationDraws(seed: 3, epoch: 4, image: image)
      #expect(a.rotation == b.rotation && a.isMirrored == b.isMirrored)
      #expect(a.crop(of: PixelSize(width: 70, height: 50)) == b.crop(of: PixelSize(width: 70, height: 50)))
      #expect(a.rotation != AugmentationDraws(seed: 3, epoch: 5, image: image).rotation)
      #expect(a.rotation != AugmentationDraws(seed: 4, epoch: 4, image: image).rotation)
      #expect(a.rotation != AugmentationDraws(seed: 3, epoch: 4, image: image + 1).rotation)
    }
  }

  @Test func rotationsFillTheirRange() {
    let angles = (0..<20000).map { AugmentationDraws(seed: 1, epoch: 0, image: $0).rotation }
    #expect(angles.allSatisfy { -10 <= $0 && $0 < 10 })
    let mean: Double = angles.reduce(0, +) / 20000
    let square: Double = angles.reduce(0) { $0 + $1 * $1 } / 20000
    #expect(abs(mean) < 0.15)
    #expect(abs(square - 100.0 / 3) < 0.7)
  }

  @Test func halfIsMirrored() {
    let mirrored = (0..<20000).count { AugmentationDraws(seed: 2, epoch: 7, image: $0).isMirrored }
    #expect(abs(mirrored - 10000) < 300)
  }

  /// Every crop is within bounds, and their distribution is that of 20,000 of torchvision's for this size: mean and
  /// quartiles of the area, mean aspect, share that touches an edge.
  @Test func cropsAreAsTorchvisions() {
    let size = PixelSize(width: 200, height: 160)
    let crops = (0..<20000).map { AugmentationDraws(seed: 5, epoch: 1, image: $0).crop(of: size) }
    let inside = crops.allSatisfy {
      $0.left >= 0 && $0.top >= 0 && $0.left + $0.size.width <= size.width && $0.top + $0.size.height <= size.height
    }
    #expect(inside)
    let aspects = crops.map { Double($0.size.width) / Double($0.size.height) }
    #expect(aspects.allSatisfy { (0.72...1.39).contains($0) })  // 3:4 ... 4:3 before rounding to pixels
    let areas = crops.map { Double($0.size.count) / Double(size.count) }.sorted()
    #expect((0.077...1).contains(areas[0]) && areas[19999] <= 1)
    let meanArea = areas.reduce(0, +) / 20000
    let meanAspect = aspects.reduce(0, +) / 20000
    #expect(abs(meanArea - 0.4534) < 0.007)
    #expect(abs(meanAspect - 1.0420) < 0.005)
    for (place, quartile) in [(5000, 0.2643), (10000, 0.4434), (15000, 0.6221)] {
      #expect(abs(areas[place] - quartile) < 0.012)
    }
    let left = crops.count { $0.left == 0 }
    let right = crops.count { $0.left + $0.size.width == size.width }
    #expect(abs(left - 418) < 100 && abs(right - 418) < 100)
  }

  /// No aspect from 3:4 to 4:3 fits a strip at these areas, so the largest centred part is taken.
  @Test func stripsAreCroppedInTheirMiddle() {
    let wide = AugmentationDraws(seed: 1, epoch: 0, image: 0).crop(of: PixelSize(width: 1000, height: 10))
    #expect(wide == PixelRectangle(left: 493, top: 0, size: PixelSize(width: 13, height: 10)))
    let high = AugmentationDraws(seed: 1, epoch: 0, image: 0).crop(of: PixelSize(width: 10, height: 1000))
    #expect(high == PixelRectangle(left: 0, top: 493, size: PixelSize(width: 10, height: 13)))
    let dot = AugmentationDraws(seed: 1, epoch: 0, image: 0).crop(of: PixelSize(width: 1, height: 1))
    #expect(dot == PixelRectangle(all: PixelSize(width: 1, height: 1)))
  }
}
