import ArgumentParser
import Configuration

/// The flags that say what computes.
struct MachineOptions: ParsableArguments {
  @OptionGroup private var flags: SettingFlags<ForComputing, MachineSection>

  var threads: Int? { settings?.threads ?? nil }
  var kernels: String? { settings?.kernels }

  func validate() throws {
    do { _ = try given() } catch { throw ValidationError("--" + error.problem) }
  }

  private func given() throws(ConfigurationError) -> Settings {
    var settings = Settings()
    try flags.add(to: &settings)
    return settings
  }

  /// `validate` has let them pass.
  private var settings: Settings? { try? given() }
}
