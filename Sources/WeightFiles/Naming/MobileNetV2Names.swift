/// Names of MobileNetV2's layers. Canonical are torchvision's: `features.K.conv.…` with the inverted residuals counted
/// through, K = 1...17.
extension ModuleMap {
  /// timm counts stages and the residuals within each, and names the layers by their role.
  static let timmMobileNetV2: ModuleMap = {
    var pairs = [
      ("features.0.0", "conv_stem"), ("features.0.1", "bn1"), ("features.18.0", "conv_head"), ("features.18.1", "bn2"),
      ("classifier.1", "classifier"),
    ]
    for (block, place) in residuals.enumerated() {
      let layers = block == 0 ? timmLayersWithoutExpansion : timmLayers
      pairs += layers.map { ("features.\(block + 1).conv.\($0)", "blocks.\(place.stage).\(place.index).\($1)") }
    }
    return ModuleMap(pairs.map { (canonical: $0, sources: [$1]) })
  }()

  /// Paddle has torchvision's modules; leaves and the classifier's axes differ (see `NamingScheme`).
  static let paddleMobileNetV2 = ModuleMap(timmMobileNetV2.sources.keys.map { (canonical: $0, sources: [$0]) })

  private static let timmLayers = [
    ("0.0", "conv_pw"), ("0.1", "bn1"), ("1.0", "conv_dw"), ("1.1", "bn2"), ("2", "conv_pwl"), ("3", "bn3"),
  ]
  private static let timmLayersWithoutExpansion = [("0.0", "conv_dw"), ("0.1", "bn1"), ("1", "conv_pw"), ("2", "bn2")]

  /// Inverted residuals of each stage (the paper's table 2), in order.
  private static let residuals: [(stage: Int, index: Int)] = [1, 2, 3, 4, 3, 3, 1].enumerated().flatMap { stage, count in
    (0..<count).map { (stage, $0) }
  }
}
