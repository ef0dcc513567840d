// SPDX-License-Identifier: MIT

import CDRM
@testable import CallTrace
import DRMDrivers
import DRMKernel
import MockDRM
import Testing

/// What an outcome holds of a call, in a recording as in its replay.
@Suite struct OutcomeTests {
  /// The previous contents of an output buffer are not part of the outcome.
  @Test func outputBufferCountsOnlyAfterSuccess() throws {
    let calls = Guarded<[RecordedCall]>([])
    let recorder = CallRecorder(.substitute(MockKernel([MockProfile(.panthor)]))) { call in
      calls.withLock { $0.append(call) }
    }
    let node = recorder.open("/dev/dri/renderD128", flags: 2)
    var name = [UInt8](repeating: 0xaa, count: 16)
    for room in [UInt64(16), 3] {
      unsafe name.withUnsafeMutableBufferPointer { buffer in
        var version = cdrm_version()
        version.name_len = room
        version.name = UInt64(UInt(bitPattern: buffer.baseAddress))
        version.date_len = 1
        // The copy of the second string fails after that of the first.
        version.date = room == 3 ? 0x1000 : 0
        _ = unsafe recorder.ioctl(node, cdrm_request_version, &version)
      }
    }
    _ = recorder.close(node)
    let recorded = calls.withLock { $0 }
    #expect(
      recorded[1].outcome.bytes == recorded[1].outcome.bytes.prefix(64) + Array("panthor".utf8))
    #expect(recorded[2].outcome.result == Int64(Errno.EFAULT.answer))
    #expect(recorded[2].outcome.bytes.count == 64)
    let player = CallPlayer(.substitute(MockKernel([MockProfile(.panthor)])))
    #expect(replay(recorded, on: player).isEmpty)
  }

  /// A kernel that does not read the argument writes no buffer, and one that does not return it does not tell how much.
  @Test(arguments: [(true, false), (false, true), (false, false)])
  func outputBufferNeedsTheReturnedArgument(_ isIn: Bool, _ isOut: Bool) {
    let calls = Guarded<[RecordedCall]>([])
    let recorder = CallRecorder(.substitute(MockKernel([MockProfile(.panthor)]))) { call in
      calls.withLock { $0.append(call) }
    }
    let node = recorder.open("/dev/dri/renderD128", flags: 2)
    var name = [UInt8](repeating: 0xaa, count: 16)
    unsafe name.withUnsafeMutableBufferPointer { buffer in
      var version = cdrm_version()
      version.name_len = 16
      version.name = UInt64(UInt(bitPattern: buffer.baseAddress))
      let request = IoctlRequest(rawValue: cdrm_request_version).directed(in: isIn, out: isOut)
      _ = unsafe recorder.ioctl(node, request.rawValue, &version)
    }
    #expect(name[0] == (isIn ? UInt8(ascii: "p") : 0xaa))
    let recorded = calls.withLock { $0 }
    #expect(recorded[1].outcome.result == 0 && recorded[1].outcome.bytes.count == 64)
    let player = CallPlayer(.substitute(MockKernel([MockProfile(.panthor)])))
    #expect(replay(recorded, on: player).isEmpty)
  }

  /// A heap looks at the number of a request only, and what it returns is a descriptor for every type.
  @Test func aHeapIgnoresTheTypeOfARequest() throws {
    let profiles = [MockProfile(.panthor, hasHeap: true)]
    let recorded = Guarded<[RecordedCall]>([])
    let recorder = CallRecorder(.substitute(MockKernel(profiles))) { call in
      recorded.withLock { $0.append(call) }
    }
    let heap = recorder.open("/dev/dma_heap/system", flags: 2)
    for type: UInt in [0x48, 0x78, 0x64] {
      var data = cdrm_dma_heap_allocation_data()
      (data.len, data.fd_flags) = (4096, 2)
      let request = cdrm_request_dma_heap_alloc & ~0xff00 | type << 8
      #expect(unsafe recorder.ioctl(heap, request, &data) == 0)
      #expect(recorder.close(CInt(bitPattern: data.fd)) == 0)
    }
    let calls = recorded.withLock { $0 }
    #expect(
      calls.map(\.call.name) == ["open"]
        + Array(repeating: ["DMA_HEAP_ALLOC", "close"], count: 3).joined())
    let trace = try Trace(
      parsing: Array(Trace(TraceFileTests.header, calls).text().utf8), named: "t")
    #expect(trace.calls.map(\.call) == calls.map(\.call))
    let player = CallPlayer(.substitute(MockKernel(profiles)), nodes: [:])
    #expect(replay(trace.calls, on: player).isEmpty)
  }

  /// The bytes that were copied before a fault are in no trace.
  @Test func aFaultInABufferReplaysFromAFile() throws {
    let pointer = CallRegion.Link(
      at: 8, .pointer(.region(CallRegion([UInt8](repeating: 7, count: 8), isCutOff: true))))
    let query = Call.ioctl(
      IoctlCall(
        .given(1), IoctlRequest(rawValue: cdrm_request_panthor_dev_query), driver: .panthor,
        .region(CallRegion([4, 0, 0, 0, 16] + [UInt8](repeating: 0, count: 11), links: [pointer]))))
    let calls = recorded(
      [EveryCall.open, query], on: .substitute(MockKernel([MockProfile(.panthor)])))
    #expect(calls[1].outcome.result == Int64(Errno.EFAULT.answer))
    let text = Trace(TraceFileTests.header, calls).text()
    let trace = try Trace(parsing: Array(text.utf8), named: "t")
    #expect(trace.calls == calls)
    let player = CallPlayer(.substitute(MockKernel([MockProfile(.panthor)])))
    #expect(replay(trace.calls, on: player).isEmpty)
  }

  /// The time left until a deadline is written as the timeout that it was computed from.
  @Test(arguments: [
    (Int64.min, 1 as Int64), (-200_000_000, 1), (-5_000_000, 100_000_000), (0, 100_000_000),
    (9_990_000, 100_000_000), (100_000_000, 100_000_000), (190_000_000, 200_000_000),
    (1_999_999_000, 2_000_000_000), (4_990_000_000, 5_000_000_000), (.max - 5_000_000_000, .max),
  ])
  func timeoutsAreTheSameInEveryRun(_ left: Int64, _ timeout: Int64) {
    #expect(IoctlCall.timeout(left) == timeout)
  }

  /// A driver's call goes to nodes of that driver only, and of no other path.
  @Test func aPlayerOfAFileMakesCallsOfTheDriverOnly() {
    let kernel = Kernel.substitute(MockKernel([MockProfile(.panthor)]))
    let node = CallPlayer.Node(path: "/dev/dri/renderD128", driver: .panfrost)
    let player = CallPlayer(kernel, nodes: ["/dev/dri/renderD128": node])
    #expect(player.play(EveryCall.open).result == 1)
    #expect(player.play(EveryCall.create(size: 4096)) == .failure(.EINVAL))
    #expect(player.play(.open(path: "/dev/dri/card0", flags: 2)) == .failure(.ENOENT))
  }
}
