// swift-tools-version: 6.2
import PackageDescription

// Rooms and the rule between them: imports point downward only, one target owns each C library and only
// `mvit-tui` composes. An import that is not declared here is a build error (see scripts/build).

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error), .enableUpcomingFeature("ExistentialAny")]
// The engine's loops are optimised in debug builds too: tests train networks.
let strictC: [CSetting] = [.unsafeFlags(["-O3", "-Wall", "-Werror", "-Wno-pass-failed", "-Wno-unused-function"])]

func room(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource]? = nil) -> Target {
  .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(name: name + "Tests", dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")

let package = Package(
  name: "mvit-tui",
  products: [.executable(name: "mvit-tui", targets: ["mvit-tui"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
  ],
  targets: [
    .target(name: "CKernels", cSettings: strictC),
    .target(
      name: "CImageCodecs", cSettings: strictC,
      linkerSettings: ["png", "jpeg", "webp", "tiff", "gif", "lcms2", "dl"].map { .linkedLibrary($0) }),
    .target(name: "CProcess", cSettings: strictC),
    room("Tensors", ["CKernels", "CProcess"]),
    room("Kernels", ["Tensors", "CKernels"]),
    room("NeuralNetwork", ["Tensors", "Kernels"]),
    room("VisionModels", ["NeuralNetwork"]),
    room("SystemText"),
    room("Files", ["SystemText"]),
    .target(name: "CArchives", cSettings: strictC, linkerSettings: [.linkedLibrary("zip")]),
    room("ImageData", ["Tensors", "CImageCodecs", "CArchives", "Files", "SystemText"]),
    room("WeightFiles", ["Files"]),
    room("Names"),
    room("ScalarLogs", ["Files", "Names", "SystemText", protobuf]),
    room("TrainingEvents", ["SystemText"]),
    room(
      "Training",
      [
        "TrainingEvents", "NumberFormats", "SystemText", "Files", "Kernels", "NeuralNetwork", "ImageData", "WeightFiles", "ScalarLogs",
      ]),
    room("Configuration", ["SystemText", "Kernels", "NeuralNetwork", "ImageData", "Training"]),
    room("NumberFormats"),
    room("RunHistory", ["TrainingEvents", "ScalarLogs", "NumberFormats", "Names", "SystemText"]),
    .target(name: "CCurses", cSettings: strictC, linkerSettings: [.linkedLibrary("ncursesw"), .linkedLibrary("tinfo")]),
    room("Terminal", ["NumberFormats", "SystemText"]),
    room("CursesTerminal", ["Terminal", "CCurses", "SystemText"]),
    room("Dashboard", ["Terminal", "TrainingEvents", "RunHistory", "NumberFormats", "Names"]),
    room("Reports", ["TrainingEvents", "Terminal", "RunHistory", "NumberFormats", "Names", "SystemText"]),
    .executableTarget(
      name: "mvit-tui",
      dependencies: [
        "CProcess", "Tensors", "Kernels", "NeuralNetwork", "VisionModels", "ImageData", "Files", "WeightFiles", "ScalarLogs",
        "TrainingEvents", "Training", "Configuration", "Names", "NumberFormats", "SystemText", "RunHistory", "Terminal", "CursesTerminal",
        "Dashboard", "Reports", argumentParser,
      ], swiftSettings: strict),

    .target(name: "Faults", dependencies: ["Files"], path: "Tests/Support/Faults", swiftSettings: strict),
    .target(name: "TestImages", dependencies: ["Tensors"], path: "Tests/TestImages", swiftSettings: strict),
    tests("CProcess", ["CProcess"]),
    tests("Tensors", ["Tensors"]),
    tests("Kernels", ["Kernels", "Tensors", "WeightFiles"]),
    tests("NeuralNetwork", ["NeuralNetwork", "Kernels", "Tensors"]),
    tests("VisionModels", ["VisionModels", "NeuralNetwork", "Kernels", "Tensors"]),
    tests("ImageData", ["ImageData", "SystemText", "Tensors", "TestImages"]),
    tests("SystemText", ["SystemText"]),
    tests("Files", ["Files", "Faults", "SystemText"]),
    tests("WeightFiles", ["WeightFiles", "Files", "Tensors"]),
    tests("Names", ["Names"]),
    tests("ScalarLogs", ["ScalarLogs", "Files", "Names", "SystemText"]),
    tests("TrainingEvents", ["TrainingEvents"]),
    tests("RunHistory", ["RunHistory", "TrainingEvents", "ScalarLogs", "Names"]),
    tests("NumberFormats", ["NumberFormats"]),
    tests("Terminal", ["Terminal", "NumberFormats", "SystemText", "Tensors"]),
    tests("Dashboard", ["Dashboard", "Terminal", "SystemText", "NumberFormats", "RunHistory", "TrainingEvents", "ScalarLogs"]),
    tests("Reports", ["Reports", "SystemText", "RunHistory", "TrainingEvents", "ScalarLogs"]),
    // A real terminal for tests: programs are typed to and looked at through it.
    .target(name: "CPseudoTerminal", path: "Tests/Support/CPseudoTerminal", cSettings: strictC),
    .target(
      name: "PseudoTerminal", dependencies: ["CPseudoTerminal", "Terminal", "Tensors"], path: "Tests/Support/PseudoTerminal",
      swiftSettings: strict),
    .executableTarget(
      name: "terminal-probe", dependencies: ["CursesTerminal", "Configuration", "PseudoTerminal", "Terminal", "NumberFormats"],
      path: "Tests/Support/TerminalProbe",
      swiftSettings: strict),
    tests("Configuration", ["Configuration", "SystemText", "NeuralNetwork", "ImageData", "Terminal"]),
    tests("CursesTerminal", ["CursesTerminal", "Terminal", "PseudoTerminal", "Tensors", "terminal-probe"]),
    tests(
      "Training",
      [
        "Training", "TrainingEvents", "SystemText", "NeuralNetwork", "ImageData", "Files", "Faults", "WeightFiles", "ScalarLogs",
        "TestImages",
      ]),
    tests("Command", ["mvit-tui", "SystemText", "Files", "WeightFiles", "ScalarLogs", "TestImages", "PseudoTerminal", "Terminal"]),
    tests("Parity", ["VisionModels", "NeuralNetwork", "Kernels", "Tensors", "WeightFiles"]),
  ]
)
