import RunHistory
import Terminal

/// The charts of the overview.
enum OverviewChart: Int, Sendable, CaseIterable {
  case loss, accuracy, learningRate, speed

  var title: String {
    switch self {
    case .loss: "loss"
    case .accuracy: "accuracy"
    case .learningRate: "learning rate"
    case .speed: "speed"
    }
  }

  var quantity: CurveMeaning.Quantity {
    switch self {
    case .loss: .loss
    case .accuracy: .accuracy
    case .learningRate: .learningRate
    case .speed: .imagesPerSecond
    }
  }

  var format: NumberFormat { quantity.format }
}

/// The charts of the comparison.
enum ComparisonChart: Int, Sendable, CaseIterable {
  case evaluationAccuracy, evaluationLoss, trainingLoss, gap, accuracyByParameters, sensitivity

  var title: String {
    switch self {
    case .evaluationAccuracy: "evaluation accuracy"
    case .evaluationLoss: "evaluation loss"
    case .trainingLoss: "training loss"
    case .gap: "gap: training minus evaluation accuracy"
    case .accuracyByParameters: "best accuracy against parameters"
    case .sensitivity: "best accuracy by setting"
    }
  }
}

extension CurveMeaning.Quantity {
  var format: NumberFormat {
    switch self {
    case .loss, .other: .fixed(4)
    case .accuracy: .percent(2)
    case .learningRate: .significant(3)
    case .imagesPerSecond: .si
    }
  }

  var labels: AxisLabels { self == .accuracy ? .percent : .number }
}
