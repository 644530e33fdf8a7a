import Foundation
import TestImages
import Testing

/// What training refuses or reports about its images and batches before the first step.
@Suite struct TrainingChecksTests {
  private let folder: TestFolder

  init() throws { folder = try TestFolder() }

  private func train(_ data: String, _ more: String...) throws -> Program.Outcome {
    try Program.run(
      ["train", "--data", data, "--model", "mobilevit_xxs", "--image-size", "32", "--epochs", "1", "--threads", "1", "--no-ui"]
        + ["--run", folder.path + "/" + UUID().uuidString] + more)
  }

  /// 7 images: batches of 2 leave one of a single image. The advice is followed.
  @Test(arguments: ["1", "2"]) func aBatchOfOneValueIsRefused(size: String) throws {
    let data = try folder.makeDataSet(train: 4, eval: 1)
    try FileManager.default.removeItem(atPath: data + "/train/down/3.png")
    let refused = try train(data, "--batch-size", size)
    #expect(refused.code == 64 && refused.errors.contains("gets one value of each channel"), "\(refused.errors)")
    #expect(refused.errors.contains("choose --batch-size 3 or --image-size 64"), "\(refused.errors)")
    #expect(try train(data, "--batch-size", "3").code == 0)
  }

  @Test func imagesInBothPartsAreReported() throws {
    let data = try folder.makeDataSet(train: 4, eval: 2)
    try FileManager.default.copyItem(atPath: data + "/train/down/3.png", toPath: data + "/eval/down/copy.png")
    let told = try train(data)
    #expect(told.code == 0 && told.output.contains("1 of 5 evaluation images is a training image too"), "\(told.output)")
    #expect(told.output.contains("eval/down/copy.png is train/down/3.png"))
    #expect(!(try train(data, "--allow-duplicates")).output.contains("training image too"))
  }

  @Test func anEpochWithoutABatchHasNoLoss() throws {
    let data = try folder.makeDataSet(train: 4, eval: 1)
    let outcome = try train(data, "--lr", "900000", "--on-nan", "continue", "--epochs", "3", "--batch-size", "4")
    #expect(outcome.output.contains("epoch 3/3: every training batch was passed over"), "\(outcome.output)")
  }
}
