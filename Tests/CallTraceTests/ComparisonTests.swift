// SPDX-License-Identifier: MIT

import CDRM
import DRMKernel
import MockDRM
import Testing
import CallTrace

/// Two answers are told apart by every part of them, and told in one line.
@Suite struct ComparisonTests {
  private let create = IoctlCall(
    .given(1), IoctlRequest(rawValue: cdrm_request_panthor_bo_create), driver: .panthor,
    .value(cdrm_panthor_bo_create(size: 1, flags: 2, exclusive_vm_id: 0, handle: 0, pad: 0)))

  @Test func everyPartIsCompared() {
    let bytes = [UInt8](repeating: 0, count: 24)
    var handle = bytes
    handle[16] = 7
    let call = Call.ioctl(create)
    let same = Answer(0, bytes: bytes)
    #expect(call.difference(same, same) == nil)
    #expect(
      call.difference(same, Answer(-22, bytes: bytes)) == "result: first 0, second EINVAL")
    #expect(
      call.difference(same, Answer(0, bytes: handle), names: ("mock", "kernel"))
        == "PANTHOR_BO_CREATE handle: mock 0, kernel 7")
    #expect(
      Call.lseek(.given(1), offset: 0, whence: 2).difference(Answer(0), Answer(8192))
        == "result: first 0, second 8192")
    #expect(
      Call.duplicate(.given(1)).difference(Answer(2), Answer(3))
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
      Call.ioctl(query).difference(Answer(0, bytes: one), Answer(0, bytes: other))
        == "PANTHOR_DEV_QUERY gpu_rev: first 0, second 0xff00")
  }

  @Test func whatIsGivenComparesByWhichOneItIs() {
    let call = Call.ioctl(
      IoctlCall(
        .given(1), IoctlRequest(rawValue: cdrm_request_panthor_bo_mmap_offset), driver: .panthor,
        .value(cdrm_panthor_bo_mmap_offset(handle: 1, pad: 0, offset: 0))))
    let bytes = [UInt8](repeating: 0, count: 16)
    #expect(
      call.difference(
        Answer(0, gifts: [Gift(.fakeOffset, 1)], bytes: bytes),
        Answer(0, gifts: [Gift(.fakeOffset, 2)], bytes: bytes))
        == "PANTHOR_BO_MMAP_OFFSET offset: first offset 1, second offset 2")
    #expect(
      call.difference(
        Answer(0, gifts: [Gift(.fakeOffset, 1)], bytes: bytes), Answer(0, bytes: bytes))
        == "PANTHOR_BO_MMAP_OFFSET offset: first offset 1, second 0")
  }

  /// Numbers of the run, such as descriptors and offsets, are no difference.
  @Test func otherNumbersAreTheSameAnswers() {
    let profiles = [MockProfile(.panthor)]
    let used = MockKernel(profiles)
    // Another client's node and BO take the first numbers.
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
    #expect(one.play(offset).gifts == [Gift(.fakeOffset, 1)])
    for player in [before, one, other] { player.end() }
    #expect(used.usage == .none)
  }

  /// Which hole an allocator fills is its own affair, but two BOs have two offsets at one time.
  @Test func aReusedOffsetIsSomethingNew() {
    let player = CallPlayer(.substitute(MockKernel([MockProfile(.panthor)])))
    let close = EveryCall.ioctl(cdrm_request_gem_close, cdrm_gem_close(handle: 1, pad: 0))
    func gift(_ handle: UInt32) -> Gift? {
      player.play(EveryCall.offset(handle: handle)).gifts.first
    }
    for call in [EveryCall.open, EveryCall.create(size: 4096)] { _ = player.play(call) }
    #expect(gift(1) == Gift(.fakeOffset, 1))
    _ = player.play(EveryCall.create(size: 4096))
    #expect(gift(2) == Gift(.fakeOffset, 2))
    #expect(gift(1) == Gift(.fakeOffset, 1))
    _ = player.play(close)
    // The mock gives the new BO the offset of the old one.
    _ = player.play(EveryCall.create(size: 4096))
    #expect(gift(1) == Gift(.fakeOffset, 3))
    _ = player.play(.close(.given(1)))
    for call in [EveryCall.open, EveryCall.create(size: 4096, on: .given(2))] {
      _ = player.play(call)
    }
    #expect(
      player.play(EveryCall.offset(handle: 1, on: .given(2))).gifts == [Gift(.fakeOffset, 4)])
  }

  @Test func bytesGoThroughMappings() {
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
    #expect(player.play(.store(mapping: 1, at: 4094, [7, 8])) == Answer(0))
    #expect(player.play(.load(mapping: 2, at: 4093, count: 3)) == Answer(0, bytes: [0, 7, 8]))
    // What would end the process is refused here.
    let fault = Answer(Int64(Errno.EFAULT.answer))
    #expect(player.play(.store(mapping: 1, at: 4095, [7, 8])) == fault)
    #expect(player.play(.load(mapping: 3, at: 0, count: 1)) == fault)
    #expect(player.play(.munmap(.mapping(1, delta: 0), length: 1 << 30)) == Answer(0))
    #expect(player.play(.load(mapping: 1, at: 0, count: 1)) == fault)
    #expect(player.play(.load(mapping: 2, at: 0, count: 1)) == Answer(0, bytes: [0]))
  }
}
