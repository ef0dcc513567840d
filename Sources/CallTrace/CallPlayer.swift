// SPDX-License-Identifier: MIT

public import DRMKernel
internal import CDRM

/// Makes calls on a kernel and answers what it said, both without numbers that only this run has.
///
/// It owns every descriptor and mapping that the calls left open. Not for several threads at once.
public final class CallPlayer {
  let kernel: Kernel
  var identities = Identities()
  let arena = ArgumentArena()
  let hostFiles = HostFiles()
  private let paths: [String: String]
  private var nodes: NodeNumbers

  /// Creates a player.
  ///
  /// - Parameters:
  ///   - kernel: who answers.
  ///   - paths: which path to open instead of one that a call names.
  public init(_ kernel: Kernel, paths: [String: String] = [:]) {
    self.kernel = kernel
    self.paths = paths
    nodes = NodeNumbers(kernel)
  }

  deinit { end() }

  /// Makes a call.
  public func play(_ call: Call) -> Answer {
    switch call {
    case .open(let path, let flags): return open(path, flags)
    case .close(let descriptor): return close(descriptor)
    case .ioctl(let call): return play(call)
    case .mmap(let length, let protection, let flags, let descriptor, let offset):
      return map(length, protection, flags, descriptor, offset)
    case .munmap(let address, let length): return unmap(address, length)
    case .lseek(let descriptor, let offset, let whence):
      return Answer(kernel.lseek(number(of: descriptor), offset: offset, whence: whence))
    case .poll(let descriptor, let events, let milliseconds):
      return Answer(
        Int64(kernel.poll(number(of: descriptor), events: events, milliseconds: milliseconds)))
    case .duplicate(let descriptor): return duplicate(descriptor)
    case .store(let mapping, let at, let bytes): return store(mapping, at, bytes)
    case .load(let mapping, let at, let count): return load(mapping, at, count)
    }
  }

  /// Closes and unmaps everything that is left, and forgets it.
  public func end() {
    for range in identities.mappings.live {
      _ = kernel.munmap(range.lowerBound, length: range.count)
    }
    for number in identities.descriptors.openNumbers { _ = kernel.close(number) }
    identities = Identities()
  }

  /// Answers the number that a call's descriptor has here.
  func number(of descriptor: Call.Descriptor) -> CInt {
    switch descriptor {
    case .given(let identity):
      let entry = identities.descriptors.entry(ofIdentity: identity)
      guard let entry, !entry.isOpen else { return entry?.number ?? HostFiles.notOpen }
      return closed(entry.number)
    case .host(let file): return hostFiles.number(of: file)
    case .literal(let number): return closed(number)
    }
  }

  /// A number that is to name nothing, or another one where it names something here.
  private func closed(_ number: CInt) -> CInt {
    number >= 0 && cdrm_descriptor_is_open(number) ? HostFiles.notOpen : number
  }

  private func open(_ path: String, _ flags: CInt) -> Answer {
    let path = paths[path] ?? path
    let answer = kernel.open(path, flags: flags)
    guard answer >= 0 else { return Answer(Int64(answer)) }
    let identity = identities.descriptors.give(answer, device: nodes.device(of: path))
    return Answer(Int64(identity))
  }

  private func close(_ descriptor: Call.Descriptor) -> Answer {
    let number = number(of: descriptor)
    let answer = kernel.close(number)
    if answer >= 0 { identities.close(number) }
    if case .host(let file) = descriptor { hostFiles.forget(file) }
    return Answer(Int64(answer))
  }

  private func duplicate(_ descriptor: Call.Descriptor) -> Answer {
    let number = number(of: descriptor)
    let answer = kernel.duplicate(number)
    guard answer >= 0 else { return Answer(Int64(answer)) }
    return Answer(Int64(identities.descriptors.give(answer, duplicateOf: number)))
  }
}
