import Foundation

/// The files that this process may open.
enum OpenFiles {
  /// What a run or the dashboard opens at the least: event sources trap where they get no file.
  private static let least = 16

  /// Raises the limit as far as the system allows and checks that it is enough.
  ///
  /// - Throws: `Failure`
  static func requireEnough() throws {
    var limits = rlimit()
    if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits) == 0, limits.rlim_cur < limits.rlim_max {
      limits.rlim_cur = limits.rlim_max
      // Refused: the check below counts what there is.
      _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits)
    }
    var opened: [Int32] = []
    defer { for descriptor in opened { close(descriptor) } }
    while opened.count < least {
      let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else {
        let reason = String(cString: strerror(errno))
        throw Failure(
          .internal,
          "this process may open \(opened.count) files more (\(reason)) and needs \(least) to begin; raise the limit with `ulimit -n`")
      }
      opened.append(descriptor)
    }
  }
}
