// SPDX-License-Identifier: MIT

import CDRM
import CallTrace
import DRMDrivers
import DRMKernel
import MockDRM
import Testing
import UAPILayouts

/// Outcomes compare by all their parts, and a difference is described in one line.
@Suite struct ComparisonTests {
  private let create = IoctlCall(
    .given(1), IoctlRequest(rawValue: cdrm_request_panthor_bo_create), driver: .panthor,
    .value(cdrm_panthor_bo_create(size: 1, flags: 2, exclusive_vm_id: 0, handle: 0, pad: 0)))

  @Test func everyPartIsCompared() {
    let bytes = [UInt8](repeating: 0, count: 24)
    var handle = bytes
    handle[16] = 7
    let call = Call.ioctl(create)
    let same = CallOutcome(0, bytes: bytes)
    #expect(call.difference(same, same) == nil)
    #expect(
      call.difference(same, CallOutcome(-22, bytes: bytes)) == "result: first 0, second EINVAL")
    #expect(
      call.difference(same, CallOutcome(0, bytes: handle), names: ("mock", "kernel"))
        == "PANTHOR_BO_CREATE handle: mock 0, kernel 7")
    #expect(
      Call.lseek(.given(1), offset: 0, whence: 2).difference(CallOutcome(0), CallOutcome(8192))
        == "result: first 0, second 8192")
    #expect(
      Call.duplicate(.given(1)).difference(CallOutcome(2), CallOutcome(3))
        == "result: first fd 2, second fd 3")
  }

  @Test func gapsBetweenFieldsAndBuffersAreCompared() {
    let query = IoctlCall(
      .given(1), IoctlRequest(rawValue: cdrm_request_panthor_dev_query), driver: .panthor,
      .region(
        CallRegion(
          [1, 0, 0, 0, 24, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
          links: [.init(at: 8, .pointer(.region(CallRegion([UInt8](repeating: 0, count: 24)))))])))
    let one = [UInt8](repeating: 0, count: 16 + 24)
    var other = one
    other[16 + 5] = 0xff
    #expect(
      Call.ioctl(query).difference(CallOutcome(0, bytes: one), CallOutcome(0, bytes: other))
        == "PANTHOR_DEV_QUERY gpu_rev: first 0, second 0xff00")
  }

  @Test func resourcesCompareByOrderOfAppearance() {
    let call = Call.ioctl(
      IoctlCall(
        .given(1), IoctlRequest(rawValue: cdrm_request_panthor_bo_mmap_offset), driver: .panthor,
        .value(cdrm_panthor_bo_mmap_offset(handle: 1, pad: 0, offset: 0))))
    let bytes = [UInt8](repeating: 0, count: 16)
    #expect(
      call.difference(
        CallOutcome(0, resources: [ReturnedResource(.fakeOffset, 1)], bytes: bytes),
        CallOutcome(0, resources: [ReturnedResource(.fakeOffset, 2)], bytes: bytes))
        == "PANTHOR_BO_MMAP_OFFSET offset: first offset 1, second offset 2")
    #expect(
      call.difference(
        CallOutcome(0, resources: [ReturnedResource(.fakeOffset, 1)], bytes: bytes),
        CallOutcome(0, bytes: bytes))
        == "PANTHOR_BO_MMAP_OFFSET offset: first offset 1, second 0")
  }

  /// Numbers of one run, such as descriptors and offsets, do not compare.
  @Test func numbersOfTheRunDoNotCompare() {
    let profiles = [MockProfile(.panthor)]
    let used = MockKernel(profiles)
    // Another client uses the first numbers.
    let before = CallPlayer(.substitute(used))
    let one = CallPlayer(.substitute(used))
    let other = CallPlayer(.substitute(MockKernel(profiles)))
    let offset = Call.ioctl(
      IoctlCall(
        .given(1), IoctlRequest(rawValue: cdrm_request_panthor_bo_mmap_offset), driver: .panthor,
        .value(cdrm_panthor_bo_mmap_offset(handle: 1, pad: 0, offset: 0))))
    let calls = [.open(path: "/dev/dri/renderD128", flags: 2), .ioctl(create), offset]
    for call in calls { _ = before.play(call) }
    for call in calls + [
      .mmap(length: 4096, protection: 3, flags: 1, .given(1), .given(1, delta: 0))
    ] {
      #expect(one.play(call) == other.play(call))
    }
    #expect(one.play(offset).resources == [ReturnedResource(.fakeOffset, 1)])
    for player in [before, one, other] { player.end() }
    #expect(used.usage == .none)
  }

  /// A kernel may reuse the offset of a closed BO; two open BOs have different offsets.
  @Test func aReusedOffsetIsANewResource() {
    let player = CallPlayer(.substitute(MockKernel([MockProfile(.panthor)])))
    let close = EveryCall.ioctl(cdrm_request_gem_close, cdrm_gem_close(handle: 1, pad: 0))
    func offset(_ handle: UInt32) -> ReturnedResource? {
      player.play(EveryCall.offset(handle: handle)).resources.first
    }
    for call in [EveryCall.open, EveryCall.create(size: 4096)] { _ = player.play(call) }
    #expect(offset(1) == ReturnedResource(.fakeOffset, 1))
    _ = player.play(EveryCall.create(size: 4096))
    #expect(offset(2) == ReturnedResource(.fakeOffset, 2))
    #expect(offset(1) == ReturnedResource(.fakeOffset, 1))
    _ = player.play(close)
    // The mock assigns the offset of the closed BO to the new one.
    _ = player.play(EveryCall.create(size: 4096))
    #expect(offset(1) == ReturnedResource(.fakeOffset, 3))
    _ = player.play(.close(.given(1)))
    for call in [EveryCall.open, EveryCall.create(size: 4096, on: .given(2))] {
      _ = player.play(call)
    }
    #expect(
      player.play(EveryCall.offset(handle: 1, on: .given(2))).resources == [
        ReturnedResource(.fakeOffset, 4)
      ])
  }

  @Test func bytesAreStoredAndLoadedThroughMappings() {
    let player = CallPlayer(.substitute(MockKernel([MockProfile(.panthor)])))
    _ = player.play(.open(path: "/dev/dri/renderD128", flags: 2))
    _ = player.play(.ioctl(create))
    _ = player.play(
      .ioctl(
        IoctlCall(
          .given(1), IoctlRequest(rawValue: cdrm_request_panthor_bo_mmap_offset),
          driver: .panthor, .value(cdrm_panthor_bo_mmap_offset(handle: 1, pad: 0, offset: 0)))))
    for _ in 0..<2 {
      _ = player.play(
        .mmap(length: 4096, protection: 3, flags: 1, .given(1), .given(1, delta: 0)))
    }
    #expect(player.play(.store(mapping: 1, at: 4094, [7, 8])) == CallOutcome(0))
    #expect(player.play(.load(mapping: 2, at: 4093, count: 3)) == CallOutcome(0, bytes: [0, 7, 8]))
    // Accesses that would raise a signal return EFAULT.
    let fault = CallOutcome(Int64(Errno.EFAULT.answer))
    #expect(player.play(.store(mapping: 1, at: 4095, [7, 8])) == fault)
    #expect(player.play(.load(mapping: 3, at: 0, count: 1)) == fault)
    #expect(player.play(.maintain(mapping: 1, at: 0, count: 4096, .clean)) == CallOutcome(0))
    for (at, count) in [(0, 4097), (4096, 1), (-1, 1), (0, -1), (.max, 2)] {
      #expect(
        player.play(.maintain(mapping: 1, at: at, count: count, .cleanAndInvalidate)) == fault)
    }
    #expect(player.play(.munmap(.mapping(1, delta: 0), length: 1 << 30)) == CallOutcome(0))
    #expect(player.play(.load(mapping: 1, at: 0, count: 1)) == fault)
    #expect(player.play(.load(mapping: 2, at: 0, count: 1)) == CallOutcome(0, bytes: [0]))
  }
}
