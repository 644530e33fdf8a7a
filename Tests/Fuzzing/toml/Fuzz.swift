import Configuration

/// Reads an input as each of the program's TOML files. Whatever it is, the readers return or throw: an assertion, a trap or a
/// sanitizer's finding ends the fuzzer, which keeps the input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let text = String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
  func attempt(_ body: () throws -> Void) -> ConfigurationError? {
    do { try body() } catch let error as ConfigurationError { return error } catch { fatalError("an error of another type: \(error)") }
    return nil
  }
  let faults = [
    attempt { _ = try ThemeFile(toml: text, path: "a.toml") },
    attempt {
      // What is kept is written again and must read back as the same.
      let kept = try UserPreferences(toml: text, file: "a.toml")
      precondition((try? UserPreferences(toml: kept.toml, file: "b.toml")).map { "\($0)" == "\(kept)" } == true, kept.toml)
    },
  ]
  // Whether a document is TOML does not depend on what it is read as.
  let refusals = faults.map { $0?.problem.hasPrefix("is not TOML") == true }
  precondition(refusals.allSatisfy { $0 == refusals[0] }, "\(faults)")
  return 0
}
