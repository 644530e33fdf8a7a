import Kernels
import NeuralNetwork
import Tensors
import Testing
import VisionModels

@Suite struct CatalogueTests {
  /// Counts of timm's, torchvision's and the tutorial's own code.
  @Test(arguments: [
    ("mobilevit_xxs", 1000, 1_272_024), ("mobilevit_xs", 1000, 2_317_848), ("mobilevit_s", 1000, 5_578_632),
    ("mobilevit_xxs", 100, 983_124), ("mobilevit_xs", 100, 1_971_348), ("mobilevit_s", 100, 5_001_732),
    ("mobilevit_xxs", 10, 954_234), ("mobilevit_xs", 10, 1_936_698), ("mobilevit_s", 10, 4_944_042),
    ("tutorial_mobilevit_xxs", 1000, 1_331_472), ("tutorial_mobilevit_xs", 1000, 2_382_944), ("tutorial_mobilevit_s", 100, 5_060_720),
    ("mobilenet_v2", 1000, 3_504_872), ("mobilenet_v2", 100, 2_351_972), ("mobilenet_v2", 10, 2_236_682),
  ])
  func parameterCounts(name: String, classes: Int, count: Int) throws {
    let network = try Catalogue.network(name, classes: classes)
    #expect(network.parameterCount == count)
  }

  @Test(arguments: [
    ("mobilevit_xxs", 256, 0.407), ("mobilevit_xs", 256, 1.026), ("mobilevit_s", 256, 2.001), ("mobilenet_v2", 224, 0.301),
    ("mobilenet_v2", 256, 0.392),
  ])
  func multiplyAccumulates(name: String, size: Int, giga: Double) throws {
    let macs = try Catalogue.network(name, classes: 1000).multiplyAccumulates(height: size, width: size)
    let rounded = (Double(macs) / 1e6).rounded() / 1000
    #expect(rounded == giga)
  }

  @Test func unusableSizesAreNamed() throws {
    let network = try Catalogue.network("tutorial_mobilevit_xxs", classes: 2)
    #expect(throws: PlanError.self) { () throws in try network.checkImageSize(height: 96, width: 96) }
    #expect(throws: UnknownModel.self) { () throws in _ = try Catalogue.network("mobilevit_m", classes: 2) }
  }

  /// Ten steps on one batch must fit it, on every model.
  @Test(arguments: Catalogue.names)
  func lossFallsOnOneBatch(name: String) throws {
    let network = try Catalogue.network(name, classes: 4, dropout: 0)
    let store = ParameterStore(network)
    store.initialize(seed: 1)
    let engine = Engine(threads: 2)
    let executor = Executor(network: network, store: store, engine: engine)
    let optimizer = Optimizer(.sgd(momentum: 0.9, decay: 1e-4), store: store, engine: engine)
    let plan = try executor.plan(PlanKey(batch: 4, height: 64, width: 64, mode: .training))
    let random = CounterRandom(seed: 3, purpose: .test)
    var losses: [Double] = []
    for _ in 0..<10 {
      for i in plan.input.indices { plan.input[i] = random.uniform(UInt64(i)) }
      [Int32](0..<4).withUnsafeBufferPointer { plan.setTargets(labels: $0) }
      losses.append(executor.run(plan, StepContext(dropout: random)).loss)
      optimizer.step(learningRate: 0.02)
    }
    #expect(losses.allSatisfy { $0.isFinite })
    #expect(losses.last! < 0.7 * losses.first!, "\(losses)")
  }
}
