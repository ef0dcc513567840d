// SPDX-License-Identifier: MIT

import DRM
import DRMDrivers
import DRMKernel
import MockDRM
import Testing

@testable import DRMConformance

/// Checks that need a device file which this user may not open.
@Suite struct ClosedFileTests {
  @Test(
    arguments: [
      (13, "needs /dev/udmabuf: it is closed here"), (2, "needs /dev/udmabuf"),
      (24, "needs /dev/udmabuf: it is closed here"),
    ] as [(CInt, String)])
  func skipSaysThatTheFileIsThere(_ errno: CInt, _ reason: String) throws {
    let result = try skip(errno, ["/dev/udmabuf": "it is closed here"])
    #expect(result.verdict == .skip && result.reason == reason)
  }

  @Test func unexplainedErrnoIsNamed() throws {
    #expect(try skip(13, [:]).reason == "needs /dev/udmabuf: it cannot be opened: EACCES")
  }

  private func skip(_ errno: CInt, _ files: [String: String]) throws -> CheckResult {
    let kernel = Kernel.substitute(
      ClosedFile(.substitute(MockKernel([MockProfile(.panthor)])), errno: errno))
    var device = DRMDevice(
      DeviceDescription(path: "/dev/dri/renderD128", driver: "panthor"), kernel: kernel)
    device.closedFiles = files
    let check = try #require(CheckCatalog.matching("udmabuf.create.range").first)
    var results: [CheckResult] = []
    _ = CheckRunner([check]).run(on: device) { event in
      if case .ended(let result, _) = event { results.append(result) }
    }
    return try #require(results.first)
  }
}

/// A kernel that does not open `/dev/udmabuf`.
private final class ClosedFile: ForwardingKernel, @unchecked Sendable {
  // Sendable as its superclass.
  private let errno: CInt

  init(_ base: Kernel, errno: CInt) {
    self.errno = errno
    super.init(base)
  }

  override func open(_ path: String, flags: CInt) -> CInt {
    path == "/dev/udmabuf" ? -errno : super.open(path, flags: flags)
  }
}
