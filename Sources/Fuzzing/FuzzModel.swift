// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import CallTrace
internal import UAPILayouts

/// The resources that are alive in a generated sequence, from the outcomes of its calls.
struct FuzzModel {
  /// The kind of an opened file.
  enum NodeKind: Hashable, Sendable {
    /// A node of the fuzzed device.
    case tested(isPrimary: Bool)
    /// A node of another GPU.
    case neighbour(DRMDriver)
    case vgem
    case udmabuf
  }

  /// The memory of a BO or dma-buf.
  struct Shape: Hashable, Sendable {
    /// In bytes, rounded as the kernel does.
    var size: UInt64
    /// Whether the CPU may map it.
    var isMappable = true
    var isImported = false
    /// The step that created its exclusive VM.
    var vm: Int?
    /// The step that created the memory.
    var maker = -1
  }

  struct Handle: Sendable {
    let number: UInt32
    /// The step that returned the number.
    let step: Int
    let shape: Shape
    /// The step that returned its fake offset.
    var offset: Int?
  }

  struct File: Sendable {
    let step: Int
    let kind: NodeKind
    /// Whether it is a node of the fuzzed device.
    var isTested: Bool { if case .tested = kind { true } else { false } }
    let isWritable: Bool
    var handles: [Handle] = []
    var vms: [Int] = []
    var groups: [Int] = []
  }

  struct DMABuf: Sendable {
    let step: Int
    let shape: Shape
  }

  struct Mapping: Sendable {
    let step: Int
    let size: Int
    let isWritable: Bool
  }

  private(set) var files: [File] = []
  private(set) var dmaBufs: [DMABuf] = []
  private(set) var mappings: [Mapping] = []
  private(set) var fences: [Int] = []
  /// The makers of exported memory, and of memory advised as DONTNEED.
  private(set) var exported: Set<Int> = []
  private(set) var unneeded: Set<Int> = []
  /// The steps that returned fake offsets of the fuzzed device since its last BO was created.
  ///
  /// A new BO may reuse the offset of a closed one, and which one is the kernel's choice.
  private(set) var staleOffsets: [Int] = []

  /// An upper bound of the bytes that are alive; memory with several names counts several times.
  var liveBytes: UInt64 {
    files.reduce(0) { sum, file in file.handles.reduce(sum) { $0 + $1.shape.size } }
      + dmaBufs.reduce(0) { $0 + $1.shape.size }
  }

  /// Returns the number of files of the fuzzed device with a handle of some memory.
  func fileCount(naming maker: Int) -> Int {
    files.filter(\.isTested).count { $0.handles.contains { $0.shape.maker == maker } }
  }

  var liveHandles: Int { files.reduce(0) { $0 + $1.handles.count } }

  /// Applies the effect of a successful step.
  mutating func note(_ step: FuzzStep, _ outcome: CallOutcome) {
    switch step.effect {
    case .none: break
    case .opens(let kind, let isWritable):
      // A driver may create BOs of its own for a file or a VM.
      staleOffsets.removeAll()
      files.append(File(step: step.id, kind: kind, isWritable: isWritable))
    case .closes(let descriptor):
      files.removeAll { $0.step == descriptor }
      dmaBufs.removeAll { $0.step == descriptor }
      fences.removeAll { $0 == descriptor }
    case .creates(let file, let shape, let offset):
      guard let number = outcome.bytes.word(at: offset) else { break }
      var shape = shape
      shape.maker = step.id
      add(Handle(number: number, step: step.id, shape: shape), to: file)
    case .imports(let file, let dmaBuf):
      guard let number = outcome.bytes.word(at: 0),
        var shape = dmaBufs.first(where: { $0.step == dmaBuf })?.shape
      else { break }
      shape.isImported = true
      add(Handle(number: number, step: step.id, shape: shape), to: file)
    case .closesHandle(let file, let number):
      edit(file) { file in file.handles.removeAll { $0.number == number } }
    case .returnsOffset(let handle, let file):
      edit(file) { file in
        for index in file.handles.indices where file.handles[index].step == handle {
          file.handles[index].offset = step.id
        }
      }
      if files.contains(where: { $0.step == file && $0.isTested }) {
        staleOffsets.append(step.id)
      }
    case .maps(let size, let isWritable):
      mappings.append(Mapping(step: step.id, size: size, isWritable: isWritable))
    case .unmaps(let mapping):
      mappings.removeAll { $0.step == mapping }
    case .advises(let maker, let isNeeded):
      if isNeeded { unneeded.remove(maker) } else { unneeded.insert(maker) }
    case .exports(let shape, _):
      exported.insert(shape.maker)
      dmaBufs.append(DMABuf(step: step.id, shape: shape))
    case .createsVM(let file):
      staleOffsets.removeAll()
      edit(file) { $0.vms.append(step.id) }
    case .destroysVM(let file, let vm):
      edit(file) { file in file.vms.removeAll { $0 == vm } }
    case .createsGroup(let file):
      staleOffsets.removeAll()
      edit(file) { $0.groups.append(step.id) }
    case .destroysGroup(let file, let group):
      edit(file) { file in file.groups.removeAll { $0 == group } }
    case .exportsFence:
      fences.append(step.id)
    case .duplicates(let descriptor):
      if let dmaBuf = dmaBufs.first(where: { $0.step == descriptor }) {
        dmaBufs.append(DMABuf(step: step.id, shape: dmaBuf.shape))
      } else if fences.contains(descriptor) {
        fences.append(step.id)
      }
    }
  }

  /// Adds a handle to a file; a number that the file already has is the same handle.
  private mutating func add(_ handle: Handle, to step: Int) {
    staleOffsets.removeAll()
    edit(step) { file in
      if !file.handles.contains(where: { $0.number == handle.number }) {
        file.handles.append(handle)
      }
    }
  }

  private mutating func edit(_ step: Int, _ body: (inout File) -> Void) {
    guard let index = files.firstIndex(where: { $0.step == step }) else { return }
    body(&files[index])
  }
}
