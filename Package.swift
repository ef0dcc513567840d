// swift-tools-version: 6.2
// SPDX-License-Identifier: MIT

import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]

let package = Package(
  name: "gemsync",
  products: [
    .library(name: "DRM", targets: ["DRM", "DRMKernel"]),
    .library(name: "MockDRM", targets: ["MockDRM"]),
    .library(name: "DRMConformance", targets: ["DRMConformance"]),
    .executable(name: "gemsync", targets: ["gemsync"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // C: libdrm, and our own uAPI structs and system call shims.
    .systemLibrary(
      name: "CLibDRM",
      pkgConfig: "libdrm",
      providers: [.apt(["libdrm-dev"])]
    ),
    .target(
      name: "CDRM",
      dependencies: ["CLibDRM"],
      cSettings: [.treatAllWarnings(as: .error)]
    ),

    // The seam, the client above it, the mock below it.
    .target(name: "DRMKernel", dependencies: ["CDRM", "CLibDRM"], swiftSettings: strict),
    .target(name: "DRM", dependencies: ["CDRM", "DRMKernel"], swiftSettings: strict),
    .target(name: "MockDRM", dependencies: ["CDRM", "DRMKernel"], swiftSettings: strict),

    // Calls at the seam in words that hold in every run: recorded, played, compared.
    .target(name: "Tracing", dependencies: ["CDRM", "DRMKernel"], swiftSettings: strict),

    // What a CPU and its devices do to some BOs, written in YAML.
    .target(
      name: "Scripting",
      dependencies: ["DRMKernel", .product(name: "Yams", package: "Yams")],
      swiftSettings: strict
    ),

    // Whether such a script goes right whatever caches and devices do.
    .target(
      name: "Exploration", dependencies: ["DRMKernel", "Scripting"], swiftSettings: strict),
    // Such a script on a device.
    .target(
      name: "ScriptRunning", dependencies: ["DRM", "DRMKernel", "Scripting"],
      swiftSettings: strict),

    // What was explored, shown on the mock; and how the rules that were proposed compare.
    .target(
      name: "Replaying",
      dependencies: [
        "DRM", "DRMKernel", "Exploration", "MockDRM", "ScriptRunning", "Scripting",
      ],
      swiftSettings: strict
    ),
    .target(
      name: "Policies",
      dependencies: [
        "DRMKernel", "Exploration", "MockDRM", "Replaying", "ScriptRunning", "Scripting",
      ],
      swiftSettings: strict
    ),

    // What is said about the interface, how it is told, and the command.
    .target(
      name: "DRMConformance",
      dependencies: ["CDRM", "DRMKernel", "DRM", "Tracing"],
      swiftSettings: strict
    ),
    // Which syncs a system needs: every way to access memory, tried beside a real device.
    .target(
      name: "BringUp",
      dependencies: [
        "CDRM", "DRM", "DRMConformance", "DRMKernel", "Exploration", "ScriptRunning", "Scripting",
      ],
      swiftSettings: strict
    ),
    .target(
      name: "Fuzzing", dependencies: ["CDRM", "DRMKernel", "Tracing"], swiftSettings: strict),
    .target(
      name: "Devices",
      dependencies: ["CDRM", "DRMKernel", "DRM", "MockDRM"],
      swiftSettings: strict
    ),
    .target(
      name: "Reports",
      dependencies: [
        "DRM", "DRMConformance", "DRMKernel", "Devices", "Exploration", "Policies", "Scripting",
      ],
      swiftSettings: strict
    ),
    .executableTarget(
      name: "gemsync",
      dependencies: [
        "BringUp", "CDRM", "DRM", "DRMConformance", "DRMKernel", "Devices", "Exploration",
        "Fuzzing", "Policies", "Replaying", "Reports", "ScriptRunning", "Scripting", "Tracing",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict
    ),

    // What Scripts/vm boots: device tree, registers, firmware, initramfs.
    .target(name: "GuestImages", swiftSettings: strict),
    .executableTarget(
      name: "gemsync-guest",
      dependencies: [
        "GuestImages", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict
    ),

    // What the client costs above C: Scripts/bench.
    .target(name: "CBench", dependencies: ["CDRM", "CLibDRM"]),
    .executableTarget(
      name: "gemsync-bench",
      dependencies: [
        "CBench", "DRM", "DRMKernel", "MockDRM",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict
    ),

    // Tests, one target for each of the above.
    .target(
      name: "TestSupport", dependencies: ["DRMKernel", "Scripting"], path: "Tests/TestSupport",
      swiftSettings: strict),
    // Decides by trying everything on the mock what the explorer is compared with.
    .executableTarget(
      name: "gemsync-enumerate",
      dependencies: [
        "CDRM", "DRMKernel", "Exploration", "Fuzzing", "MockDRM", "Scripting",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Tests/Enumerator", swiftSettings: strict),
    .testTarget(
      name: "EnumeratorTests", dependencies: ["gemsync-enumerate", "Scripting", "TestSupport"]),
    .testTarget(name: "CDRMTests", dependencies: ["CDRM", "DRMKernel"]),
    .testTarget(name: "DRMKernelTests", dependencies: ["DRMKernel", "TestSupport"]),
    .testTarget(
      name: "MockDRMTests",
      dependencies: ["CDRM", "DRMKernel", "Fuzzing", "MockDRM", "TestSupport"]),
    .testTarget(
      name: "TracingTests",
      dependencies: [
        "CDRM", "DRMConformance", "DRMKernel", "MockDRM", "TestSupport", "Tracing",
      ]),
    .testTarget(name: "ScriptingTests", dependencies: ["Scripting"]),
    .testTarget(
      name: "ExplorationTests", dependencies: ["Exploration", "Scripting", "TestSupport"]),
    .testTarget(
      name: "ScriptRunningTests",
      dependencies: [
        "DRM", "DRMKernel", "Exploration", "MockDRM", "ScriptRunning", "Scripting",
        "TestSupport",
      ]),
    .testTarget(name: "BringUpTests", dependencies: ["BringUp", "DRMKernel", "MockDRM"]),
    .testTarget(
      name: "DRMTests", dependencies: ["CDRM", "DRM", "DRMKernel", "MockDRM", "TestSupport"]),
    .testTarget(
      name: "DRMConformanceTests",
      dependencies: ["DRM", "DRMConformance", "DRMKernel", "MockDRM", "TestSupport"]),
    .testTarget(
      name: "DevicesTests", dependencies: ["Devices", "DRMKernel", "MockDRM", "TestSupport"]),
    .testTarget(name: "ReportsTests", dependencies: ["Reports", "DRMConformance", "Devices"]),
    .testTarget(
      name: "FuzzingTests", dependencies: ["DRMKernel", "Fuzzing", "MockDRM", "Tracing"]),
    .testTarget(name: "GuestImagesTests", dependencies: ["GuestImages"]),
    .testTarget(name: "GEMSyncTests", dependencies: ["gemsync", "Reports", "Tracing"]),
    .testTarget(name: "ReadmeTests", dependencies: ["DRM", "DRMKernel", "MockDRM", "Policies"]),
  ]
)
