import Testing
import WeightFiles

/// The maps against the names and shapes of real state dictionaries (Fixtures/WeightFiles/make_names.py).
@Suite struct NamingSchemeTests {
  /// Both lists must be covered completely, in both directions.
  private func check(_ scheme: NamingScheme, canonical: String, foreign: String) throws {
    let (ours, theirs) = (try NameList(canonical), try NameList(foreign))
    var used: Set<String> = []
    for name in ours.weights {
      let source = try #require(scheme.source(of: name), "\(name)")
      used.formUnion(source.names)
      for part in source.names {
        #expect(theirs.shapes[part] != nil, "\(name) comes from \(part), which is not there")
        #expect(scheme.canonicalName(of: part) == name)
      }
    }
    #expect(used == Set(theirs.weights))
  }

  @Test func coversTimmMobileNetV2() throws {
    try check(.timmMobileNetV2, canonical: "torchvision_mobilenet_v2", foreign: "timm_mobilenetv2_100")
  }

  @Test func coversPaddleMobileNetV2() throws {
    try check(.paddleMobileNetV2, canonical: "torchvision_mobilenet_v2", foreign: "paddle_mobilenet_v2")
  }

  @Test(arguments: ["xxs", "xs", "s"]) func coversHuggingFaceMobileViT(size: String) throws {
    try check(.huggingFaceMobileViT, canonical: "timm_mobilevit_" + size, foreign: "huggingface_mobilevit_" + size)
  }

  @Test func transformsAreWhereTheSchemesDiffer() {
    #expect(NamingScheme.paddleMobileNetV2.source(of: "classifier.1.weight")?.transform == .transpose)
    #expect(NamingScheme.paddleMobileNetV2.source(of: "classifier.1.bias")?.transform == TensorTransform.none)
    #expect(NamingScheme.paddleMobileNetV2.source(of: "features.3.conv.1.1.running_var")?.names == ["features.3.conv.1.1._variance"])
    #expect(NamingScheme.huggingFaceMobileViT.source(of: "stem.conv.weight")?.transform == .reverseInputChannels)
    let qkv = NamingScheme.huggingFaceMobileViT.source(of: "stages.3.1.transformer.2.attn.qkv.bias")
    #expect(qkv?.transform == .concatenate)
    #expect(qkv?.names.map { $0.split(separator: ".")[9] } == ["query", "key", "value"])
    #expect(NamingScheme.timmMobileNetV2.source(of: "features.19.0.weight") == nil)
    #expect(NamingScheme.timmMobileNetV2.canonicalName(of: "blocks.7.0.conv_pw.weight") == nil)
    #expect(NamingScheme.timmMobileNetV2.source(of: "weight") == nil)
  }

  @Test(arguments: ["timm_mobilevit_xs", "torchvision_mobilenet_v2"]) func batchCountersCompleteAStateDictionary(list: String) throws {
    let names = try NameList(list)
    #expect(Set(NamingScheme.batchCounters(beside: names.weights) + names.weights) == Set(names.names))
  }

  @Test(arguments: [
    ("timm_mobilevit_xxs", NamingScheme.timmMobileViT, "mobilevit_xxs", 1000), ("timm_mobilevit_xs", .timmMobileViT, "mobilevit_xs", 100),
    ("timm_mobilevit_s", .timmMobileViT, "mobilevit_s", 10), ("huggingface_mobilevit_xxs", .huggingFaceMobileViT, "mobilevit_xxs", 5),
    ("huggingface_mobilevit_xs", .huggingFaceMobileViT, "mobilevit_xs", 21),
    ("huggingface_mobilevit_s", .huggingFaceMobileViT, "mobilevit_s", 1000),
    ("tutorial_mobilevit_xxs", .tutorialMobileViT, "tutorial_mobilevit_xxs", 1000),
    ("tutorial_mobilevit_xs", .tutorialMobileViT, "tutorial_mobilevit_xs", 4),
    ("tutorial_mobilevit_s", .tutorialMobileViT, "tutorial_mobilevit_s", 100),
    ("torchvision_mobilenet_v2", .torchvisionMobileNetV2, "mobilenet_v2", 1000),
    ("timm_mobilenetv2_100", .timmMobileNetV2, "mobilenet_v2", 7), ("paddle_mobilenet_v2", .paddleMobileNetV2, "mobilenet_v2", 11),
  ])
  func inspectionTellsSchemeModelAndClasses(list: String, scheme: NamingScheme, model: String, classes: Int) throws {
    let inspection = try #require(WeightFileInspection(shapes: NameList(list).shapes))
    #expect(inspection.scheme == scheme)
    #expect(inspection.model == model)
    #expect(inspection.classes == classes)
  }

  @Test func inspectionIsHonestAboutWhatItDoesNotKnow() throws {
    #expect(WeightFileInspection(shapes: ["conv1.weight": [64, 3, 7, 7], "fc.weight": [1000, 512]]) == nil)
    var shapes = try NameList("torchvision_mobilenet_v2").shapes
    shapes["features.18.0.weight"] = [1792, 448, 1, 1]
    shapes["classifier.1.weight"] = [1000, 1792]
    let wide = try #require(WeightFileInspection(shapes: shapes))
    #expect(wide.model == nil && wide.scheme == .torchvisionMobileNetV2 && wide.classes == 1000)
    shapes["classifier.1.weight"] = [1000]
    #expect(WeightFileInspection(shapes: shapes) == nil)
  }
}
