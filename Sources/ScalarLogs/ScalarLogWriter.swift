/// A writer that keeps files open, whose names may no longer lead to them.
package protocol LogFileHolder {
  var openFiles: [(path: String, descriptor: Int32)] { get }
}

/// A log that curves are written to.
///
/// Not for use from several threads at once: the trainer owns it.
public protocol ScalarLogWriter: AnyObject {
  /// The file that is appended to.
  var path: String { get }

  /// Records of each curve, those of earlier sessions included.
  func recordCount(of tag: String) -> Int

  /// Appends a value of the curve `tag`. It is in the file when this returns, and on the disk after `synchronize`.
  ///
  /// - Throws: `ScalarLogError`: `stepNotIncreasing` unless `step` is beyond the curve's last one, `forbiddenTag`, `system`
  ///   when the disk is full. The file keeps every earlier record and stays readable.
  func add(_ tag: String, step: Int, value: Float) throws

  /// Removes the records that `keep` declines, so that a resumed run can write them again. Hyper-parameters and what
  /// belongs to no step stay.
  func cut(keeping keep: (_ tag: String, _ step: Int) -> Bool) throws

  /// Returns when all records are on the disk.
  func synchronize() throws
}
