import ArgumentParser
import Configuration

/// What `train` and `compare` share: the flags that the table of settings gives each of them, and what is done with them.
struct TrainingFlags<Audience: SettingAudience>: ParsableArguments {
  @OptionGroup(title: SettingGroup.data.rawValue) private var data: SettingFlags<Audience, DataSection>
  @OptionGroup(title: SettingGroup.training.rawValue) private var training: SettingFlags<Audience, TrainingSection>
  @OptionGroup(title: SettingGroup.machine.rawValue) private var machine: SettingFlags<Audience, MachineSection>

  func validate() throws {
    guard machine[\.run] != "" else { throw ValidationError("--run must name a folder; leave it out for runs/DATE-MODEL") }
  }

  /// Whether `--resume` was given.
  var resumes: Bool { machine[\.resume] ?? false }

  /// The settings that were given as flags.
  ///
  /// - Throws: `ConfigurationError`.
  func settings() throws -> Settings {
    var settings = Settings()
    try data.add(to: &settings)
    try training.add(to: &settings)
    try machine.add(to: &settings)
    return settings
  }
}
