import ArgumentParser
import Configuration
import Files
import Foundation
import ImageData
import Kernels
import NeuralNetwork
import ScalarLogs
import Training
import VisionModels
import WeightFiles

extension ExitCode {
  static let usage = ExitCode(64)
  static let badData = ExitCode(65)
  static let missingInput = ExitCode(66)
  static let `internal` = ExitCode(70)
  static let cannotWrite = ExitCode(73)
}

/// An error as the user meets it.
struct Failure: Error {
  let code: ExitCode
  let sentence: String

  init(_ code: ExitCode, _ sentence: String) {
    self.code = code
    self.sentence = sentence
  }

  init(_ error: any Error) {
    if let failure = error as? Failure {
      self = failure
    } else {
      self.init(Self.code(of: error), "\(error)")
    }
  }

  private static func code(of error: any Error) -> ExitCode {
    switch error {
    case PlanError.memory: .internal
    case is ConfigurationError, is RunFolderError, is PlanError, is KernelSetError, is UnknownModel, is SingleValueError: .usage
    case is RunFolderLoss: .cannotWrite
    case let error as FileSystemError: code(of: error)
    case let error as ImageError: code(of: error.reason)
    case let error as ImageFolderError: code(of: error)
    case let error as ResumedDataError: code(of: error.error)
    case let error as ScalarLogError:
      switch error.problem {
      case .system, .notAFile: .cannotWrite
      default: .badData
      }
    case is WeightFileError, is CheckpointError, is ChangedDataError, is DataRecordError, is DivergenceError, is PredictionsFileError,
      is BrokenImagesError,
      is NothingToEvaluateError, is BenchmarkBatchError:
      .badData
    default: .internal
    }
  }

  private static func code(of error: FileSystemError) -> ExitCode {
    switch error.action {
    case .open, .read, .list: .missingInput
    default: .cannotWrite
    }
  }

  private static func code(of reason: ImageError.Reason) -> ExitCode {
    if case .cannotOpen = reason { .missingInput } else { .badData }
  }

  private static func code(of error: ImageFolderError) -> ExitCode {
    switch error {
    case .folderMissing, .notAFolder, .folderUnreadable, .fileUnreadable: .missingInput
    default: .badData
    }
  }
}
