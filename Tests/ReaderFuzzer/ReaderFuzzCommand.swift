// SPDX-License-Identifier: MIT

internal import ArgumentParser
internal import Dispatch
internal import DRMKernel
internal import Foundation

/// Feeds changed inputs to every reader of this package, in child processes that may crash.
@main
struct ReaderFuzzCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gemsync-read-fuzz",
    abstract:
      "Change scripts, traces, schedules, reports and device names at random, and read them.",
    discussion: """
      A reader that traps, ends or takes longer than the limit is a failure. Its input is kept and named.
      With --command, the inputs are given to a gemsync as files, and its exit codes and messages are judged.

      Examples:
        gemsync-read-fuzz --count 1000
        gemsync-read-fuzz --count 200 --command .build/release/gemsync
      """)

  @Option(help: "The kinds of input; without it, all.")
  var kind: [ReaderKind] = []

  @Option(help: "The number of inputs of each kind.")
  var count = 1000

  @Option(help: "The number of the first input.")
  var first = 0

  @Option(help: "The seed of the random source.")
  var seed: UInt64 = 1

  @Option(help: "The seconds after which an input counts as a hang.")
  var limit = 5

  @Option(help: "The folder with Litmus and Traces.")
  var tests = "Tests"

  @Option(help: "Give the inputs to this gemsync, and judge its exit codes and messages.")
  var command: String?

  @Option(help: "Keep the inputs that fail in this folder.")
  var keep = "."

  @Flag(help: "Read in this process, and print the number of each input before it is read.")
  var child = false

  func validate() throws {
    guard count > 0, first >= 0, limit > 0 else {
      throw ValidationError("--count and --limit are at least 1, --first at least 0")
    }
  }

  func run() throws {
    let kinds = kind.isEmpty ? ReaderKind.allCases : kind
    if child { return try kinds.forEach(readAll) }
    let failures = Guarded(0)
    let command = self
    DispatchQueue.concurrentPerform(iterations: kinds.count) { index in
      let start = ContinuousClock.now
      do {
        let failed = try command.judge(kinds[index])
        let seconds = Int((ContinuousClock.now - start) / .seconds(1))
        print("\(kinds[index].rawValue): \(command.count) inputs, \(failed) failures, \(seconds) s")
        failures.withLock { $0 += failed }
      } catch {
        print("\(kinds[index].rawValue): \(error)")
        failures.withLock { $0 += 1 }
      }
    }
    guard failures.withLock({ $0 }) == 0 else { throw ExitCode(1) }
  }

  private func judge(_ kind: ReaderKind) throws -> Int {
    let mutator = Mutator(try kind.seeds(tests))
    let supervisor = Supervisor(kind: kind, mutator: mutator, seed: seed, keep: keep)
    if let command {
      return try supervisor.runCommands(command, first..<(first + count), limit: limit)
    }
    let options = ["--seed", "\(seed)", "--limit", "\(limit)", "--tests", tests]
    return try supervisor.runChildren(first..<(first + count), options)
  }

  /// Reads the inputs of a kind; SIGALRM ends the process where one takes too long.
  private func readAll(_ kind: ReaderKind) throws {
    var size = rlimit()
    size.rlim_cur = 8 << 30
    size.rlim_max = 8 << 30
    _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &size)
    let mutator = Mutator(try kind.seeds(tests))
    let path = NSTemporaryDirectory() + "read-fuzz-\(getpid())"
    defer { try? FileManager.default.removeItem(atPath: path) }
    for number in first..<(first + count) {
      FileHandle.standardOutput.write(Data("\(number)\n".utf8))
      let text = mutator.text(seed: seed, number: number)
      try Data(text).write(to: URL(filePath: path))
      alarm(UInt32(limit))
      kind.use(text, at: path)
      alarm(0)
    }
    FileHandle.standardOutput.write(Data("end\n".utf8))
  }
}
