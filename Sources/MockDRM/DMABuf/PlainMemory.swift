// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// Memory of an exporter without a device: a heap's, or that of a file behind a udmabuf.
final class PlainMemory: DMABufExporter {
  /// The exporter whose hooks it has.
  enum Kind {
    case heap
    case udmabuf
  }

  let size: UInt64
  let pageSize: UInt64
  let memory: MockMemory
  private let kind: Kind
  private let log: MaintenanceLog
  // Whether the udmabuf's own DMA mapping exists; the first START makes it: begin_cpu_udmabuf.
  private var isMapped = false

  /// Allocates zeroed memory.
  init(size: UInt64, kind: Kind, on machine: MockMachine) throws(Errno) {
    let images = MemoryImages(size: Int(size))
    _ = try images.backing()
    memory = MockMemory(images, isWriteCombining: false, caches: machine.caches)
    self.size = size
    self.kind = kind
    pageSize = UInt64(machine.pageSize)
    log = machine.log
  }

  /// Uses a part of a client's file, which it keeps open.
  init(
    of file: CInt, from start: UInt64, size: UInt64, on machine: MockMachine
  ) throws(Errno) {
    let answer = cdrm_dup(file)
    if let errno = Errno(answer: answer) { throw errno }
    memory = MockMemory(
      MemoryImages(of: answer, from: start, size: Int(size)), isWriteCombining: false,
      caches: machine.caches)
    self.size = size
    pageSize = UInt64(machine.pageSize)
    log = machine.log
    kind = .udmabuf
  }

  var maintainsForImporters: Bool { kind == .heap }
  var allowsPrivateMapping: Bool { kind == .heap }

  /// Syncs for the CPU: a heap each importer's mapping, a udmabuf its own mapping.
  func beginAccess(_ direction: DMADirection, through dmaBuf: MockDMABuf) {
    switch kind {
    case .heap: dmaBuf.syncImportersForCPU(direction)
    case .udmabuf:
      isMapped = true
      log.syncForCPU(ownMapping, 0..<size, direction)
    }
  }

  func endAccess(_ direction: DMADirection, through dmaBuf: MockDMABuf) throws(Errno) {
    switch kind {
    case .heap: dmaBuf.syncImportersForDevice()
    case .udmabuf where isMapped: log.syncForDevice(ownMapping, 0..<size)
    case .udmabuf: throw .EINVAL
    }
  }

  private var ownMapping: DMAMapping {
    DMAMapping(device: "udmabuf", isCoherent: false, buffer: 1, size: size, memory: memory)
  }
}
