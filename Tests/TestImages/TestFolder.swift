import Foundation
import Tensors

/// A folder that lives as long as this object.
public final class TestFolder {
  public let path: String

  public init() throws {
    path = NSTemporaryDirectory() + "mvit-tui-test-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Makes a data set of striped, noisy images, one direction of stripes a class: something that can be learnt quickly.
  ///
  /// - Parameters:
  ///   - train, eval: images a class.
  ///   - size: pixels a side.
  /// - Returns: its path.
  public func makeDataSet(_ name: String = "data", classes: [String] = ["across", "down"], train: Int, eval: Int, size: Int = 32) throws
    -> String
  {
    let root = path + "/" + name
    for (part, count) in [("train", train), ("eval", eval)] {
      for (index, label) in classes.enumerated() {
        let folder = "\(root)/\(part)/\(label)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for number in 0..<count {
          let random = CounterRandom(seed: 7, purpose: .test, part == "train" ? 0 : 1, UInt64(index), UInt64(number))
          try PNGFile.write(Self.stripes(index, size, random), width: size, height: size, to: "\(folder)/\(number).png")
        }
      }
    }
    return root
  }

  private static func stripes(_ direction: Int, _ size: Int, _ random: CounterRandom) -> [UInt8] {
    let phase = random.integer(0, below: 8)
    return (0..<size * size * 3).map { i in
      let x = i / 3 % size
      let y = i / 3 / size
      let place = direction == 0 ? y : direction == 1 ? x : x + y
      let stripe = (place + phase) / 4 % 2 * 120
      return UInt8(stripe + random.integer(UInt64(i) + 1, below: 100))
    }
  }
}
