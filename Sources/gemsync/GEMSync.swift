// SPDX-License-Identifier: MIT

import ArgumentParser
import CDRM
import Devices
import Reports
import Runs
import Litmus
import CallTrace

/// The command: `gemsync SUBCOMMAND`.
struct GEMSync: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gemsync",
    abstract: "Check the memory uAPI of Arm Mali DRM drivers, on a board or on a mock.",
    discussion: """
      Exit codes: 0 all passed or were skipped with a reason, 1 something failed or cannot be used,
      2 usage, or a file that cannot be read, 77 everything was skipped, 130 and 143 interrupted.

      Examples:
        gemsync list
        gemsync check --device mock:panthor
      """,
    version: "0.1.0",
    subcommands: [
      ListCommand.self, DoctorCommand.self, InfoCommand.self, CheckCommand.self, DiffCommand.self,
      RecordCommand.self,
      ReplayCommand.self,
      FuzzCommand.self, ExploreCommand.self,
      PoliciesCommand.self, BringUpCommand.self, RunCommand.self,
    ]
  )
}

@main
enum Main {
  static func main() {
    cdrm_end_on_interrupts()
    Terminal.occupyStreams()
    let arguments = Array(CommandLine.arguments.dropFirst())
    // Before arguments are parsed, which takes longer than most items.
    if arguments == ItemProcess.arguments { ItemProcess.run() }
    do {
      try UsageError.check(arguments)
      var command = try GEMSync.parseAsRoot(arguments)
      try command.run()
    } catch let error as DeviceError {
      Terminal.complain("\(error)")
      Terminal.exit(error.exitCode)
    } catch let error as ReportError {
      Terminal.complain("\(error)")
      Terminal.exit(error.exitCode)
    } catch let error as ScriptError {
      Terminal.complain("\(error)")
      Terminal.exit(2)
    } catch let error as TraceError {
      Terminal.complain("\(error)")
      Terminal.exit(2)
    } catch let error as UsageError {
      end(with: error)
    } catch let code as ExitCode {
      Terminal.exit(code.rawValue)
    } catch {
      end(with: error, of: arguments.first { GEMSync.subcommand($0) != nil })
    }
  }

  /// Reports wrong usage in one line that names the help of the subcommand.
  private static func end(with error: UsageError) -> Never {
    let help = ["gemsync", error.command, "--help"].compactMap(\.self).joined(separator: " ")
    Terminal.complain("\(error.message); see '\(help)'")
    Terminal.exit(2)
  }

  /// Ends as ArgumentParser does, but reports wrong usage in one line and with exit code 2.
  private static func end(with error: any Error, of command: String?) -> Never {
    let code = GEMSync.exitCode(for: error)
    if code == .success {
      Terminal.say(GEMSync.fullMessage(for: error) + "\n")
    } else if code == .validationFailure {
      end(with: UsageError(GEMSync.message(for: error), of: command))
    } else {
      Terminal.complain("\(error)")
    }
    Terminal.exit(code.rawValue)
  }
}
