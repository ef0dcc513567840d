// SPDX-License-Identifier: MIT

internal import CallTrace
internal import DRM
internal import DRMConformance
internal import Devices
internal import Foundation
internal import Litmus
internal import Reports
internal import TraceSessions

/// Valid inputs of each kind.
enum SeedFiles {
  /// The scripts of a folder's `Litmus`, and some with what those lack.
  static func scripts(_ tests: String) throws -> [[UInt8]] {
    let folder = "\(tests)/Litmus"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    return try names.filter { $0.hasSuffix(".yaml") }.map {
      try InputFile.contents(of: "\(folder)/\($0)")
    } + [scheduledText, large].map { Array($0.utf8) }
  }

  /// Short traces: of each kind of check, and the first calls of a folder's `Traces`.
  static func traces(_ tests: String) throws -> [[UInt8]] {
    var texts: [[UInt8]] = []
    for (device, pattern) in [
      ("mock:panthor", "panthor.bo_sync.whole"), ("mock:panthor", "panthor.bo_create"),
      ("mock:panthor", "panthor.mmap"), ("mock:panthor", "panthor.group_submit"),
      ("mock:panthor", "panthor.vm_bind"), ("mock:panthor,heap", "heap"),
      ("mock:panfrost", "panfrost.sync_bo"), ("mock:panfrost", "panfrost.submit"),
      ("mock:panfrost,coherent,page=16k", "panfrost.prime"), ("mock:panthor", "core.syncobj_wait"),
      ("mock:panthor,kernel=6.12", "udmabuf"), ("mock:panthor", "core.version"),
    ] {
      for selector in try DeviceSelector.list(parsing: [device, "mock:vgem"]) {
        let path = FileManager.default.temporaryDirectory.path() + "/seed-\(getpid()).jsonl"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let recording = Recording(
          by: "seed", of: ["check", pattern], at: nil, to: try TraceFile(path))
        let selection = try recording.attach(to: [DeviceResolver().resolve(selector)])
        guard let first = selection.first?.devices.first else { continue }
        _ = CheckRunner(Array(CheckCatalog.matching(pattern).prefix(3))).run(on: first) { _ in }
        if try recording.end() > 0 { texts.append(try InputFile.contents(of: path)) }
      }
    }
    for name in try FileManager.default.contentsOfDirectory(atPath: "\(tests)/Traces").sorted() {
      let bytes = try InputFile.contents(of: "\(tests)/Traces/\(name)")
      // A trace that is cut off is a trace.
      texts.append(Array(bytes.split(separator: 0x0a).prefix(121).joined(separator: [0x0a])))
    }
    return texts
  }

  /// Schedules for ``scheduledScript()``.
  static func schedules() throws -> [String] {
    let events = [
      "\"action\": \"evict\", \"buffer\": \"a\", \"offset\": 0, \"size\": 64",
      "\"action\": \"fill\", \"buffer\": \"a\", \"offset\": 64, \"size\": 128",
      "\"action\": \"run\", \"job\": \"j\"", "\"action\": \"lose\"", "\"action\": \"write_back\"",
    ]
    let rows = events.enumerated().map { index, event in
      "{\"step\": \(index + 1), \"waiting\": \(index == 9), \(event)}"
    }
    return (1...rows.count).map { count in
      "{\"schema_version\": 1, \"events\": [\(rows.prefix(count).joined(separator: ",\n"))]}\n"
    }
  }

  static func scheduledScript() throws -> Script {
    try ScriptReader.read(path: "s.yaml", text: scheduledText)
  }

  static let scheduledText = """
    version: 1
    about: Two jobs and every kind of sync.
    nodes: {gpu: [panthor, panfrost]}
    steps:
    - create: {bo: a, size: 4K, flags: [wb_mmap]}
    - write: {bo: a, size: 4, as: w1}
    - sync: {bo: a, size: 64, op: flush}
    - submit: {job: j, do: [{read: {bo: a, size: 4, sees: w1}}, {write: {bo: a, offset: 64, size: 4}}]}
    - wait: {job: j}
    - sync: {bo: a, offset: 64, size: 4, op: flush_and_invalidate}
    - read: {bo: a, offset: 64, size: 4}

    """

  private static let large = """
    version: 1
    steps:
    - create: {bo: a, size: 1024M, flags: [wb_mmap]}
    - write: {bo: a, offset: 0x1000, size: 1M, as: w1}
    - submit: {job: j, do: [{read: {bo: a, size: 64K}}, {write: {bo: a, offset: 1M, size: 64K}}]}
    - wait: {job: j}
    - close: {bo: a}

    """

  static func reports() throws -> [String] {
    try [("mock:panthor", "core.version"), ("mock:panfrost,coherent", "panfrost.sync_bo")].map {
      let selection = try DeviceResolver().resolve(DeviceSelector(parsing: $0))
      let runner = CheckRunner(Array(CheckCatalog.matching($1).prefix(8)))
      let rows = selection.devices.flatMap { device in
        runner.run(on: device) { _ in }.map { ResultRow($0, on: device.description) }
      }
      return Report(on: [selection], results: rows, notRun: 2).json()
    }
  }

  static let devices = [
    "mock:panthor", "mock:panfrost,coherent", "mock:rk3588,minor=6", "mock:all,page=16k",
    "mock:panthor,kernel=6.12,heap", "mock:panthor,policy=series-v4,evict=seed:7,fill=never",
    "mock:panfrost,invalidate=write_back,line=128,jobs=early", "mock:panthor,fault=sync_bound",
    "mock:vgem", "mock:powervr", "mock:tyr", "driver:panthor", "of:compatible=rockchip,rk3588-mali",
    "all", "/dev/null", "/dev/dri/renderD128",
  ]
}
