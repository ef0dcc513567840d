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
    .library(name: "DRM", targets: ["DRM", "DRMDrivers", "DRMKernel"]),
    .library(name: "MockDRM", targets: ["MockDRM"]),
    .library(name: "DRMConformance", targets: ["DRMConformance"]),
    .executable(name: "gemsync", targets: ["gemsync"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
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

    .target(name: "CMockSupport", cSettings: [.treatAllWarnings(as: .error)]),

    // The drivers' facts, the system-call interface, the client above it, the mock below it.
    .target(name: "DRMDrivers", swiftSettings: strict),
    .target(name: "DRMKernel", dependencies: ["CDRM", "CLibDRM"], swiftSettings: strict),
    .target(name: "DRM", dependencies: ["CDRM", "DRMDrivers", "DRMKernel"], swiftSettings: strict),
    .target(
      name: "MockDRM", dependencies: ["CDRM", "CMockSupport", "DRMDrivers", "DRMKernel"],
      swiftSettings: strict),

    // The names and argument layouts of ioctls; calls recorded, replayed and compared.
    .target(
      name: "UAPILayouts", dependencies: ["CDRM", "DRMDrivers", "DRMKernel"],
      swiftSettings: strict),
    .target(
      name: "CallTrace", dependencies: ["CDRM", "DRMDrivers", "DRMKernel", "UAPILayouts"],
      swiftSettings: strict),

    // Scripts of what a CPU and its devices do to BOs; a device that runs one; a proof over all
    // evictions, fills and timings; the merged rules beside the proposed ones.
    .target(
      name: "Litmus",
      dependencies: ["DRMDrivers", "DRMKernel", .product(name: "Yams", package: "Yams")],
      swiftSettings: strict
    ),
    .target(
      name: "LitmusRunner",
      dependencies: ["DRM", "DRMDrivers", "DRMKernel", "Litmus", "LitmusExplorer"],
      swiftSettings: strict),
    .target(
      name: "LitmusExplorer", dependencies: ["DRMDrivers", "DRMKernel", "Litmus"],
      swiftSettings: strict),
    .target(
      name: "Policies",
      dependencies: [
        "DRM", "DRMDrivers", "DRMKernel", "Litmus", "LitmusExplorer", "LitmusRunner", "MockDRM",
      ],
      swiftSettings: strict
    ),

    // Checks of the uAPI, bring-up, fuzzing; devices, reports and the command.
    .target(
      name: "DRMConformance",
      dependencies: ["CDRM", "DRM", "DRMDrivers", "DRMKernel", "UAPILayouts"],
      swiftSettings: strict
    ),
    .target(
      name: "BringUp",
      dependencies: [
        "CDRM", "DRM", "DRMConformance", "DRMDrivers", "DRMKernel", "Litmus", "LitmusExplorer",
        "LitmusRunner",
      ],
      swiftSettings: strict
    ),
    .target(
      name: "Fuzzing",
      dependencies: ["CDRM", "CallTrace", "DRMDrivers", "DRMKernel", "UAPILayouts"],
      swiftSettings: strict),
    .target(
      name: "Devices",
      dependencies: ["CDRM", "DRM", "DRMDrivers", "DRMKernel", "MockDRM"],
      swiftSettings: strict
    ),
    // A machine's calls recorded to a trace, and a trace replayed on a machine.
    .target(
      name: "TraceSessions",
      dependencies: ["CallTrace", "DRM", "DRMDrivers", "DRMKernel", "Devices"],
      swiftSettings: strict),
    .target(
      name: "Reports",
      dependencies: [
        "DRM", "DRMConformance", "DRMDrivers", "DRMKernel", "Devices", "Litmus", "LitmusExplorer",
        "LitmusRunner", "Policies",
      ],
      swiftSettings: strict
    ),
    // Runs of checks and scripts: a plan, a child process for each piece of work, a journal.
    .target(
      name: "Runs",
      dependencies: [
        "CDRM", "CallTrace", "DRM", "DRMConformance", "DRMDrivers", "DRMKernel", "Devices",
        "Litmus", "LitmusExplorer", "LitmusRunner", "Reports", "TraceSessions",
        .product(name: "Subprocess", package: "swift-subprocess"),
      ],
      swiftSettings: strict
    ),
    .executableTarget(
      name: "gemsync",
      dependencies: [
        "BringUp", "CDRM", "CallTrace", "DRM", "DRMConformance", "DRMDrivers", "DRMKernel",
        "Devices", "Fuzzing", "Litmus", "LitmusExplorer", "LitmusRunner", "Policies", "Reports",
        "Runs", "TraceSessions",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict
    ),

    // The system-on-chip of Scripts/vm --soc: the model, which only tests and the QEMU plugin use,
    // and the addresses that it shares with the guest images.
    .target(name: "SoCLayout", cSettings: [.treatAllWarnings(as: .error)]),
    .target(
      name: "SoCModel", dependencies: ["SoCLayout"],
      cSettings: [.treatAllWarnings(as: .error)]),

    // What Scripts/vm boots: device tree, registers, firmware, initramfs.
    .target(name: "GuestImages", dependencies: ["SoCLayout"], swiftSettings: strict),
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
      name: "TestSupport", dependencies: ["DRMKernel", "Litmus"], path: "Tests/TestSupport",
      swiftSettings: strict),
    // Enumerates all executions of small scripts on the mock, to check the explorer.
    .executableTarget(
      name: "gemsync-enumerate",
      dependencies: [
        "CDRM", "DRMDrivers", "DRMKernel", "LitmusExplorer", "Fuzzing", "MockDRM", "Litmus",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Tests/Enumerator", swiftSettings: strict),
    // Feeds changed scripts, traces, schedules, reports and device names to their readers.
    .executableTarget(
      name: "gemsync-read-fuzz",
      dependencies: [
        "CallTrace", "DRM", "DRMConformance", "DRMKernel", "Devices", "Fuzzing", "Litmus",
        "LitmusExplorer", "LitmusRunner", "Reports", "TraceSessions",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Tests/ReaderFuzzer", swiftSettings: strict),
    .testTarget(
      name: "EnumeratorTests", dependencies: ["gemsync-enumerate", "Litmus", "TestSupport"]),
    .testTarget(name: "DRMDriversTests", dependencies: ["DRMDrivers"]),
    .testTarget(name: "CDRMTests", dependencies: ["CDRM", "DRMKernel"]),
    .testTarget(name: "DRMKernelTests", dependencies: ["DRMKernel", "TestSupport"]),
    .testTarget(
      name: "MockDRMTests",
      dependencies: [
        "CDRM", "CMockSupport", "DRMDrivers", "DRMKernel", "Fuzzing", "MockDRM", "TestSupport",
      ]),
    .testTarget(
      name: "UAPILayoutsTests", dependencies: ["CDRM", "DRMDrivers", "DRMKernel", "UAPILayouts"]),
    .testTarget(
      name: "CallTraceTests",
      dependencies: [
        "CDRM", "CallTrace", "DRM", "DRMConformance", "DRMDrivers", "DRMKernel", "MockDRM",
        "TestSupport", "UAPILayouts",
      ]),
    .testTarget(name: "LitmusTests", dependencies: ["Litmus", "TestSupport"]),
    .testTarget(
      name: "LitmusExplorerTests",
      dependencies: ["DRMDrivers", "LitmusExplorer", "Litmus", "TestSupport"]),
    .testTarget(
      name: "LitmusRunnerTests",
      dependencies: [
        "DRM", "DRMDrivers", "DRMKernel", "LitmusExplorer", "MockDRM", "LitmusRunner", "Litmus",
        "TestSupport",
      ]),
    .testTarget(name: "BringUpTests", dependencies: ["BringUp", "DRMKernel", "MockDRM"]),
    .testTarget(
      name: "DRMTests", dependencies: ["CDRM", "DRM", "DRMKernel", "MockDRM", "TestSupport"]),
    .testTarget(
      name: "DRMConformanceTests",
      dependencies: [
        "DRM", "DRMConformance", "DRMDrivers", "DRMKernel", "MockDRM", "TestSupport",
      ]),
    .testTarget(
      name: "DevicesTests",
      dependencies: ["Devices", "DRMKernel", "MockDRM", "Reports", "TestSupport"],
      exclude: ["Machines"]),
    .testTarget(
      name: "TraceSessionsTests",
      dependencies: [
        "CallTrace", "DRM", "DRMDrivers", "DRMKernel", "Devices", "TestSupport", "TraceSessions",
      ]),
    .testTarget(
      name: "RunsTests",
      dependencies: [
        "CallTrace", "DRM", "DRMConformance", "DRMDrivers", "DRMKernel", "Devices", "Fuzzing",
        "MockDRM", "Reports", "Runs", "TestSupport",
      ]),
    .testTarget(name: "ReportsTests", dependencies: ["Reports", "DRMConformance", "Devices"]),
    .testTarget(
      name: "FuzzingTests",
      dependencies: ["CallTrace", "DRMDrivers", "DRMKernel", "Fuzzing", "MockDRM"]),
    .testTarget(name: "GuestImagesTests", dependencies: ["GuestImages", "SoCLayout"]),
    .testTarget(
      name: "SoCModelTests", dependencies: ["GuestImages", "SoCLayout", "SoCModel"]),
    .testTarget(name: "GEMSyncTests", dependencies: ["gemsync", "Reports", "CallTrace"]),
    .testTarget(
      name: "ReadmeTests",
      dependencies: [
        "DRM", "DRMDrivers", "DRMKernel", "MockDRM", "Policies", "gemsync",
      ]),
  ]
)
