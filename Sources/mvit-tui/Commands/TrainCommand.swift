import ArgumentParser

struct TrainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a model on a folder of images.",
    discussion: """
      Leaves a run folder with the configuration, VisualDL logs and checkpoints whose weights timm (MobileViT), torchvision \
      (MobileNetV2) or the AI Studio tutorial's code load. Ctrl-C saves a checkpoint and ends; the same command with --run DIR \
      --resume resumes the run and ends with the same numbers.

        mvit-tui train --data photos --model mobilevit_xxs --image-size 128
        mvit-tui train --data photos --weights mobilevit_s.safetensors --lr 0.002 --run runs/fine
        mvit-tui train --run runs/fine --resume
        mvit-tui train --config runs/fine/config.toml --run runs/again
      """)

  @OptionGroup var training: TrainingFlags<ForTrain>

  func run() async throws { try await TrainingInvocation(settings: try training.settings()).train() }
}
