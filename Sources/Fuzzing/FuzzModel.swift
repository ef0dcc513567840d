// SPDX-License-Identifier: MIT

internal import CallTrace

/// What is alive in a made-up sequence, as far as its answers told: enough to make up calls that may succeed.
struct FuzzModel {
  /// What was opened.
  enum NodeKind: Hashable, Sendable {
    /// A node of the driver that is fuzzed.
    case tested(isPrimary: Bool)
    /// A node of another Mali driver.
    case neighbour(IoctlDriver)
    case vgem
    case udmabuf
  }

  /// What memory was asked for.
  struct Shape: Hashable, Sendable {
    /// In bytes, as the kernel rounded it.
    var size: UInt64
    /// Whether the CPU may map it.
    var isMappable = true
    var isImported = false
    /// The step that made the VM it belongs to.
    var vm: Int?
    /// The step that made the memory, whoever names it.
    var maker = -1
  }

  struct Handle: Sendable {
    let number: UInt32
    /// The step that gave the number.
    let step: Int
    let shape: Shape
    /// The step that gave its fake offset.
    var offset: Int?
  }

  struct File: Sendable {
    let step: Int
    let kind: NodeKind
    /// Whether it is of the device that is fuzzed.
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
  /// The makers of memory that was exported, and of memory whose contents nobody needs.
  private(set) var exported: Set<Int> = []
  private(set) var unneeded: Set<Int> = []
  /// The steps that gave fake offsets of the fuzzed device since the last BO was made, which may have taken one of a BO that is
  /// gone: which one is the kernel's affair.
  private(set) var staleOffsets: [Int] = []

  /// How many bytes are alive at the most, counting what several name several times.
  var liveBytes: UInt64 {
    files.reduce(0) { sum, file in file.handles.reduce(sum) { $0 + $1.shape.size } }
      + dmaBufs.reduce(0) { $0 + $1.shape.size }
  }

  /// How many files of the fuzzed device name some memory.
  func fileCount(naming maker: Int) -> Int {
    files.filter(\.isTested).count { $0.handles.contains { $0.shape.maker == maker } }
  }

  var liveHandles: Int { files.reduce(0) { $0 + $1.handles.count } }

  /// Takes note of what a step that succeeded has done.
  mutating func note(_ step: FuzzStep, _ answer: Answer) {
    switch step.effect {
    case .none: break
    case .opens(let kind, let isWritable):
      // A driver may make BOs of its own for a file, and for a VM.
      staleOffsets.removeAll()
      files.append(File(step: step.id, kind: kind, isWritable: isWritable))
    case .closes(let descriptor):
      files.removeAll { $0.step == descriptor }
      dmaBufs.removeAll { $0.step == descriptor }
      fences.removeAll { $0 == descriptor }
    case .creates(let file, let shape, let offset):
      guard let number = answer.bytes.word(at: offset) else { break }
      var shape = shape
      shape.maker = step.id
      add(Handle(number: number, step: step.id, shape: shape), to: file)
    case .imports(let file, let dmaBuf):
      guard let number = answer.bytes.word(at: 0),
        var shape = dmaBufs.first(where: { $0.step == dmaBuf })?.shape
      else { break }
      shape.isImported = true
      add(Handle(number: number, step: step.id, shape: shape), to: file)
    case .closesHandle(let file, let number):
      edit(file) { file in file.handles.removeAll { $0.number == number } }
    case .gives(let giver, let file):
      edit(file) { file in
        for index in file.handles.indices where file.handles[index].step == giver {
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

  /// A handle that a file has already is the same handle.
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

extension [UInt8] {
  /// Reads a number of 32 bits; nil past the end.
  func word(at offset: Int) -> UInt32? {
    guard offset + 4 <= count else { return nil }
    return (0..<4).reduce(0) { $0 | UInt32(self[offset + $1]) << UInt32(8 * $1) }
  }

  /// Writes a number of 32 bits where there is room.
  mutating func store(_ value: UInt32, at offset: Int) {
    for index in 0..<4 where offset + index < count {
      self[offset + index] = UInt8(truncatingIfNeeded: value >> UInt32(8 * index))
    }
  }
}
