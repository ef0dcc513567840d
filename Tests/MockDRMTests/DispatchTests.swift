// SPDX-License-Identifier: MIT

import CDRM
import DRMKernel
import Testing

@testable import MockDRM

/// Tests of calls that harm a real kernel, and of facts that only the mock reports.
@Suite struct DispatchTests {
  private let mock = MockKernel([MockProfile(.panthor), MockProfile(.panthor, isCoherent: true)])

  @Test func unknownPathsAndDescriptors() {
    #expect(mock.open("/dev/dri/renderD200", flags: 2) == Errno.ENOENT.answer)
    #expect(mock.close(4711) == Errno.EBADF.answer)
    #expect(mock.ioctl(4711, cdrm_request_version, nil) == Errno.EBADF.answer)
    #expect(mock.lseek(4711, offset: 0, whence: 0) == Int64(Errno.EBADF.answer))
    #expect(mock.duplicate(4711) == Errno.EBADF.answer)
  }

  @Test func olderKernelsLackLaterIoctls() {
    let old = MockKernel([MockProfile(.panthor, kernel: .v6_12)])
    for (kernel, answer, handle) in [(old, Errno.EINVAL.answer, 77), (mock, 0, 0)]
      as [(MockKernel, CInt, UInt32)]
    {
      let file = kernel.open("/dev/dri/card0", flags: 2)
      var name = cdrm_set_client_name(name_len: 0, name: 0)
      #expect(kernel.ioctl(file, cdrm_request_set_client_name, &name) == answer)
      var dumb = cdrm_mode_create_dumb()
      dumb.handle = 77
      #expect(kernel.ioctl(file, cdrm_request_mode_create_dumb, &dumb) == Errno.ENOSYS.answer)
      #expect(dumb.handle == handle)
      #expect(kernel.close(file) == 0)
    }
  }

  @Test func mappingUnmappedInPiecesIsReleased() {
    let file = mock.open("/dev/dri/renderD128", flags: 2)
    var created = cdrm_panthor_bo_create()
    created.size = 4 * 4096
    #expect(mock.ioctl(file, cdrm_request_panthor_bo_create, &created) == 0)
    var place = cdrm_panthor_bo_mmap_offset(handle: created.handle, pad: 0, offset: 0)
    #expect(mock.ioctl(file, cdrm_request_panthor_bo_mmap_offset, &place) == 0)
    let address = mock.mmap(
      length: 4 * 4096 - 5, protection: 1, flags: 1, file, offset: Int64(place.offset))
    #expect(mock.close(file) == 0)
    #expect(mock.munmap(address + 4096, length: 4096) == 0)
    #expect(mock.usage.mappings == 2 && mock.usage.files == 1)
    #expect(mock.munmap(address, length: 4096) == 0)
    #expect(mock.munmap(address + 2 * 4096, length: 2 * 4096) == 0)
    #expect(mock.usage == .none)
  }

  @Test func upperHalfOfTheRequestIsIgnored() {
    let file = mock.open("/dev/dri/renderD128", flags: 2)
    var argument = cdrm_get_cap(capability: 5, value: 0)
    #expect(mock.ioctl(file, cdrm_request_get_cap | 1 << 32, &argument) == 0)
    #expect(argument.value == 3)
    #expect(mock.close(file) == 0)
  }

  @Test func outputIsCopiedOutOnFailureToo() {
    let file = mock.open("/dev/dri/renderD128", flags: 2)
    var argument = cdrm_get_cap(capability: 4711, value: 99)
    #expect(mock.ioctl(file, cdrm_request_get_cap, &argument) == Errno.EOPNOTSUPP.answer)
    #expect(argument.value == 0)
    #expect(mock.close(file) == 0)
  }

  @Test func descriptorsAreReservedOnTheHost() {
    let file = mock.open("/dev/dri/renderD128", flags: 2)
    #expect(cdrm_descriptor_is_open(file))
    let copy = mock.duplicate(file)
    #expect(mock.close(file) == 0)
    var argument = cdrm_get_cap(capability: 5, value: 0)
    #expect(mock.ioctl(copy, cdrm_request_get_cap, &argument) == 0)
    #expect(mock.usage.files == 1)
    #expect(mock.close(copy) == 0)
    #expect(!cdrm_descriptor_is_open(copy))
    #expect(mock.usage == .none)
  }

  @Test func primaryNodeServesTheSameDevice() {
    let file = mock.open("/dev/dri/card1", flags: 2)
    var argument = cdrm_mode_create_dumb()
    #expect(mock.ioctl(file, cdrm_request_mode_create_dumb, &argument) == Errno.ENOSYS.answer)
    #expect(mock.close(file) == 0)
  }

  @Test func clientNames() {
    let file = mock.open("/dev/dri/renderD128", flags: 2)
    for (name, answer) in [
      ("gemsync", 0), ("a b", -22), ("", 0), (String(repeating: "x", count: 64), 0),
      (String(repeating: "x", count: 65), -22),
    ] as [(String, CInt)] {
      var bytes = Array(name.utf8)
      let result = bytes.withUnsafeMutableBufferPointer { buffer in
        var argument = cdrm_set_client_name(
          name_len: UInt64(buffer.count), name: UInt64(UInt(bitPattern: buffer.baseAddress)))
        return mock.ioctl(file, cdrm_request_set_client_name, &argument)
      }
      #expect(result == answer, "name of \(bytes.count) bytes")
    }
    #expect(mock.close(file) == 0)
  }

  @Test func tailIsCheckedBeforeTheElement() throws {
    let file = mock.open("/dev/dri/renderD128", flags: 2)
    // The last eight bytes before unmapped memory start the tail, which is not zero.
    let page = 65536
    let map = try #require(cdrm_mmap(2 * page, 3, 0x22, -1, 0) as Int?)
    let start = try #require(UnsafeMutableRawPointer(bitPattern: map))
    #expect(cdrm_munmap(start + page, page) == 0)
    defer { _ = cdrm_munmap(start, page) }
    (start + page - 1).storeBytes(of: 1, as: UInt8.self)
    var argument = cdrm_panthor_bo_sync(
      ops: cdrm_panthor_obj_array(
        stride: 4096, count: 1, array: UInt64(UInt(bitPattern: start + page - 32))))
    #expect(mock.ioctl(file, cdrm_request_panthor_bo_sync, &argument) == Errno.E2BIG.answer)
    #expect(mock.close(file) == 0)
  }

  @Test func ioctlsThatAreNotModelledReturnENOSYS() {
    let file = mock.open("/dev/dri/renderD128", flags: 2)
    var argument: (UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0)
    // TILER_HEAP_CREATE: tilers are not modelled. The kernel never returns ENOSYS here.
    #expect(mock.ioctl(file, 0xC028_644B, &argument) == Errno.ENOSYS.answer)
    #expect(mock.close(file) == 0)
  }
}
