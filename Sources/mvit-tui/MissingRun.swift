import Configuration
import Files
import SystemText
import Training

/// A folder that was named as a run's and holds none, with the names of runs that may be meant.
struct MissingRun {
  private let path: String
  /// Paths of runs whose names are alike, the likeliest first, or of the first ones beside it or in it.
  private let others: [String]
  private let areAlike: Bool

  private static let most = 3

  init(_ path: String) {
    let path = SystemPath.withoutEndingSlash(path)
    self.path = path
    let folder = SystemPath.parent(of: path)
    let beside = Self.runs(in: folder)
    let alike = Spelling.likeliest(for: SystemPath.name(of: path), among: beside, atMost: Self.most)
    areAlike = !alike.isEmpty
    // A folder of runs may be named in place of one of them.
    let inside = Self.runs(in: path).map { path + "/" + $0 }
    let isNamedAlone = !path.utf8.contains(UInt8(ascii: "/"))
    others = inside + (areAlike ? alike : beside).map { isNamedAlone ? $0 : folder + "/" + $0 }
  }

  /// "did you mean runs/first?", or the runs that there are; empty without any.
  var advice: String {
    guard !others.isEmpty else { return "" }
    let list = others.prefix(Self.most).joined(separator: ", ")
    if areAlike { return "did you mean \(list)?" }
    return others.count > Self.most ? "runs nearby are \(list) and \(others.count - Self.most) more" : "runs nearby: \(list)"
  }

  /// Decides whether `--resume` begins a run here: scripts pass it every time, also the first.
  ///
  /// - Parameter hasData: whether the images are named, which a run that is resumed knows by itself.
  /// - Returns: what to report.
  /// - Throws: `Failure` where the name is more likely mistyped: without images, or below a folder that does not exist.
  func begin(hasData: Bool) throws -> String {
    let advice = advice.isEmpty ? "" : "; " + advice
    guard hasData else {
      throw Failure(.missingInput, "\(path): holds no run to resume\(advice); check --run, or name --data to begin a run there")
    }
    let parent = SystemPath.parent(of: path)
    guard try FileSystem.status(path) != nil || FileSystem.status(parent) != nil else {
      throw Failure(
        .missingInput,
        "\(path): holds no run to resume, and there is no folder \(parent); check --run, or leave --resume out to begin a run there")
    }
    return "No run in \(path); a new run begins."
  }

  /// Names of the runs in a folder. They are advice only: a folder that cannot be searched has none to offer.
  private static func runs(in folder: String) -> [String] {
    let names = (try? FileSystem.listIfPresent(folder)) ?? nil
    return (names ?? []).filter { name in (try? RunFolder(path: folder + "/" + name).holdsRun) ?? false }
  }
}
