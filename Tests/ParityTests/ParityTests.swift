import Foundation
import Kernels
import NeuralNetwork
import Testing

/// The engine against PyTorch (timm, torchvision) and Paddle (the tutorial's own code), from equal weights and batches.
@Suite(.serialized) struct ParityTests {
  static let published = [
    "mobilevit_xxs-64x64", "mobilevit_xxs-80x80", "mobilevit_xxs-80x112", "mobilevit_xs-64x64", "mobilevit_xs-80x80", "mobilevit_s-64x64",
    "mobilevit_s-80x80", "mobilenet_v2-128x128", "mobilenet_v2-112x112", "mobilenet_v2-80x112",
  ]
  static let tutorial = ["xxs", "xs", "s"].flatMap { ["tutorial_mobilevit_\($0)-64x64", "tutorial_mobilevit_\($0)-128x128"] }

  @Test(arguments: KernelSet.available, published + tutorial)
  func logitsGradientsAndStatistics(kernels: String, name: String) throws {
    let fixture = try ParityFixture(name), about = fixture.description
    let subject = try Subject(about.model, classes: about.classes, overrides: fixture.overrides(), kernels: .named(kernels))
    let evaluation = try subject.run(.evaluation, step: 0, count: about.batch, height: about.height, width: about.width)
    let training = try subject.run(.training, step: 0, count: about.batch, height: about.height, width: about.width)
    let evaluationError = try relativeError(evaluation.logits, fixture.file.floats("evaluation.logits"))
    let trainingError = try relativeError(training.logits, fixture.file.floats("training.logits"))
    #expect(evaluationError < 1e-4)
    #expect(trainingError < 1e-4)
    #expect(abs(training.loss - about.loss!) < 1e-4 * about.loss!)

    let gradients = try fixture.errors(
      "gradient", names: about.gradientNames!, skipping: Set(about.vanishingGradients), of: subject.gradients)
    for (name, error) in gradients { #expect(error < 1e-3, "gradient of \(name)") }
    let statistics = try fixture.errors("statistics", names: about.statisticsNames!, skipping: [], of: subject.values)
    for (name, error) in statistics { #expect(error < 1e-4, "\(name)") }
  }

  /// What the gradient of a parameter that a batch norm makes ineffective is: noise, and small.
  @Test func vanishingGradientsAreSmall() throws {
    let fixture = try ParityFixture("mobilevit_xxs-80x80"), about = fixture.description
    let subject = try Subject(about.model, classes: about.classes)
    _ = try subject.run(.training, step: 0, count: about.batch, height: about.height, width: about.width)
    let typical = Formula.norm(subject.gradients("stem.bn.bias"))
    for name in about.vanishingGradients { #expect(Formula.norm(subject.gradients(name)) < 1e-4 * typical, "\(name)") }
  }

  @Test(arguments: [
    "mobilevit_xxs-sgd", "mobilevit_xxs-sgd-2", "mobilenet_v2-sgd", "mobilevit_xxs-adamw", "mobilevit_xxs-adamw-2", "mobilenet_v2-adamw",
  ])
  func optimizerSteps(name: String) throws {
    let fixture = try ParityFixture(name), about = fixture.description
    let subject = try Subject(about.model, classes: about.classes, overrides: fixture.overrides())
    let kind: OptimizerKind =
      about.optimizer == "sgd"
      ? .sgd(momentum: about.momentum!, decay: about.weightDecay!)
      : .adamW(beta1: about.betas![0], beta2: about.betas![1], epsilon: about.epsilon!, decay: about.weightDecay!)
    let optimizer = Optimizer(kind, store: subject.store, engine: subject.engine)
    for step in 0..<about.steps! {
      let result = try subject.run(.training, step: step, count: about.batch, height: about.height, width: about.width)
      #expect(abs(result.loss - about.losses![step]) < 1e-4 * about.losses![step])
      optimizer.step(learningRate: Float(about.learningRate!))
    }
    let skipped = about.optimizer == "sgd" ? [] : Set(about.vanishingGradients + about.illConditioned!)
    let after = try fixture.errors("after", names: about.afterNames!, skipping: skipped, of: subject.values)
    for (name, error) in after { #expect(error < 1e-3, "\(name) after the step") }
    let states = about.optimizer == "sgd" ? ["momentum"] : ["mean", "square"]
    for (index, state) in states.enumerated() {
      let errors = try fixture.errors(state, names: about.stateNames!, skipping: Set(about.vanishingGradients)) { name in
        UnsafeMutableBufferPointer(rebasing: optimizer.state[index].values[subject.store.range(subject.store.index(of: name)!)])
      }
      for (name, error) in errors { #expect(error < 2e-3, "\(state) of \(name)") }
    }
  }

  struct Trajectory: Decodable {
    let model: String
    let height: Int
    let width: Int
    let batch: Int
    let classes: Int
    let steps: Int
    let learningRate: Float
    let momentum: Float
    let weightDecay: Float
    let raisedShifts: [String]
    let raisedBy: Float
    let losses: [Double]
  }

  @Test(arguments: ["mobilevit_xxs", "mobilenet_v2"])
  func thirtySteps(model: String) throws {
    let about: Trajectory = try ParityFixture.decode(Data(contentsOf: ParityFixture.folder.appending(path: model + "-trajectory.json")))
    let subject = try Subject(about.model, classes: about.classes)
    for name in about.raisedShifts {
      let values = subject.values(name)
      for index in values.indices { values[index] += about.raisedBy }
    }
    subject.store.didChange()
    let optimizer = Optimizer(.sgd(momentum: about.momentum, decay: about.weightDecay), store: subject.store, engine: subject.engine)
    for step in 0..<about.steps {
      let result = try subject.run(.training, step: step, count: about.batch, height: about.height, width: about.width)
      #expect(abs(result.loss - about.losses[step]) < 1e-3 * about.losses[step], "step \(step)")
      optimizer.step(learningRate: about.learningRate)
    }
  }

  /// Not a bit of the gradients depends on the number of threads.
  @Test(arguments: ["mobilevit_xxs", "mobilenet_v2", "tutorial_mobilevit_xs"])
  func threadsDoNotChangeBits(model: String) throws {
    var results: [[UInt32]] = []
    for threads in [1, 2, 3] {
      let subject = try Subject(model, classes: 10, threads: threads)
      _ = try subject.run(.training, step: 0, count: 5, height: 64, width: 64)
      results.append(subject.store.allGradients.map(\.bitPattern) + subject.store.allTrainable.map(\.bitPattern))
    }
    #expect(results[0] == results[1])
    #expect(results[0] == results[2])
  }
}
