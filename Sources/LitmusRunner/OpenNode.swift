// SPDX-License-Identifier: MIT

internal import DRMDrivers
@_spi(ProposedSync) internal import DRM
internal import DRMKernel

/// A node of a script while it runs: an open DRM node, or an exporter without handles.
final class OpenNode {
  /// The kernel's name for who answers there.
  let driver: String
  let kernel: Kernel
  // One of these three is there.
  private(set) var node: DRMNode?
  private(set) var heap: DMAHeap?
  private(set) var udmabuf: UDMABufDevice?

  // Where panthor's GPU sees BOs, made when the first one is bound.
  private(set) var vm: PanthorVM?
  // Far from page 0, and each BO on a large page of its own.
  private var nextAddress: UInt64 = 1 << 30
  private static let addressStep: UInt64 = 2 << 20

  init(_ place: Placement.Place, on machine: ScriptMachine) throws(DRMError) {
    kernel = machine.kernel
    switch place {
    case .node(let found):
      driver = found.driver
      node = try DRMNode(path: found.path, kernel: machine.kernel, abi: machine.abi)
    case .systemHeap:
      driver = "system_heap"
      heap = try DMAHeap(kernel: machine.kernel)
    case .udmabuf:
      driver = "udmabuf"
      udmabuf = try UDMABufDevice(kernel: machine.kernel)
    }
  }

  /// The open file that a model knows the node by.
  var descriptor: CInt { node?.descriptor ?? heap?.descriptor ?? udmabuf?.descriptor ?? -1 }

  var version: DriverVersion? { node?.identity.version }

  var features: Features { node?.features ?? [] }

  /// Whether its jobs wait by the BOs they use: panthor's leave fences that nobody waits for by himself.
  var hasImplicitFences: Bool { driver == "panfrost" }

  /// Makes the memory of a buffer.
  func create(
    size: UInt64, _ mapping: CPUMapping, _ options: BufferOptions, isExclusive: Bool
  ) throws(DRMError) -> LiveBuffer? {
    if heap != nil {
      guard let dmaBuf = try heap?.allocate(size: size) else { return nil }
      return LiveBuffer(dmaBuf: dmaBuf)
    }
    if udmabuf != nil {
      let page = UInt64(kernel.pageSize)
      let memory = try MemoryFile(size: (size + page - 1) / page * page)
      guard let dmaBuf = try udmabuf?.makeDMABuf(of: memory, 0..<memory.size) else { return nil }
      return LiveBuffer(dmaBuf: dmaBuf)
    }
    if isExclusive {
      try makeVM()
      switch vm {
      case .some(let vm):
        guard
          let object = try node?.createBuffer(size: size, mapping: mapping, exclusiveTo: vm)
        else { return nil }
        return LiveBuffer(object)
      case .none: return nil
      }
    }
    guard let object = try node?.createBuffer(size: size, mapping: mapping, options: options) else {
      return nil
    }
    return LiveBuffer(object)
  }

  /// Lets the GPU see a buffer, where that is the client's to do: panthor's VM_BIND.
  func bind(_ buffer: LiveBuffer) throws(DRMError) {
    guard buffer.isOpen else { return }
    if features.contains(.fixedAddresses) { return try buffer.findGPUAddress() }
    guard features.contains(.addressSpaces) else { return }
    try makeVM()
    let size = buffer.size
    try buffer.bind(in: &vm, at: nextAddress)
    nextAddress += (size + Self.addressStep - 1) / Self.addressStep * Self.addressStep
  }

  func makeVM() throws(DRMError) {
    guard vm == nil else { return }
    vm = try node?.createVM()
  }
}
