// SPDX-License-Identifier: MIT

@_spi(ProposedSync) internal import DRM
internal import DRMDrivers
internal import DRMKernel
internal import Litmus
internal import LitmusExplorer

/// A node of a running script: an open DRM node, or an exporter without handles.
final class OpenNode {
  let driver: ScriptDriver
  let kernel: Kernel
  // One of these three is not nil.
  private(set) var node: DRMNode?
  private(set) var heap: DMAHeap?
  private(set) var udmabuf: UDMABufDevice?

  /// Whether the script claims that the device is coherent.
  var isClaimedCoherent = false

  // panthor's GPU address space, created when the first BO is bound.
  private(set) var vm: PanthorVM?
  // Starts far from page 0, with each BO on a large page of its own.
  private var nextAddress: UInt64 = 1 << 30
  private static let addressStep: UInt64 = 2 << 20

  init(_ place: Placement.Place, on machine: ScriptMachine) throws(DRMError) {
    kernel = machine.kernel
    driver = place.driver
    switch place {
    case .node(_, let path):
      node = try DRMNode(path: path, kernel: machine.kernel, abi: machine.abi)
    case .systemHeap: heap = try DMAHeap(kernel: machine.kernel)
    case .udmabuf: udmabuf = try UDMABufDevice(kernel: machine.kernel)
    }
  }

  /// The open file, which names the node to a model.
  var descriptor: CInt { node?.descriptor ?? heap?.descriptor ?? udmabuf?.descriptor ?? -1 }

  var version: DriverVersion? { node?.identity.version }

  /// Whether the device is coherent, as its driver reports it; nil where the driver does not.
  var reportedCoherency: Bool? { node?.coherency.isCoherent }

  var features: Features { node?.features ?? [] }

  /// Whether its jobs wait for earlier jobs by the fences at their BOs.
  var hasImplicitFences: Bool { NodeModel(driver: driver).hasImplicitFences }

  /// Allocates the memory of a buffer; nil where the node has no such call.
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

  /// Gives a buffer a GPU address: by VM_BIND on panthor, from the kernel on panfrost.
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
