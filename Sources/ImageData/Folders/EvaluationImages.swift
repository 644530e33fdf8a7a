/// Images to evaluate a finished model on.
///
/// The folder `eval/` (or `evalImages/`), with or without the one to train on beside it; of class folders alone, the share
/// that training set aside.
public struct EvaluationImages: Sendable {
  /// The model's, else the folder's.
  public let classNames: [String]
  /// Sorted by class, folder and name.
  public let samples: [ImageSample]

  /// Scans the folder at `path`.
  ///
  /// - Parameters:
  ///   - classNames: of the model, if it knows them; a folder may lack some of them.
  ///   - evaluationFraction: as in training.
  ///   - seed: as in training.
  public init(
    scanning path: String, classNames: [String]?, evaluationFraction: Double, seed: UInt64
  ) throws(ImageFolderError) {
    let request = DataRequest(path, evaluationFraction: evaluationFraction, seed: seed)
    let scan = try DataScan(request)
    guard let held = scan.parts[.evaluation] else {
      let folder = try ImageFolder(request)
      self.init(classNames: folder.classNames, samples: folder.evaluation)
      return
    }
    guard !held.samples.isEmpty else { throw .noClasses(held.path) }
    // Without names in the weights, a class is its place among those that were trained on.
    let names = classNames ?? scan.parts[.training]?.classNames ?? held.classNames
    self.init(classNames: names, samples: try held.samples(labelledBy: names))
  }

  private init(classNames: [String], samples: [ImageSample]) {
    self.classNames = classNames
    self.samples = samples
  }

  /// Those that are none of `broken`.
  public func removing(_ broken: [ImageError]) -> EvaluationImages {
    let paths = Set(broken.map { Array($0.path.utf8) })
    return EvaluationImages(classNames: classNames, samples: samples.filter { !paths.contains(Array($0.path.utf8)) })
  }
}
