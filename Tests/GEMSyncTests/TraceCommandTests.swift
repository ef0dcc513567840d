// SPDX-License-Identifier: MIT

import Foundation
import Testing
import CallTrace

/// `record`, `replay` and `check --trace`, run as processes.
@Suite struct TraceCommandTests {
  @Test func recordedTraceReplays() throws {
    try inDirectory { directory in
      let file = directory + "/t.jsonl"
      let record = try gemsync(
        "record", "-o", file, "--", "check", "--device", "mock:all", "--format", "json")
      #expect(record.code == 0 && record.errors.isEmpty)
      #expect(record.output.contains("\"schema_version\" : 1"))
      let text = try String(contentsOfFile: file, encoding: .utf8)
      let trace = try Trace(parsing: Array(text.utf8), named: file)
      #expect(trace.header.command == ["check", "--device", "mock:all", "--format", "json"])
      #expect(trace.header.tool.hasPrefix("gemsync "))
      #expect(trace.header.devices.map(\.driver) == ["panfrost", "panfrost", "panthor", "panthor"])
      #expect(trace.header.devices.map(\.primaryNode).contains("/dev/dri/card3"))
      #expect(trace.header.time?.hasSuffix("Z") == true)
      #expect(trace.calls.allSatisfy { ($0.start ?? -1) >= 0 && ($0.seconds ?? -1) >= 0 })
      let replay = try gemsync("replay", file)
      #expect(replay.code == 0 && replay.errors.isEmpty)
      #expect(replay.output == "\(trace.calls.count) calls, no difference\n")
      let other = try gemsync("replay", file, "--device", "mock:all")
      #expect(other.code == 0 && other.output == replay.output && other.errors.isEmpty)
    }
  }

  @Test func anotherPageSizeAndVersionAreAdopted() throws {
    try inDirectory { directory in
      for (index, device) in [
        "mock:panthor,minor=6,page=16k", "mock:panfrost,minor=0", "mock:panthor,coherent",
      ].enumerated() {
        let file = directory + "/\(index)"
        #expect(
          try gemsync("record", "-o", file, "--", "check", "--device", device).code == 0)
        let replay = try gemsync("replay", file)
        #expect(replay.code == 0, "\(replay.output)")
      }
    }
  }

  @Test func differencesAreReportedByLine() throws {
    try inDirectory { directory in
      let file = directory + "/t.jsonl"
      _ = try gemsync(
        "record", "-o", file, "--no-times", "--", "check", "core.version", "core.get_cap",
        "--device", "mock:panthor,coherent")
      let one = try gemsync("replay", file, "--device", "mock:panthor")
      #expect(one.code == 1)
      #expect(
        one.output.hasPrefix(
          "\(file):8: PANTHOR_DEV_QUERY selected_coherency: recorded 0, replayed 0x1f\n"
            + "  recorded PANTHOR_DEV_QUERY(fd 1, type=GPU_INFO size=112 pointer={}) = 0 "))
      #expect(one.output.split(separator: "\n").count == 3)
      #expect(
        one.errors
          == "gemsync: /dev/dri/renderD128 (panthor, coherent) is replayed on mock:panthor (panthor, "
          + "non-coherent)\n")
      let all = try gemsync("replay", file, "--device", "mock:panthor", "--keep-going")
      #expect(all.code == 1)
      let count = all.output.split(separator: "\n").count { $0.hasPrefix(file) }
      #expect(count > 1 && all.output.hasSuffix(" calls, \(count) differences\n"))
    }
  }

  @Test func exitCodeOfRecordIsThatOfItsCommand() throws {
    try inDirectory { directory in
      let file = directory + "/t.jsonl"
      let skipped = try gemsync(
        "record", "-o", file, "--", "check", "panthor.bo_sync.whole", "--device",
        "mock:panthor,minor=6")
      #expect(skipped.code == 77)
      #expect(try gemsync("replay", file).code == 0)
      let nothing = try gemsync("record", "-o", file + "2", "--", "check", "--list")
      #expect(nothing.code == 1 && nothing.errors.contains("no call was made"))
      #expect(!FileManager.default.fileExists(atPath: file + "2"))
    }
  }

  @Test(arguments: [
    "check --device mock:panfrost,heap", "fuzz --device mock:panthor --ops 500 --seed 3",
    "run Tests/Litmus --device mock:panfrost,heap", "bringup --device mock:panthor",
    "check core.syncobj --device mock:panthor",
  ])
  func twoRunsWithoutTimesAreTheSameFile(_ command: String) throws {
    try inDirectory { directory in
      let tests =
        URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().path + "/"
      let files = ["a", "b"].map { directory + "/" + $0 }
      for file in files {
        let words = command.replacing("Tests/", with: tests).split(separator: " ").map(String.init)
        let result = try gemsync(["record", "--no-times", "-o", file, "--"] + words)
        #expect(result.code <= 1, "\(result.errors)")
      }
      #expect(FileManager.default.contentsEqual(atPath: files[0], andPath: files[1]))
    }
  }

  /// A recording replays on its own mock, with every option of a mock.
  @Test(
    arguments: [
      "panthor", "panfrost", "panthor,heap", "panfrost,policy=series-v4", "panthor,minor=6",
      "panfrost,kernel=6.12", "panthor,page=16k,line=128", "panthor,coherent,jobs=early",
      "panfrost,fault=sync_bound", "panthor,coherent,fault=snooping",
      "panthor,evict=seed:3,fill=seed:4,invalidate=seed:5",
    ], [1, 2] as [Int])
  func aRecordingReplaysOnItsOwnMock(_ device: String, _ seed: Int) throws {
    try inDirectory { directory in
      let file = directory + "/t.jsonl"
      for command in [
        ["fuzz", "--ops", "300", "--seed", "\(seed)"],
        seed == 1
          ? ["check", "core.prime", "core.syncobj", "panthor.bo_sync", "dma_buf", "heap"]
          : ["bringup", "--trials", "1"],
      ] {
        let record = try gemsync(
          ["record", "-o", file, "--"] + command + ["--device", "mock:\(device)"])
        #expect(record.code <= 1, "\(record.errors)")
        let replay = try gemsync("replay", file)
        #expect(
          replay.code == 0 && replay.output.hasSuffix(" calls, no difference\n"), "\(replay.output)"
        )
      }
    }
  }

  /// What a killed recording leaves is a trace that replays up to the call in flight.
  @Test func aKilledRecordingReplays() throws {
    try inDirectory { directory in
      for round in 0..<6 {
        let file = directory + "/\(round)"
        let process = Process()
        process.executableURL = try CommandResult.program("gemsync")
        process.arguments = [
          "record", "--no-times", "-o", file, "--", "fuzz", "--device", "mock:panthor", "--ops",
          "1000000", "--seed", "\(round)",
        ]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        var size = 0
        while size < 1000 * (1 + round * 37) {
          usleep(2000)
          let attributes = try? FileManager.default.attributesOfItem(atPath: file)
          size = attributes?[.size] as? Int ?? 0
        }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        let replay = try gemsync("replay", file)
        #expect(
          replay.code == 0 && replay.output.hasSuffix(" calls, no difference\n"), "\(replay.output)"
        )
        #expect(replay.errors.hasPrefix("gemsync: \(file):"))
        #expect(replay.errors.contains("the recording "), "\(replay.errors)")
      }
    }
  }

  /// The trace is not a file of the recorded command; what is there stays.
  @Test func aTraceIsNoFileOfItsCommand() throws {
    try inDirectory { directory in
      let script = directory + "/a.yaml"
      try ExampleScript.flush.write(toFile: script, atomically: true, encoding: .utf8)
      for (trace, arguments) in [
        (script, ["run", script]), (script, ["run", directory]),
        (directory + "/./a.yaml", ["run", script]), (directory + "/new.yaml", ["run", directory]),
        (directory + "/t", ["check", "core.version", "--output", directory + "/t"]),
        (directory + "/t", ["check", "core.version", "--output=\(directory)/t"]),
      ] {
        let result = try gemsync(
          ["record", "-o", trace, "--"] + arguments + ["--device", "mock:panthor"])
        #expect(result.code == 2 && result.errors.split(separator: "\n").count == 1)
        #expect(
          ["is an input too", "is the output of record too", "the command uses this file too"]
            .contains { result.errors.contains($0) }, "\(result.errors)")
        #expect(result.output.isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["a.yaml"])
      }
      #expect(try String(contentsOfFile: script, encoding: .utf8) == ExampleScript.flush)
    }
  }

  @Test func aHostileTraceIsRefused() throws {
    try inDirectory { directory in
      let file = directory + "/t.jsonl"
      _ = try gemsync(
        "record", "-o", file, "--no-times", "--", "check", "core.version", "--device",
        "mock:panthor")
      let text = try String(contentsOfFile: file, encoding: .utf8)
      let count = text.split(separator: "\n").count / 2 - 1
      for (line, result, reason) in [
        (#""call":"open","in":{"path":"/dev/sda","flags":0}"#, #""fd 999""#, "opens no device"),
        (#""call":"ioctl","on":"fd 1","request":"0x5401""#, #""ENOTTY""#, "unknown call"),
        (
          #""call":"munmap","on":"elsewhere","in":{"length":-1}"#, "-9223372036854775808",
          "is not a result"
        ),
      ] {
        let more =
          "{\"n\":\(count + 1),\(line)}\n{\"n\":\(count + 1),\"result\":\(result)}\n{\"end\""
        try text.replacing("{\"end\"", with: more)
          .replacing(":\(count)}", with: ":\(count + 1)}")
          .write(toFile: file, atomically: true, encoding: .utf8)
        let replay = try gemsync("replay", file)
        #expect(replay.code == 2 && replay.output.isEmpty)
        #expect(
          replay.errors.hasPrefix("gemsync: \(file):") && replay.errors.contains(reason),
          "\(replay.errors)")
      }
    }
  }

  @Test func traceWithoutCallsIsAnError() throws {
    try inDirectory { directory in
      let file = directory + "/t.jsonl"
      _ = try gemsync(
        "record", "-o", file, "--", "check", "core.version", "--device", "mock:panthor")
      let header = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")[0]
      try "\(header)\n{\"end\":0}\n".write(toFile: file, atomically: true, encoding: .utf8)
      let result = try gemsync("replay", file)
      #expect(result.code == 2 && result.errors.contains("has no call to replay"))
      try "\(header)\n".write(toFile: file, atomically: true, encoding: .utf8)
      #expect(try gemsync("replay", file).code == 2)
    }
  }

  @Test func machineWithTooFewDevicesIsAnError() throws {
    try inDirectory { directory in
      let file = directory + "/t.jsonl"
      _ = try gemsync("record", "-o", file, "--", "check", "core.get_cap", "--device", "mock:all")
      let result = try gemsync("replay", file, "--device", "mock:panthor")
      #expect(result.code == 1 && result.errors.contains("no device is left to replay"))
    }
  }

  @Test(arguments: [
    (["record", "-o", "/nowhere/x", "--", "check", "--device", "mock:panthor"], "/nowhere/x"),
    (["record", "-o", "/dev/null"], "record needs a command"),
    (["record", "-o", "/dev/null", "--", "list"], "record does not run 'list'"),
    (["record", "-o", "/dev/null", "--", "check", "no.such"], "no check matches"),
    (["record", "-o", "/dev/null", "--", "check", "--frobnicate"], "--frobnicate"),
    (["record", "--", "check"], "-o"), (["replay", "/nowhere/t"], "/nowhere/t"),
    (["replay", "/proc/version"], "/proc/version:1:1: not a trace"), (["replay"], "trace"),
  ])
  func badInputIsOneLineAndExitCode2(_ arguments: [String], _ part: String) throws {
    let result = try gemsync(arguments)
    #expect(result.code == 2)
    #expect(
      result.errors.hasPrefix("gemsync: ") && result.errors.contains(part), "\(result.errors)")
    #expect(result.errors.split(separator: "\n").count == 1 && result.output.isEmpty)
  }

  @Test func liveTraceShowsEachCall() throws {
    let result = try gemsync(
      "check", "panthor.bo_create.size_zero", "--trace", "--device", "mock:panthor")
    #expect(result.code == 0)
    let lines = result.errors.split(separator: "\n")
    #expect(lines.first == "# mock:panthor panthor.bo_create.size_zero")
    #expect(
      lines.contains("PANTHOR_BO_CREATE(fd 1, size=0 flags=0 exclusive_vm_id=0) = EINVAL"))
    #expect(lines.contains { $0.hasPrefix("open(path=/dev/dri/renderD128 ") })
    #expect(!result.output.contains("PANTHOR_BO_CREATE("))
  }
}
