// SPDX-License-Identifier: MIT

public import DRMKernel

/// Control of the mock's caches and devices: marked CPU accesses, device accesses, evictions and fills.
extension MockKernel: ModelledMachine {
  public func cpuReads(_ address: Int, length: Int) {
    touch(address, length) { $0.memory.cpuReads($0.range) }
  }

  public func cpuWrote(_ address: Int, length: Int) {
    touch(address, length) { $0.memory.cpuWrote($0.range) }
  }

  public func submit(_ job: ModelledJob) -> Int {
    machine.withLock { machine in
      do throws(Errno) {
        return try machine.submit(job)
      } catch {
        return Int(error.answer)
      }
    }
  }

  public func perform(_ event: ModelledEvent) -> CInt {
    machine.withLock { machine in
      do throws(Errno) {
        try machine.perform(event)
        return 0
      } catch {
        return error.answer
      }
    }
  }

  public func performWhileWaiting(_ events: [ModelledEvent]) {
    machine.withLock { $0.eventsWhileWaiting += events }
  }

  public func wait(for job: Int) {
    machine.withLock { $0.jobs.finish(job) }
  }

  public func takeReads() -> [ModelledRead] {
    machine.withLock { $0.jobs.takeReads() }
  }

  public func lines(of range: ModelledRange) -> [ModelledLine] {
    machine.withLock { (try? $0.lines(of: range)) ?? [] }
  }

  public func setClaim(ofCoherency isCoherent: Bool?, node descriptor: CInt) {
    machine.withLock { machine in
      guard case .node(let file) = machine.descriptors[descriptor] else { return }
      file.device.claim(isCoherent)
    }
  }

  public func setInvalidation(_ outcome: InvalidationOutcome) {
    machine.withLock { machine in
      switch outcome {
      case .lose: machine.caches.policy.invalidate = .lose
      case .writeBack: machine.caches.policy.invalidate = .writeBack
      }
    }
  }

  /// Calls `body` for each part of BOs in a range of addresses; other memory has no modelled lines.
  private func touch(
    _ address: Int, _ length: Int, _ body: (MockMachine.MemoryPart) -> Void
  ) {
    machine.withLock { machine in
      for part in (try? machine.mappedParts(address, length: length)) ?? [] { body(part) }
    }
  }
}

/// Observes the cache maintenance of a mock kernel.
public final class MockMaintenance: MaintenanceObserver {
  private let kernel: MockKernel
  private let seen = Guarded(0)

  /// Creates an observer of a kernel.
  public init(_ kernel: MockKernel) {
    self.kernel = kernel
  }

  public func begin() {
    let count = kernel.maintenance.count
    seen.withLock { $0 = count }
  }

  public func take() -> [MaintenanceRecord] {
    let records = kernel.maintenance
    return seen.withLock { seen in
      defer { seen = records.count }
      return Array(records[seen...])
    }
  }

  public func end() {}
}
