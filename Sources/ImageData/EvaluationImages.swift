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
    let path = try ImageFolder.folder(path)
    guard let evaluation = try ImageFolder.evaluationFolder(of: path) else {
      let folder = try ImageFolder(scanning: path, evaluationFraction: evaluationFraction, seed: seed)
      self.init(classNames: folder.classNames, samples: folder.evaluation)
      return
    }
    let folders = try ClassFolders(scanning: path + "/" + evaluation, prefix: evaluation + "/")
    guard !folders.classNames.isEmpty else { throw .noClasses(folders.path) }
    guard folders.emptyClasses.isEmpty else { throw .emptyClasses(folders.path, folders.emptyClasses) }
    guard let classNames else {
      // Without names in the weights, a class is its place among those that were trained on.
      let all = try ImageFolder.trainingClasses(of: path) ?? folders.classNames
      self.init(classNames: all, samples: try folders.samples(labelledBy: all))
      return
    }
    self.init(classNames: classNames, samples: try folders.samples(labelledBy: classNames))
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
