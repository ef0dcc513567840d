// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel
internal import MockDRM
internal import Litmus

/// Plays the steps of a script on a fresh mock kernel, by system calls alone.
///
/// Nothing happens here that was not asked for: no job runs and no line moves by itself.
final class ScriptMachine {
  /// A node that is open, and what a panthor client needs beside.
  struct OpenNode {
    var descriptor: CInt
    var driver: String
    var vm: UInt32 = 0
    var nextAddress: UInt64 = 1 << 20
  }

  /// What is held of a buffer.
  struct OpenBuffer {
    var handle: UInt32 = 0
    var dmaBuf: CInt = -1
    /// A dma-buf that no step asked for, to name the lines of memory whose handle is gone.
    var witness: CInt = -1
    var address = 0
  }

  let script: Script
  let platform: MockPlatform
  let kernel: MockKernel
  var nodes: [OpenNode] = []
  var buffers: [OpenBuffer]
  // What there is to unmap, and what files of the host's there are to close.
  var mappings: [(address: Int, length: Int)] = []
  var files: [CInt] = []
  /// The kernel's numbers of those jobs that it has taken.
  private(set) var jobs: [Int?]
  /// What the last CPU read showed.
  private(set) var lastRead: [UInt8] = []

  init(_ script: Script, _ platform: MockPlatform) {
    self.script = script
    self.platform = platform
    kernel = MockKernel(platform.profiles())
    buffers = Array(repeating: OpenBuffer(), count: script.buffers.count)
    jobs = Array(repeating: nil, count: script.jobs.count)
    openNodes()
  }

  deinit {
    for mapping in mappings { _ = kernel.munmap(mapping.address, length: mapping.length) }
    for file in files { _ = cdrm_close(file) }
  }

  /// Plays a step, and answers as the kernel did: at least 0, or a negated errno.
  func play(_ action: ScriptStep.Action) -> CInt {
    switch action {
    case .create(let buffer): return create(buffer)
    case .map(let buffer, let throughDMABuf): return map(buffer, throughDMABuf: throughDMABuf)
    case .unmap(let buffer): return unmap(buffer)
    case .close(let buffer): return close(buffer)
    case .access(let access): return touch(access)
    case .sync(let syncs): return sync(syncs)
    case .beginAccess(let buffer, let type): return bracket(buffer, type, isEnd: false)
    case .endAccess(let buffer, let type): return bracket(buffer, type, isEnd: true)
    case .export(let buffer): return export(buffer)
    case .importBuffer(let buffer): return importBuffer(buffer)
    case .submit(let job): return submit(job)
    case .wait(let job):
      if let number = jobs[job] { kernel.wait(for: number) }
      return 0
    }
  }

  /// The line of a memory, by whatever still names it; nil where nothing does.
  func range(ofLine line: MemoryLine) -> ModelledRange? {
    for (index, buffer) in buffers.enumerated() where script.memory(of: index) == line.memory {
      if buffer.handle != 0 {
        return ModelledRange(
          descriptor: nodes[script.buffers[index].node].descriptor, handle: buffer.handle,
          range: line.bytes)
      }
      let dmaBuf = max(buffer.dmaBuf, buffer.witness)
      if dmaBuf >= 0 { return ModelledRange(descriptor: dmaBuf, handle: 0, range: line.bytes) }
    }
    return nil
  }

  /// Performs an ioctl on an argument.
  func call<Argument: BitwiseCopyable>(
    _ descriptor: CInt, _ request: UInt, _ argument: inout Argument
  ) -> CInt {
    unsafe withUnsafeMutablePointer(to: &argument) { pointer in
      unsafe kernel.ioctl(descriptor, request, UnsafeMutableRawPointer(pointer))
    }
  }

  /// Reads or writes through the mapping, which is made first where there is none.
  private func touch(_ access: ScriptAccess) -> CInt {
    if buffers[access.buffer].address == 0 {
      let answer = map(access.buffer, throughDMABuf: false)
      guard answer >= 0 else { return answer }
    }
    let address = buffers[access.buffer].address + Int(access.range.lowerBound)
    guard let pointer = unsafe UnsafeMutableRawPointer(bitPattern: address) else {
      return Errno.EFAULT.answer
    }
    let bytes = unsafe UnsafeMutableRawBufferPointer(start: pointer, count: access.range.count)
    switch access.kind {
    case .write(let number):
      unsafe bytes.copyBytes(from: script.bytes(ofWrite: number, access.range))
      kernel.cpuWrote(address, length: access.range.count)
    case .read:
      kernel.cpuReads(address, length: access.range.count)
      unsafe lastRead = Array(bytes)
    }
    return 0
  }

  private func submit(_ job: Int) -> CInt {
    let described = script.jobs[job]
    let accesses = described.accesses.map { access in
      let writing: [UInt8]? =
        switch access.kind {
        case .write(let number): script.bytes(ofWrite: number, access.range)
        case .read: nil
        }
      return ModelledJob.Access(
        handle: buffers[access.buffer].handle, range: access.range, writing: writing)
    }
    let answer = kernel.submit(
      ModelledJob(
        descriptor: nodes[described.node].descriptor, queue: described.queue, accesses: accesses,
        after: described.after.compactMap { jobs[$0] }))
    guard answer >= 0 else { return CInt(truncatingIfNeeded: answer) }
    jobs[job] = answer
    return 0
  }
}

extension Script {
  /// The bytes that a write leaves in a range.
  func bytes(ofWrite number: Int, _ range: Range<UInt64>) -> [UInt8] {
    range.map { ScriptWrite.byte(of: number, at: $0) }
  }
}
