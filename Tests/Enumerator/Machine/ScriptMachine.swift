// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel
internal import MockDRM
internal import Litmus

/// Performs the steps of a script on a new mock kernel, by system calls alone.
///
/// No job runs, and no line is evicted or fetched, unless the enumerator says so.
final class ScriptMachine {
  /// An open node, with the state of a panthor client.
  struct OpenNode {
    var descriptor: CInt
    var driver: ScriptDriver
    var vm: UInt32 = 0
    var nextAddress: UInt64 = 1 << 20
  }

  /// The handle, descriptors and mapping of a buffer.
  struct OpenBuffer {
    var handle: UInt32 = 0
    var dmaBuf: CInt = -1
    /// A dma-buf of the machine itself, which names the memory to the mock after the handle's close.
    var witness: CInt = -1
    var address = 0
  }

  let script: Script
  let platform: MockPlatform
  let kernel: MockKernel
  var nodes: [OpenNode] = []
  var buffers: [OpenBuffer]
  // The mappings and host files that the machine must release.
  var mappings: [(address: Int, length: Int)] = []
  var files: [CInt] = []
  /// The mock's number of each submitted job.
  private(set) var jobs: [Int?]
  /// The bytes of the last CPU read.
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

  /// Performs a step, and returns the kernel's result: at least 0, or a negated errno.
  func perform(_ action: ScriptStep.Action) -> CInt {
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

  /// Names a line of a memory to the mock by an open handle or dma-buf; nil where there is none.
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

  /// Reads or writes through the mapping, which is created first where there is none.
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
    case .syncWait: return Errno.EINVAL.answer
    }
    return 0
  }

  private func submit(_ job: Int) -> CInt {
    let described = script.jobs[job]
    let accesses = described.accesses.map { access in
      let writing: [UInt8]? =
        switch access.kind {
        case .write(let number): script.bytes(ofWrite: number, access.range)
        case .read, .syncWait: nil
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
  /// Returns the bytes that a write stores in a range.
  func bytes(ofWrite number: Int, _ range: Range<UInt64>) -> [UInt8] {
    guard writes[number].value == nil else {
      return range.map { byte(ofWrite: number, range, at: $0) }
    }
    return ScriptWrite.bytes(of: number, in: range)
  }

  /// Returns the byte that a write of a range stores at an offset.
  func byte(ofWrite number: Int, _ range: Range<UInt64>, at offset: UInt64) -> UInt8 {
    guard let value = writes[number].value else { return ScriptWrite.byte(of: number, at: offset) }
    return UInt8(truncatingIfNeeded: value >> (8 * (offset - range.lowerBound)))
  }
}
