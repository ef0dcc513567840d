// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel

/// Memory that no GPU owns: a heap's, or a file's that a udmabuf was made of.
final class PlainMemory: DMABufExporter {
  /// Whose hooks it has.
  enum Kind {
    case heap
    case udmabuf
  }

  let size: UInt64
  let pageSize: UInt64
  let memory: MockMemory
  private let kind: Kind
  private let log: MaintenanceLog
  // A udmabuf's own mapping, which its first START makes.
  private var isMapped = false

  /// Makes memory of its own, zeroed.
  init(size: UInt64, kind: Kind, on machine: MockMachine) throws(Errno) {
    let images = MemoryImages(size: Int(size))
    _ = try images.backing()
    memory = MockMemory(images, isWriteCombining: false, caches: machine.caches)
    self.size = size
    self.kind = kind
    pageSize = UInt64(machine.pageSize)
    log = machine.log
  }

  /// Takes a part of a client's file, which stays when the client closes it.
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

  /// A heap syncs its importers; a udmabuf only itself, and begins with being mapped.
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
