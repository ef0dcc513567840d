// SPDX-License-Identifier: MIT

import ArgumentParser
import CallTrace
import DRMKernel
import Devices
import Reports
import TraceSessions

/// The subcommand `gemsync replay`.
struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Make the calls of a trace again and compare their results.",
    discussion: """
      Without --device, the calls are made on mocks of the recorded devices: same drivers, versions,
      coherency, page size and mock options. Exit code 1 means that a result differs. A recording
      that was cut off is replayed up to there, and the calls in flight are named.

      Examples:
        gemsync replay board.jsonl
        gemsync replay mock.jsonl --device all --keep-going
      """
  )

  @Argument(help: "A trace written by 'gemsync record'; '-' is stdin.")
  var trace: String

  @OptionGroup var devices: DeviceOptions

  @Flag(help: "Do not stop at the first difference.")
  var keepGoing = false

  func run() throws {
    let trace = try Trace(parsing: try InputFile.contents(of: self.trace), named: name)
    guard !trace.calls.isEmpty || !trace.callsInFlight.isEmpty else {
      throw ReportError(description: "\(name): the trace has no call to replay")
    }
    let stage = try ReplayStage(for: trace, in: name, on: selections())
    for notice in stage.notices { Terminal.complain(notice) }
    Interruption.begin()
    let player = CallPlayer(stage.kernel, nodes: stage.nodes)
    defer { player.end() }
    var replay = Replay(player)
    var differences = 0
    for (index, recorded) in trace.calls.enumerated() {
      guard !Interruption.isPending else {
        throw Interruption.end(after: index, of: trace.calls.count, "calls")
      }
      guard let difference = replay.play(recorded, index: index) else { continue }
      differences += 1
      report(difference, at: trace.line(ofCall: index))
      if !keepGoing { throw ExitCode(1) }
    }
    let result = differences == 0 ? "no difference" : "\(differences) differences"
    Terminal.say("\(trace.calls.count) calls, \(result)\n")
    reportCut(of: trace)
    if differences > 0 { throw ExitCode(1) }
  }

  /// The trace's name in messages.
  private var name: String { InputFile.name(of: trace) }

  /// The devices to replay on; empty where mocks of the recorded devices are to be used.
  private func selections() throws -> [Selection] {
    devices.devices.isEmpty && !devices.requireHardware ? [] : try devices.resolve()
  }

  /// Names the calls of a recording that was cut off whose results it has not.
  private func reportCut(of trace: Trace) {
    guard trace.isCutOff else { return }
    for last in trace.callsInFlight {
      Terminal.complain(
        "\(name):\(last.line): the recording ends in \(last.call): its result was not recorded, "
          + "and it is not made again")
    }
    if trace.callsInFlight.isEmpty {
      Terminal.complain("\(name): the recording is cut off after \(trace.calls.count) calls")
    }
  }

  private func report(_ difference: Replay.Difference, at line: Int) {
    let lines = [
      "\(trace):\(line): \(difference.summary)", "  recorded \(difference.recorded)",
      "  replayed \(difference.replayed)",
    ]
    Terminal.say(lines.map { $0.printable + "\n" }.joined())
  }
}
