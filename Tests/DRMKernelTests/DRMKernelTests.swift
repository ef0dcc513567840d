// SPDX-License-Identifier: MIT

import DRMKernel
import TestSupport
import Testing

@Suite struct IoctlRequestTests {
  private let boSync = IoctlRequest(rawValue: 0xC010_644F)

  @Test func decodesNumbers() {
    #expect(boSync.number == 0x4f && boSync.type == UInt8(ascii: "d") && boSync.size == 16)
    #expect(boSync.isIn && boSync.isOut)
    let gemClose = IoctlRequest(rawValue: 0x4008_6409)
    #expect(gemClose.isIn && !gemClose.isOut)
  }

  @Test func changesOnlyTheNamedParts() {
    #expect(boSync.resized(to: 64).rawValue == 0xC040_644F)
    #expect(boSync.directed(in: false, out: true).rawValue == 0x8010_644F)
    #expect(boSync.directed(in: false, out: false).rawValue == 0x0010_644F)
  }
}

@Suite struct ErrnoTests {
  @Test func printsItsName() {
    #expect("\(Errno.EINVAL)" == "EINVAL" && Errno.EINVAL.sentence == "Invalid argument")
    #expect("\(Errno(rawValue: 4000))" == "errno 4000")
  }

  @Test func isTheNegatedResult() {
    #expect(Errno(answer: CInt(-22)) == .EINVAL)
    #expect(Errno(answer: 0) == nil && Errno(answer: 7) == nil)
    #expect(Errno.ENOENT.answer == -2)
  }
}

@Suite struct KernelTests {
  @Test func hostReturnsNegatedErrno() {
    #expect(Kernel.host.open("/nowhere/at/all", flags: 0) == Errno.ENOENT.answer)
    #expect(Kernel.host.close(-1) == Errno.EBADF.answer)
    #expect(Kernel.host.lseek(-1, offset: 0, whence: 0) == Int64(Errno.EBADF.answer))
    #expect(
      Kernel.host.mmap(length: 4096, protection: 1, flags: 1, -1, offset: 0)
        == Int(Errno.EBADF.answer))
    #expect(Kernel.host.poll(-1, events: 1, milliseconds: 0) == 0)
    #expect(Kernel.host.duplicate(-1) == Errno.EBADF.answer)
  }

  @Test func hostPerformsAnIoctl() throws {
    let null = Kernel.host.open("/dev/null", flags: 2)
    try #require(null >= 0)
    var argument: UInt64 = 0
    #expect(Kernel.host.ioctl(null, 0xC008_6400, &argument) == Errno.ENOTTY.answer)
    #expect(Kernel.host.close(null) == 0)
  }

  @Test func callsGoToTheSubstitute() {
    let substitute = InterposedKernel(.host) { _ in .answer(-5) }
    let kernel = Kernel.substitute(substitute)
    #expect(!kernel.isHost && Kernel.host.isHost)
    #expect(kernel.open("/dev/null", flags: 0) == Errno.EIO.answer)
    #expect(substitute.callCount == 1)
  }
}

@Suite struct GuardedTests {
  @Test func countsFromManyThreads() async {
    let counter = Guarded(0)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask {
          for _ in 0..<1000 { counter.withLock { $0 += 1 } }
        }
      }
    }
    #expect(counter.withLock { $0 } == 8000)
  }
}
