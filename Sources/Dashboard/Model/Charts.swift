import Names
import NumberFormats
import RunHistory
import Terminal

/// The charts of the overview.
enum OverviewChart: Sendable, Hashable {
  case loss, accuracy, learningRate, speed
  /// A curve of a log that is none of these, under its own tag.
  case tag(Name)

  /// Of a run of this program.
  static let standard: [OverviewChart] = [.loss, .accuracy, .learningRate, .speed]

  var title: String {
    switch self {
    case .loss: "loss"
    case .accuracy: "accuracy"
    case .learningRate: "learning rate"
    case .speed: "speed"
    case .tag(let tag): tag.text
    }
  }

  var quantity: CurveMeaning.Quantity {
    switch self {
    case .loss: .loss
    case .accuracy: .accuracy
    case .learningRate: .learningRate
    case .speed: .imagesPerSecond
    case .tag: .other
    }
  }

  /// What the only curve of a chart is called and which colours it has; nil where training and evaluation share the chart.
  var single: (name: String, number: Int)? {
    switch self {
    case .loss, .accuracy: nil
    case .learningRate: ("rate", 3)
    case .speed: ("images/s", 4)
    case .tag: ("value", 1)
    }
  }

  var format: NumberFormat {
    if case .tag = self { .significant(4) } else { quantity.format }
  }
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
  var labels: AxisLabels { self == .accuracy ? .percent : .number }
}
