// SPDX-License-Identifier: MIT

import CDRM
import DRM
import DRMKernel
import Dispatch
import Foundation
import MockDRM
import TestSupport
import Testing

/// One node, used by several threads.
@Suite struct ThreadTests {
  @Test func manyThreadsOnOneNode() throws {
    let bench = Bench()
    let pausing = PausingKernel(bench.kernel)
    do {
      let node = SharedNode(try DRMNode(path: bench.path, kernel: .substitute(pausing)))
      let dmaBuf = try node.node.createBuffer(size: 4096, mapping: .writeBack).export()
      // The handle's only use ends while another import of it is between its ioctl and its count.
      for _ in 0..<5 {
        let first = SharedBuffer(try node.node.importBuffer(from: dmaBuf))
        let closed = DispatchSemaphore(value: 0)
        pausing.afterNextImport {
          Thread.detachNewThread {
            first.close()
            closed.signal()
          }
          // With the lock the close waits for the import; without it, it is done by now.
          Thread.sleep(forTimeInterval: 0.02)
        }
        let second = try node.node.importBuffer(from: dmaBuf)
        closed.wait()
        try second.sync(.flush, 0..<64)
      }
      let failures = Guarded<[DRMError]>([])
      DispatchQueue.concurrentPerform(iterations: 8) { _ in
        do throws(DRMError) {
          try node.shareBuffers(count: 50)
        } catch { failures.withLock { [error] in $0.append(error) } }
      }
      #expect(failures.withLock { $0 } == [])
    }
    #expect(bench.mock.usage == .none)
  }
}

/// A node that several threads use.
private final class SharedNode: Sendable {
  let node: DRMNode

  init(_ node: consuming DRMNode) {
    self.node = node
  }

  /// Creates, exports, imports and syncs BOs.
  func shareBuffers(count: Int) throws(DRMError) {
    for _ in 0..<count {
      let buffer = try node.createBuffer(size: 4096, mapping: .writeBack)
      let imported = try node.importBuffer(from: buffer.export())
      try imported.sync(.flush, 0..<64)
    }
  }
}

/// A BO that another thread closes.
private final class SharedBuffer: @unchecked Sendable {
  // Sendable: no thread uses the BO before or after the one close.
  private var buffer: BufferObject?

  init(_ buffer: consuming BufferObject) {
    self.buffer = consume buffer
  }

  func close() { buffer = nil }
}

/// An interposed kernel that runs a closure after one import, before the import returns.
private final class PausingKernel: ForwardingKernel, @unchecked Sendable {
  private let pause = Guarded<(@Sendable () -> Void)?>(nil)

  func afterNextImport(_ body: @escaping @Sendable () -> Void) {
    pause.withLock { $0 = body }
  }

  override func ioctl(
    _ descriptor: CInt, _ request: UInt, _ argument: UnsafeMutableRawPointer?
  ) -> CInt {
    let answer = super.ioctl(descriptor, request, argument)
    if request == cdrm_request_prime_fd_to_handle {
      let body = pause.withLock { pause in
        defer { pause = nil }
        return pause
      }
      body?()
    }
    return answer
  }
}
