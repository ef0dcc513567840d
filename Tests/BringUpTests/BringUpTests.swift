// SPDX-License-Identifier: MIT

@testable import BringUp
import DRM
import DRMDrivers
import DRMKernel
import MockDRM
import Testing

/// Bring-up of mocks that report their coherency correctly, and of others.
@Suite struct BringUpTests {
  @Test(arguments: ["panthor", "panfrost"])
  func syncsAreNeededWhereTheDeviceDoesNotSnoop(_ driver: String) throws {
    let found = try outcomes(on: driver)
    #expect(found.allSatisfy { $0.isFresh })
    for path in AccessPath.allCases {
      for direction in [AccessOutcome.Direction.toDevice, .fromDevice] {
        let id = "wb.\(path.rawValue).\(direction.rawValue)"
        let outcome = try #require(found.first { $0.id == id })
        #expect(outcome.isStaleWithout && outcome.syncs.contains { $0.isNeeded }, "\(outcome.id)")
      }
    }
    #expect(found.filter { $0.memory == .writeCombining }.allSatisfy { !$0.isStaleWithout })
    let verdict = BringUpVerdict(isCoherent: false, found, [])
    #expect(verdict.claim == .confirmed && verdict.isSound)
    #expect(verdict.lines[0].hasPrefix("Coherency claim: non-coherent, confirmed. Stale bytes"))
    #expect(
      verdict.lines.contains {
        $0.hasPrefix("wb            after CPU writes") && $0.contains("  BO_SYNC")
          || $0.hasPrefix("wb            after CPU writes") && $0.contains("  SYNC_BO")
      })
    #expect(
      verdict.lines.contains {
        $0.hasPrefix("wc            after CPU writes") && $0.hasSuffix("  none, by rule")
      })
    #expect(verdict.lines.allSatisfy { $0.count <= 98 })
  }

  @Test(arguments: ["panthor", "panfrost"])
  func nothingIsNeededWhereItSnoops(_ driver: String) throws {
    let found = try outcomes(on: "\(driver),coherent").filter { !$0.memory.isImported }
    #expect(found.allSatisfy { $0.isFresh && !$0.isStaleWithout })
    #expect(found.flatMap(\.syncs).allSatisfy { !$0.isNeeded })
    #expect(BringUpVerdict(isCoherent: true, found, []).claim == .confirmed)
  }

  @Test(arguments: ["panthor", "panfrost"])
  func wrongCoherencyClaimIsFound(_ driver: String) throws {
    let claimed = try outcomes(on: "\(driver),coherent,break=snooping")
    let wrong = BringUpVerdict(isCoherent: true, claimed, [])
    #expect(wrong.claim == .refuted && !wrong.isSound)
    #expect(wrong.summary.hasPrefix("Coherency claim: coherent, refuted. Stale bytes without"))
    // Neither rule holds on such a device: its WC BOs are mapped cached too.
    #expect(!wrong.lines.contains { $0.contains("by rule") })
    let denied = try outcomes(on: "\(driver),break=snooping")
    let unseen = BringUpVerdict(isCoherent: false, denied, [])
    #expect(unseen.claim == .notObserved && unseen.lines.allSatisfy { $0.count <= 98 })
    // A refused END shows no stale byte.
    let first = try #require(denied.first { $0.id == "udmabuf.first_use" })
    #expect(first.syncs.map(\.text) == ["START|WRITE (EINVAL without it)", "END|WRITE 0 of 1"])
    #expect(first.syncs[0].isNeeded && first.without == StaleCount(0, of: 1))
  }

  @Test func importFlushesEarlierCPUWrites() throws {
    let found = try outcomes(on: "panthor")
    for memory in [AccessMemory.otherGPU, .udmabuf, .systemHeap] {
      let first = try #require(found.first { $0.memory == memory && $0.direction == .firstUse })
      #expect(first.isFresh && first.syncs.map(\.name) == ["START|WRITE", "END|WRITE"])
    }
    #expect(found.first { $0.id == "udmabuf.first_use" }?.isStaleWithout == true)
  }

  @Test func readKeepsUnflushedCPUWrites() throws {
    let found = try outcomes(on: "panfrost")
    let own = try #require(found.first { $0.id == "wb.dma_buf.own_writes" })
    #expect(own.isFresh)
    #expect(own.syncs.filter(\.isNeeded).map(\.name) == ["END|WRITE"])
  }

  @Test func maintenanceIsReported() throws {
    let found = try outcomes(on: "panthor")
    let sync = try #require(found.first { $0.id == "wb.sync.to_device" })
    let text = try #require(sync.maintenance)
    #expect(text.hasPrefix("own: clean") && !text.contains("invalidate"))
  }

  @Test func eachTrialCounts() throws {
    let found = try outcomes(on: "panthor", trials: 7)
    let sync = try #require(found.first { $0.id == "wb.sync.from_device" })
    #expect(sync.whole == StaleCount(0, of: 7) && sync.without == StaleCount(14, of: 14))
    #expect(sync.syncs.map(\.without) == [StaleCount(14, of: 14)])
    // A line is tried again after 240 attempts, with another word.
    let long = try outcomes(on: "panthor", trials: 85, [.writeBack]).filter { $0.path == .sync }
    #expect(long.count == 3 && long.allSatisfy { $0.whole == StaleCount(0, of: 85) })
    #expect(long.prefix(2).allSatisfy { $0.without == StaleCount(170, of: 170) })
  }

  /// Random evictions hide a missing sync in many trials; it must not be called "not needed" then.
  @Test(arguments: 1...4)
  func evictionsHideNoNeededSync(_ seed: Int) throws {
    let text = "panthor,evict=seed:\(seed),fill=seed:\(seed)"
    let found = try outcomes(on: text, trials: 20, [.writeBack])
    #expect(found.allSatisfy { $0.isFresh && !$0.followsRule(.confirmed) })
    let own = found.filter { $0.direction != .ownWrites }
    #expect(own.contains { $0.without.stale > 0 })
    #expect(
      own.contains { $0.without.stale < $0.without.trials }, "no eviction has hidden a missing sync"
    )
    let verdict = BringUpVerdict(isCoherent: false, found, [])
    #expect(verdict.claim == .confirmed && verdict.isSound)
    #expect(!verdict.lines.contains { $0.contains("by rule") })
  }

  @Test func anInterruptionKeepsTheTrialsSoFar() throws {
    var left = 3
    let found = try outcomes(on: "panthor", trials: 1000) {
      left -= 1
      return left < 0
    }
    #expect(found.count == 1 && found[0].whole.trials < 3)
  }

  /// What this process may not open, or what fails, is reported; everything else is tried.
  @Test func closedOrFailingExportersEndOnlyTheirPart() throws {
    let mock = MockKernel([MockProfile(.panthor, hasHeap: true)])
    for answer in [Errno.EACCES, .ENOENT] {
      let kernel = Kernel.substitute(
        RefusingKernel(.substitute(mock), "/dev/udmabuf", answer))
      var device = DRMDevice(
        DeviceDescription(
          path: "/dev/dri/renderD128", driver: "panthor", features: .writeBackMapping),
        kernel: kernel)
      device.closedFiles = ["/dev/udmabuf": "it is closed to this user (mode 0600, group kvm)"]
      let found = AccessTrial(on: device, trials: 1).run { _ in }
      let reason =
        answer == .EACCES
        ? "needs /dev/udmabuf: it is closed to this user (mode 0600, group kvm)"
        : "needs /dev/udmabuf"
      #expect(found.lacks.map(\.name) == ["other_gpu", "udmabuf"] && found.failures.isEmpty)
      #expect(found.lacks.last?.reason == reason)
      #expect(found.outcomes.contains { $0.memory == .systemHeap })
    }
    let failing = Kernel.substitute(
      RefusingKernel(.substitute(mock), request: 0xC018_4800, .ENOMEM))
    let found = AccessTrial(
      on: DRMDevice(
        DeviceDescription(path: "/dev/dri/renderD128", driver: "panthor"), kernel: failing),
      trials: 1
    ).run { _ in }
    #expect(found.failures.map(\.name) == ["system_heap"])
    #expect(found.failures.first?.reason.contains("ENOMEM") == true)
    #expect(found.lacks.first?.reason == "needs wb_mmap, not in panthor ")
    #expect(Set(found.outcomes.map(\.memory)) == [.writeCombining, .udmabuf])
    #expect(mock.usage == .none)
  }

  @Test func pressureTakesAQuarterOfFreeMemoryAtMost() throws {
    #expect(CachePressure.size(free: 8 << 20) == 2 << 20)
    #expect(CachePressure.size(free: 64 << 30) == 64 << 20)
    #expect(CachePressure.size(free: 2 << 20) == nil)
    let pressure = try #require(CachePressure())
    #expect(pressure.threads >= 0)
    pressure.evict()
  }

  /// A machine of the device and of another GPU, with a heap.
  private func outcomes(
    on text: String, trials: Int = 1, _ memories: [AccessMemory] = AccessMemory.allCases,
    isInterrupted: @escaping () -> Bool = { false }
  ) throws -> [AccessOutcome] {
    let other = text.hasPrefix("panthor") ? "panfrost" : "panthor"
    let mock = MockKernel([
      try MockProfile(parsing: text + ",heap"), try MockProfile(parsing: other + ",heap"),
    ])
    return AccessTrial(
      on: DRMDevice(
        DeviceDescription(
          path: "/dev/dri/renderD128", driver: text.hasPrefix("panthor") ? "panthor" : "panfrost",
          isCoherent: text.contains(",coherent"), features: .writeBackMapping),
        kernel: .substitute(mock),
        neighbours: [
          DeviceDescription(
            path: "/dev/dri/renderD129", driver: other, features: .writeBackMapping)
        ],
        maintenance: MockMaintenance(mock)),
      trials: trials, isInterrupted: isInterrupted
    ).run(memories) { _ in }.outcomes
  }
}

/// A kernel on which one device file cannot be opened, or one ioctl fails.
private final class RefusingKernel: ForwardingKernel, @unchecked Sendable {
  // Sendable as its superclass.
  private let path: String
  private let request: UInt
  private let errno: Errno

  init(_ base: Kernel, _ path: String = "", request: UInt = 0, _ errno: Errno) {
    self.path = path
    self.request = request
    self.errno = errno
    super.init(base)
  }

  override func open(_ path: String, flags: CInt) -> CInt {
    path == self.path ? errno.answer : super.open(path, flags: flags)
  }

  override func ioctl(
    _ descriptor: CInt, _ request: UInt, _ argument: UnsafeMutableRawPointer?
  ) -> CInt {
    request == self.request ? errno.answer : unsafe super.ioctl(descriptor, request, argument)
  }
}
