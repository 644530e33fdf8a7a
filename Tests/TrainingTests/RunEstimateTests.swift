import Foundation
import ImageData
import NeuralNetwork
import Tensors
import TestImages
import Testing
import Training

@Suite struct RunEstimateTests {
  private func estimate(free: Int, epochs: Int = 3, interval: Int = 1) throws -> RunEstimate {
    let folder = try TestFolder()
    let images = try ImageFolder(scanning: folder.makeDataSet(train: 10, eval: 6), seed: 1)
    let engine = Engine(threads: 1, limits: { SystemLimits(processors: 1, memoryLimit: 8 << 30, freeMemory: free) })
    let recipe = TrainingRecipe(
      epochs: epochs, batchSize: 5, imageSize: 32, optimizer: .sgd(momentum: 0.9, decay: 0), learningRate: 0.1,
      evaluationInterval: interval)
    return try RunEstimate(tinyNetwork(), recipe: recipe, folder: images, decodingBytes: 1 << 20, threads: 2, engine: engine)
  }

  @Test func theTimeIsThatOfAllEpochsAndEvaluations() throws {
    let estimate = try estimate(free: 1 << 30, epochs: 4, interval: 2)
    let speed = try #require(estimate.speed)
    // 4 epochs of 20 images, evaluations of 12 after the second and the fourth.
    let seconds = 80 / speed.trainImagesPerSecond + 24 / speed.evaluationImagesPerSecond
    #expect(estimate.fits && abs(speed.seconds - seconds) < 1e-9)
    #expect(estimate.need.decoding == 2 << 20 && estimate.need.numbers > 0 && estimate.need.batches > 5 * 32 * 32 * 3 * 4)
  }

  @Test func whatDoesNotFitIsNotMeasured() throws {
    let needed = try estimate(free: 1 << 30).need.total
    // The process itself takes 48 MB beside.
    let estimate = try estimate(free: needed - 1 + (48 << 20))
    #expect(!estimate.fits && estimate.speed == nil && estimate.need.total == needed)
  }
}
