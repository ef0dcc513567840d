// SPDX-License-Identifier: MIT

import Foundation
import Testing

/// `gemsync list` and `gemsync doctor` of other machines.
@Suite struct MachineCommandTests {
  private static let machines = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "DevicesTests/Machines").path

  @Test(
    arguments: [
      ("usable", 0, 0), ("closed_node", 1, 1), ("firmware_missing", 1, 1), ("disabled", 1, 77),
      ("other_gpu", 1, 77), ("nothing", 1, 77), ("two_gpus", 0, 0), ("lima", 1, 1),
      ("bus_disabled", 1, 77), ("sysfs_closed", 1, 1),
    ] as [(String, Int32, Int32)])
  func exitCodesSayWhatIsUsable(_ name: String, _ list: Int32, _ doctor: Int32) throws {
    let file = "\(Self.machines)/\(name).txt"
    #expect(try gemsync("list", "--root", file).code == list)
    for format in ["human", "json"] {
      let result = try gemsync("doctor", "--root", file, "--format", format)
      #expect(result.code == doctor && !result.output.isEmpty && result.errors.isEmpty)
    }
  }

  @Test func doctorSaysWhyAndWhatToTry() throws {
    let result = try gemsync("doctor", "--root", "\(Self.machines)/firmware_missing.txt")
    for part in [
      "why   panthor could not load its firmware arm/mali/arch10.8/mali_csffw.bin (-2, ENOENT)",
      "seen  kernel log: panthor fb000000.gpu: Direct firmware load for arm/mali", "try   install",
      "Without --device, commands fail with exit code 1.",
    ] {
      #expect(result.output.contains(part))
    }
    let json = try gemsync(
      "doctor", "--root", "\(Self.machines)/closed_node.txt", "--format", "json")
    #expect(
      json.output.contains("\"state\" : \"closed\"") && json.output.contains("schema_version"))
  }

  @Test func collectionOfThisMachineIsReadAgain() throws {
    try inDirectory { directory in
      let file = directory + "/machine.txt"
      let here = try gemsync("doctor", "--collect", file)
      let again = try gemsync("doctor", "--root", file)
      #expect(again.code == here.code)
      let copy = directory + "/copy.txt"
      _ = try gemsync("doctor", "--root", file, "--collect", copy)
      #expect(
        try String(contentsOfFile: copy, encoding: .utf8)
          == String(contentsOfFile: file, encoding: .utf8))
    }
  }

  @Test func waitEndsAtItsTime() throws {
    try inDirectory { directory in
      let start = ContinuousClock.now
      let result = try gemsync("doctor", "--root", directory, "--wait", "1")
      let time = ContinuousClock.now - start
      #expect(result.code == 77 && time > .seconds(1) && time < .seconds(30))
    }
  }

  /// A node that comes while `doctor` waits ends the wait.
  @Test func waitEndsWithAUsableGPU() throws {
    try inDirectory { directory in
      let device = directory + "/sys/class/drm/renderD128/device"
      let line =
        "(sleep 1; mkdir -p \(directory)/dev/dri \(device); echo DRIVER=panthor > \(device)/uevent; "
        + ": > \(directory)/dev/dri/renderD128) & gemsync doctor --root \(directory) --wait 60"
      let result = try CommandResult(shell: line, in: directory)
      #expect(result.code == 0 && result.output.contains("/dev/dri/renderD128  usable  panthor"))
    }
  }

  @Test func interruptionEndsAWait() throws {
    try inDirectory { directory in
      // A shell starts background jobs with SIGINT ignored; env restores it.
      let line =
        "env --default-signal=INT gemsync doctor --root \(directory) --wait 60 & sleep 1; kill -INT $!; wait $!"
      let result = try CommandResult(shell: line, in: directory)
      #expect(result.code == 130)
    }
  }

  @Test(arguments: [
    (["doctor", "--root", "/nonexistent"], "/nonexistent: No such file or directory"),
    (["list", "--root", "\(Self.machines)/../FakeRoot.swift"], ":1: the first line is not"),
    (["doctor", "--wait=-1"], "--wait -1"),
    (["doctor", "--user", "absent-user"], "no such user"),
    (["doctor", "--wait", "1", "--root", "x.txt"], "does not change"),
  ])
  func refusesOtherInput(_ arguments: [String], _ part: String) throws {
    let result = try gemsync(arguments)
    #expect(result.code == 2 && result.output.isEmpty)
    #expect(result.errors.contains(part), "\(result.errors)")
    #expect(result.errors.split(separator: "\n").count == 1)
  }

  @Test func mocksAreListed() throws {
    let result = try gemsync("list", "--mocks")
    #expect(result.code == 0)
    #expect(result.output.contains("mock:rk3588  usable  panthor 1.9.0  non-coherent"))
    #expect(result.output.contains("mock:tyr  refused"))
  }
}
