// SPDX-License-Identifier: MIT

import ArgumentParser
import Devices
import Reports
import Litmus
import CallTrace

/// The command: `gemsync SUBCOMMAND`.
struct GEMSync: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gemsync",
    abstract: "Check the memory uAPI of Arm Mali DRM drivers, on a board or on a mock.",
    discussion: """
      Exit codes: 0 all passed or were skipped with a reason, 1 something failed or cannot be used,
      2 usage, 77 everything was skipped.

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
    do {
      var command = try GEMSync.parseAsRoot()
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
    } catch let code as ExitCode {
      Terminal.exit(code.rawValue)
    } catch {
      end(with: error)
    }
  }

  /// Ends as ArgumentParser does, but reports wrong usage in one line and with exit code 2.
  private static func end(with error: any Error) -> Never {
    let code = GEMSync.exitCode(for: error)
    if code == .success {
      Terminal.say(GEMSync.fullMessage(for: error) + "\n")
    } else if code == .validationFailure {
      Terminal.complain("\(GEMSync.message(for: error)); see 'gemsync --help'")
      Terminal.exit(2)
    } else {
      Terminal.complain("\(error)")
    }
    Terminal.exit(code.rawValue)
  }
}
