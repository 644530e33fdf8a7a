import NeuralNetwork

/// The models that the program trains, by name.
public enum Catalogue {
  public static let names = [
    "mobilevit_xxs", "mobilevit_xs", "mobilevit_s", "tutorial_mobilevit_xxs", "tutorial_mobilevit_xs", "tutorial_mobilevit_s",
    "mobilenet_v2",
  ]

  /// What a model's authors trained it with, where the user does not say.
  public struct Defaults: Sendable {
    /// Dropout before the classifier.
    public let dropout: Float
  }

  /// - Throws: `UnknownModel`
  public static func defaults(_ name: String) throws -> Defaults {
    switch name {
    case "mobilevit_xxs", "mobilevit_xs", "mobilevit_s": Defaults(dropout: 0.1)
    case "tutorial_mobilevit_xxs", "tutorial_mobilevit_xs", "tutorial_mobilevit_s": Defaults(dropout: 0)
    case "mobilenet_v2": Defaults(dropout: 0.2)
    default: throw UnknownModel(name: name)
    }
  }

  /// - Parameters:
  ///   - classes: from 2.
  ///   - dropout: before the classifier, in [0, 1); nil: the model's own.
  /// - Throws: `UnknownModel`
  public static func network(_ name: String, classes: Int, dropout: Float? = nil) throws -> Network {
    precondition(classes >= 2, "a classifier has at least two classes")
    let dropout = try dropout ?? defaults(name).dropout
    switch name {
    case "mobilevit_xxs": return MobileViT.network(.xxs, name: name, classes: classes, dropout: dropout)
    case "mobilevit_xs": return MobileViT.network(.xs, name: name, classes: classes, dropout: dropout)
    case "mobilevit_s": return MobileViT.network(.s, name: name, classes: classes, dropout: dropout)
    case "tutorial_mobilevit_xxs": return TutorialMobileViT.network(.xxs, name: name, classes: classes, dropout: dropout)
    case "tutorial_mobilevit_xs": return TutorialMobileViT.network(.xs, name: name, classes: classes, dropout: dropout)
    case "tutorial_mobilevit_s": return TutorialMobileViT.network(.s, name: name, classes: classes, dropout: dropout)
    case "mobilenet_v2": return MobileNetV2.network(name: name, classes: classes, dropout: dropout)
    default: throw UnknownModel(name: name)
    }
  }
}

/// A name that is not in the catalogue.
public struct UnknownModel: Error, CustomStringConvertible {
  public let name: String
  public var description: String { "there is no model '\(name)'; choose one of \(Catalogue.names.joined(separator: ", "))" }
}
