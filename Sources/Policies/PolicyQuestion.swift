// SPDX-License-Identifier: MIT

internal import DRMDrivers

/// A question about drivers' sync rules, from the thread about the series, as a script.
public struct PolicyQuestion: Sendable {
  /// The question in a few words.
  public let title: String
  /// The drivers to which it applies.
  let drivers: [DRMDriver]
  /// Whether the device under test snoops.
  var isCoherent = false
  /// The steps; `FLAGS` stands for the flags of a private cached BO, `SHARED` for those of an exported one.
  let steps: String

  /// Returns the script for one driver.
  func text(_ driver: DRMDriver) -> String {
    let known = driver.facts.creationFlags
    // A BO that is never shared is private to one VM, where the driver has that flag.
    let flags = known.contains(.exclusive) ? "[wb_mmap, exclusive]" : "[wb_mmap]"
    let shared = known.contains(.writeBack) ? "[wb_mmap]" : "[]"
    let other: DRMDriver = driver == .panfrost ? .panthor : .panfrost
    return """
      version: 1
      about: \(title)
      nodes: {gpu: [\(driver)], other: [\(other)], memory: [udmabuf]}
      steps:

      """
        + steps.replacing("FLAGS", with: flags).replacing("SHARED", with: shared)
  }

  /// All questions, in the order of the table.
  public static let all: [PolicyQuestion] = [
    PolicyQuestion(
      title: "64 B in a 64 MiB BO, synced by range", drivers: DRMDriver.mali,
      steps: """
        - create: {bo: a, size: 64M, flags: FLAGS}
        - write: {bo: a, offset: 1M, size: 64}
        - sync: {bo: a, offset: 1M, size: 64, op: flush}
        - submit: {job: j, do: [{read: {bo: a, offset: 1M, size: 64}}]}
        - wait: {job: j}
        """),
    PolicyQuestion(
      title: "64 B in a 64 MiB BO, synced through its dma-buf", drivers: DRMDriver.mali,
      steps: """
        - create: {bo: a, size: 64M, flags: SHARED}
        - export: {bo: a}
        - begin: {bo: a, access: write}
        - write: {bo: a, offset: 1M, size: 64}
        - end: {bo: a, access: write}
        - submit: {job: j, do: [{read: {bo: a, offset: 1M, size: 64}}]}
        - wait: {job: j}
        """),
    PolicyQuestion(
      title: "Sub-allocation with the GPU busy on the neighbour, synced by range",
      drivers: DRMDriver.mali,
      steps: subAllocation("FLAGS", write: byRange, read: byRangeForReading)),
    PolicyQuestion(
      title: "Sub-allocation with the GPU busy on the neighbour, synced through the dma-buf",
      drivers: DRMDriver.mali, steps: subAllocation("SHARED", write: byBuffer, read: byBuffer)),
    PolicyQuestion(
      title: "CPU and GPU on one BO without racing", drivers: DRMDriver.mali,
      steps: """
        - create: {bo: a, size: 64K, flags: FLAGS}
        - write: {bo: a, size: 4K}
        - sync: {bo: a, size: 4K, op: flush}
        - submit: {job: j, do: [{read: {bo: a, size: 4K}}, {write: {bo: a, offset: 8K, size: 4K}}]}
        - write: {bo: a, offset: 16K, size: 100}
        - wait: {job: j}
        - sync: {bo: a, offset: 8K, size: 4K, op: flush_and_invalidate}
        - read: {bo: a, offset: 8K, size: 4K}
        - read: {bo: a, offset: 16K, size: 100}
        """),
    PolicyQuestion(
      title: "WB, exported, and a foreign importer that maps", drivers: DRMDriver.mali,
      steps: imported("SHARED") + "- map: {bo: b}\n" + roundTripThroughImport(on: "other")),
    PolicyQuestion(
      title: "WB, exported, and a foreign device that only reads", drivers: DRMDriver.mali,
      steps: imported("SHARED") + """
        - write: {bo: a, size: 4K}
        - sync: {bo: a, size: 4K, op: flush}
        - submit: {job: j, node: other, do: [{read: {bo: b, size: 4K}}]}
        - wait: {job: j}
        """),
    PolicyQuestion(
      title: "A foreign buffer, imported and mapped", drivers: DRMDriver.mali,
      steps: """
        - create: {bo: a, size: 64K, node: memory}
        - import: {bo: b, from: a}

        """ + roundTripThroughImport(on: "gpu")),
    PolicyQuestion(
      title: "A coherent device, without any sync", drivers: DRMDriver.mali, isCoherent: true,
      steps: """
        - create: {bo: a, size: 64K}
        - write: {bo: a, size: 4K}
        - submit: {job: j, do: [{read: {bo: a, size: 4K}}, {write: {bo: a, offset: 8K, size: 4K}}]}
        - wait: {job: j}
        - read: {bo: a, offset: 8K, size: 4K}
        """),
    PolicyQuestion(
      title: "A coherent device's BO, exported to one that does not snoop", drivers: DRMDriver.mali,
      isCoherent: true, steps: exportedToOther("[]")),
    PolicyQuestion(
      title: "powervr, cached (a coherent platform) and exported to one that does not snoop",
      drivers: [.powervr], isCoherent: true, steps: exportedToOther("[]")),
  ]

  /// A CPU write, a job that reads it and writes, and a CPU read, all through an imported BO.
  private static func roundTripThroughImport(on node: String) -> String {
    """
    - begin: {bo: b, access: write}
    - write: {bo: b, size: 4K}
    - end: {bo: b, access: write}
    - submit: {job: j, node: \(node), do: [{read: {bo: b, size: 4K}}, {write: {bo: b, offset: 8K, size: 4K}}]}
    - wait: {job: j}
    - begin: {bo: b, access: read}
    - read: {bo: b, offset: 8K, size: 4K}
    - end: {bo: b, access: read}
    """
  }

  /// Returns the steps that create a BO, export it and import it on the other device.
  private static func imported(_ flags: String) -> String {
    """
    - create: {bo: a, size: 64K, flags: \(flags)}
    - export: {bo: a}
    - import: {bo: b, from: a, node: other}

    """
  }

  private static func exportedToOther(_ flags: String) -> String {
    imported(flags) + """
      - begin: {bo: b, access: write}
      - write: {bo: b, size: 4K}
      - end: {bo: b, access: write}
      - submit: {job: j, node: other, do: [{read: {bo: b, size: 4K}}]}
      - wait: {job: j}
      """
  }

  private static let byRange = (
    begin: "", end: "- sync: {bo: a, offset: 8K, size: 4K, op: flush}\n"
  )
  private static let byRangeForReading = (
    begin: "- sync: {bo: a, offset: 12K, size: 4K, op: flush_and_invalidate}\n", end: ""
  )
  private static let byBuffer = (
    begin: "- begin: {bo: a, access: ACCESS}\n", end: "- end: {bo: a, access: ACCESS}\n"
  )

  /// The CPU and a second job use one sub-allocation, while a first job writes to another one.
  private static func subAllocation(
    _ flags: String, write: (begin: String, end: String), read: (begin: String, end: String)
  ) -> String {
    "- create: {bo: a, size: 64K, flags: \(flags)}\n"
      + (flags == "SHARED" ? "- export: {bo: a}\n" : "")
      + "- submit: {job: busy, queue: q1, do: [{write: {bo: a, size: 4K, as: picture}}]}\n"
      + write.begin.replacing("ACCESS", with: "write")
      + "- write: {bo: a, offset: 8K, size: 4K}\n"
      + write.end.replacing("ACCESS", with: "write")
      + "- submit: {job: j, queue: q2, do: [{read: {bo: a, offset: 8K, size: 4K}}, "
      + "{write: {bo: a, offset: 12K, size: 4K}}]}\n"
      + "- write: {bo: a, offset: 16K, size: 4K}\n"
      + "- wait: {job: j}\n"
      + read.begin.replacing("ACCESS", with: "read")
      + "- read: {bo: a, offset: 12K, size: 4K}\n"
      + read.end.replacing("ACCESS", with: "read")
      + "- read: {bo: a, offset: 16K, size: 4K}\n"
  }
}
