// SPDX-License-Identifier: MIT

internal import CDRM
public import DRMKernel

/// A mock kernel: system calls on its devices return what the real drivers return.
///
/// BOs are anonymous files and mappings are mappings of the host, so protections, aliasing and lifetimes are
/// real. Every call holds one lock, as if only one CPU executed kernel code.
public final class MockKernel: KernelInterface {
  let machine: Guarded<MockMachine>
  private let entries: [DeviceEntry]

  /// Creates a machine with one device per profile, in that order: card0 and renderD128, and so on.
  public init(_ profiles: [MockProfile]) {
    let machine = MockMachine(profiles)
    pageSize = machine.pageSize
    entries = machine.devices.map { device in
      DeviceEntry(
        primaryNode: device.primaryNode,
        renderNode: device.renderNode,
        compatible: device.profile.compatible
      )
    }
    self.machine = Guarded(machine)
  }

  deinit {
    // As at the end of a process. Open files retain their device, so they must be released here.
    machine.withLock { machine in
      machine.descriptors.removeAll()
      machine.jobs.removeAll()
    }
  }

  /// The objects that exist now; all zero once everything is closed and unmapped.
  public var usage: MockUsage {
    machine.withLock { $0.usage }
  }

  /// The cache maintenance for the device of a node, oldest first; nil where there is no such node.
  public func maintenance(atNode path: String) -> [MaintenanceRecord]? {
    machine.withLock { machine in
      guard let device = machine.device(atNode: path)?.device else { return nil }
      return machine.log.records.filter { $0.device == device.renderNode }
    }
  }

  /// All cache maintenance of the machine, oldest first; exporters without a device are included.
  public var maintenance: [MaintenanceRecord] {
    machine.withLock { $0.log.records }
  }

  /// The page size of the first profile; a machine has one page size.
  public let pageSize: Int

  public func devices() -> [DeviceEntry] { entries }

  public func open(_ path: String, flags: CInt) -> CInt {
    call { machine throws(Errno) in try machine.open(path, flags: flags) }
  }

  public func close(_ descriptor: CInt) -> CInt {
    call { machine throws(Errno) in
      try machine.descriptors.remove(descriptor)
      return 0
    }
  }

  public func ioctl(
    _ descriptor: CInt,
    _ request: UInt,
    _ argument: UnsafeMutableRawPointer?
  ) -> CInt {
    // The kernel uses 32 bits of the request on every architecture.
    let request = IoctlRequest(rawValue: request & 0xffff_ffff)
    let address = UInt64(UInt(bitPattern: argument))
    return call { machine throws(Errno) in
      switch machine.descriptors[descriptor] {
      case .node(let file): try file.ioctl(request, argument: address)
      case .dmaBuf(let dmaBuf):
        try dmaBuf.ioctl(request, argument: address, on: machine)
      case .heap: try MockHeap.ioctl(request, argument: address, on: machine)
      case .udmabuf: return try MockUDMABuf.ioctl(request, argument: address, on: machine)
      case .syncFile(let fences):
        try MockSyncFile.ioctl(request, argument: address, on: fences)
      case nil: throw cdrm_descriptor_is_open(descriptor) ? .ENOTTY : .EBADF
      }
      return 0
    }
  }

  public func mmap(
    length: Int, protection: CInt, flags: CInt, _ descriptor: CInt, offset: Int64
  ) -> Int {
    machine.withLock { machine in
      machine.caches.beginCall()
      do throws(Errno) {
        return try machine.map(
          MapRequest(length: length, protection: protection, flags: flags, offset: offset),
          descriptor
        )
      } catch {
        return Int(error.answer)
      }
    }
  }

  public func munmap(_ address: Int, length: Int) -> CInt {
    call { machine throws(Errno) in
      try machine.unmap(address, length: length)
      return 0
    }
  }

  public func lseek(_ descriptor: CInt, offset: Int64, whence: CInt) -> Int64 {
    machine.withLock { machine in
      do throws(Errno) {
        return try machine.seek(descriptor, offset: offset, whence: whence)
      } catch {
        return Int64(error.answer)
      }
    }
  }

  public func poll(_ descriptor: CInt, events: Int16, milliseconds: CInt) -> CInt {
    call { machine throws(Errno) in
      let ready =
        switch machine.descriptors[descriptor] {
        case .dmaBuf(let dmaBuf):
          machine.poll(
            dmaBuf, milliseconds,
            isWriter: events & PollEvents.output != 0)
        case .heap, .udmabuf: PollEvents.input | PollEvents.output
        case .syncFile(let fences): machine.poll(fences, milliseconds) ? PollEvents.input : 0
        case .node: 0 as Int16
        case nil: PollEvents.invalid
        }
      return CInt(ready & (events | PollEvents.invalid))
    }
  }

  public func maintainCaches(_ operation: CacheOperation, _ address: Int, length: Int) -> CInt {
    call { machine throws(Errno) in
      let parts = try machine.mappedParts(address, length: length)
      for part in parts {
        switch operation {
        case .clean: part.memory.clean(part.range)
        case .cleanAndInvalidate: part.memory.cleanAndInvalidate(part.range)
        }
      }
      return 0
    }
  }

  public func duplicate(_ descriptor: CInt) -> CInt {
    call { machine throws(Errno) in
      guard let description = machine.descriptors[descriptor] else { throw .EBADF }
      return try machine.descriptors.insert(description)
    }
  }

  private func call(_ body: (MockMachine) throws(Errno) -> CInt) -> CInt {
    machine.withLock { machine in
      machine.caches.beginCall()
      do throws(Errno) {
        return try body(machine)
      } catch {
        return error.answer
      }
    }
  }
}

enum PollEvents {
  static let input: Int16 = 1
  static let output: Int16 = 4
  static let invalid: Int16 = 0x20
}

/// The number of objects of each kind that exist in a mock kernel.
public struct MockUsage: Hashable, Sendable {
  /// Descriptors of nodes and dma-bufs.
  public let descriptors: Int
  /// Open files of nodes.
  public let files: Int
  /// GEM handles, in all files.
  public let handles: Int
  /// BOs, with or without handles.
  public let buffers: Int
  /// CPU mappings.
  public let mappings: Int
  /// Jobs that have not ended.
  public let jobs: Int

  /// The usage of a kernel without open descriptors and mappings.
  public static let none = MockUsage(
    descriptors: 0,
    files: 0,
    handles: 0,
    buffers: 0,
    mappings: 0,
    jobs: 0
  )
}
