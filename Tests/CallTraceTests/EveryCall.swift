// SPDX-License-Identifier: MIT

import CDRM
import CallTrace
import DRMDrivers
import DRMKernel

/// At least one call of each kind and with each kind of argument, as one client makes them on panthor.
enum EveryCall {
  static let open = Call.open(path: "/dev/dri/renderD128", flags: 0o2000002)

  static let all: [Call] = systemCalls + arguments + syncobjs + groups

  private static let systemCalls: [Call] = [
    open, version(nameRoom: 7), .duplicate(.given(1)), create(size: 8192), create(size: 4096),
    offset(handle: 1), offset(handle: 2), offset(handle: 1),
    .mmap(length: 8192, protection: 3, flags: 1, .given(2), .given(1, delta: 0)),
    .mmap(length: 4096, protection: 3, flags: 1, .given(1), .given(2, delta: 4096)),
    .mmap(length: 4096, protection: 3, flags: 1, .given(1), .literal(1 << 56)),
    .mmap(length: 4096, protection: 3, flags: 1, .given(1), .literal(-4096)),
    .munmap(.mapping(1, delta: 4097), length: 1), .munmap(.mapping(1, delta: 0), length: 0),
    .munmap(.mapping(1, delta: 0), length: 8192),
    .munmap(.elsewhere(isAligned: true), length: 4096),
    .munmap(.elsewhere(isAligned: false), length: 4096),
    ioctl(
      cdrm_request_prime_handle_to_fd, cdrm_prime_handle(handle: 1, flags: 0x80002, fd: -1)),
    .lseek(.given(3), offset: 0, whence: 2), .lseek(.given(3), offset: 1, whence: 0),
    .poll(.given(3), events: 5, milliseconds: 0), .poll(.literal(-1), events: 1, milliseconds: 0),
    ioctl(
      cdrm_request_dma_buf_export_sync_file, cdrm_dma_buf_export_sync_file(flags: 3, fd: -1),
      on: .given(3)),
    importing(.given(3)), importing(.given(4)), importing(.literal(-1)),
    importing(.host(.pipe)), importing(.host(.memory(size: 4096, seals: 2))),
    importing(.host(.other)),
    ioctl(cdrm_request_gem_close, cdrm_gem_close(handle: 2, pad: 0)),
    create(size: 4096), offset(handle: 2),
    // A closed descriptor keeps its order of appearance.
    .close(.given(4)), .close(.given(4)), .close(.literal(-1)), .close(.literal(1_000_000)),
    .duplicate(.literal(-1)), .open(path: "/dev/dri/renderD999", flags: 2),
  ]

  private static let arguments: [Call] = [
    .ioctl(IoctlCall(.given(1), capability, .null)),
    .ioctl(IoctlCall(.given(1), capability, .wild(0x1000))),
    .ioctl(IoctlCall(.given(1), capability, .wild(0xffff_8000_0000_0000))),
    .ioctl(
      IoctlCall(
        .given(1), capability, .region(CallRegion([5, 0, 0, 0], isCutOff: true)))),
    .ioctl(
      IoctlCall(
        .given(1), capability.resized(to: 20), .region(CallRegion([5] + zeroes(15) + [1, 2, 3, 4])))
    ),
    .ioctl(IoctlCall(.given(1), capability.resized(to: 10), .region(CallRegion([5] + zeroes(9))))),
    .ioctl(
      IoctlCall(
        .given(1), IoctlRequest(rawValue: 0xc008_649f), .region(CallRegion(Array(1...8))))),
    .ioctl(IoctlCall(.host(.pipe), IoctlRequest(rawValue: 0x7821), .region(CallRegion([])))),
    sync(.null, count: 0), sync(.null, count: 1), sync(.wild(0xffff_8000_0000_0000), count: 1),
    sync(.region(CallRegion(elements: operations(3))), count: 3),
    sync(.region(CallRegion(elements: operations(4096))), count: 4096),
    sync(.region(CallRegion(elements: operations(3), stride: 40)), count: 3, stride: 40),
    sync(.region(CallRegion(CallRegion(elements: operations(2)).bytes, isCutOff: true)), count: 3),
    sync(.region(CallRegion([], isCutOff: true)), count: 1), label(.null),
    label(.region(CallRegion(Array("front buffer".utf8) + [0]))), label(.region(CallRegion([0]))),
    label(.region(CallRegion([UInt8](repeating: 0x78, count: 4096)))),
    label(.region(CallRegion([0x78, 0x78, 0xff], isCutOff: true))), bind, query(type: 0, room: 200),
    query(type: 2, room: 56), query(type: 7, room: 8), dmaBufName, version(nameRoom: 3),
    clientName,
  ]

  private static func zeroes(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

  private static let capability = IoctlRequest(rawValue: cdrm_request_get_cap)

  static func ioctl<Argument: BitwiseCopyable>(
    _ request: UInt, _ argument: Argument, on descriptor: Call.Descriptor = .given(1),
    driver: DRMDriver? = nil, links: [CallRegion.Link] = []
  ) -> Call {
    guard case .region(var region) = CallMemory.value(argument) else { return open }
    region.links = links
    return .ioctl(
      IoctlCall(
        descriptor, IoctlRequest(rawValue: request), driver: driver, .region(region)))
  }

  static func create(size: UInt64, on descriptor: Call.Descriptor = .given(1)) -> Call {
    ioctl(
      cdrm_request_panthor_bo_create,
      cdrm_panthor_bo_create(size: size, flags: 2, exclusive_vm_id: 0, handle: 0, pad: 0),
      on: descriptor, driver: .panthor)
  }

  static func offset(handle: UInt32, on descriptor: Call.Descriptor = .given(1)) -> Call {
    ioctl(
      cdrm_request_panthor_bo_mmap_offset,
      cdrm_panthor_bo_mmap_offset(handle: handle, pad: 0, offset: 0), on: descriptor,
      driver: .panthor)
  }

  static func version(nameRoom: UInt64) -> Call {
    var argument = cdrm_version()
    argument.name_len = nameRoom
    let room = CallRegion(zeroes(Int(nameRoom)))
    return ioctl(
      cdrm_request_version, argument,
      links: [
        .init(at: 24, .pointer(.region(room))), .init(at: 40, .pointer(.null)),
        .init(at: 56, .pointer(.null)),
      ])
  }

  private static func importing(_ descriptor: Call.Descriptor) -> Call {
    if case .literal(let number) = descriptor {
      return ioctl(
        cdrm_request_prime_fd_to_handle, cdrm_prime_handle(handle: 0, flags: 0, fd: number))
    }
    return ioctl(
      cdrm_request_prime_fd_to_handle, cdrm_prime_handle(handle: 0, flags: 0, fd: 0),
      links: [.init(at: 8, .descriptor(descriptor))])
  }

  private static func operations(_ count: Int) -> [cdrm_panthor_bo_sync_op] {
    (0..<count).map { index in
      cdrm_panthor_bo_sync_op(handle: 1, type: 1, offset: UInt64(index), size: 1)
    }
  }

  private static func sync(_ array: CallMemory, count: UInt32, stride: UInt32 = 24) -> Call {
    ioctl(
      cdrm_request_panthor_bo_sync,
      cdrm_panthor_bo_sync(ops: cdrm_panthor_obj_array(stride: stride, count: count, array: 0)),
      driver: .panthor, links: [.init(at: 8, .pointer(array))])
  }

  private static func label(_ text: CallMemory) -> Call {
    ioctl(
      cdrm_request_panthor_bo_set_label, cdrm_panthor_bo_set_label(handle: 1, pad: 0, label: 0),
      driver: .panthor, links: [.init(at: 8, .pointer(text))])
  }

  /// Two operations, each with its own array.
  private static let bind: Call = {
    var operation = cdrm_panthor_vm_bind_op()
    operation.bo_handle = 1
    operation.syncs.stride = 16
    operation.syncs.count = 1
    var operations = CallRegion(elements: [operation, operation])
    operations.links = [
      .init(at: 40, .pointer(.region(CallRegion(Array(1...16))))),
      .init(at: 88, .pointer(.wild(0x1000))),
    ]
    return ioctl(
      cdrm_request_panthor_vm_bind,
      cdrm_panthor_vm_bind(
        vm_id: 1, flags: 0, ops: cdrm_panthor_obj_array(stride: 48, count: 2, array: 0)),
      driver: .panthor, links: [.init(at: 16, .pointer(.region(operations)))])
  }()

  static func query(type: UInt32, room: Int) -> Call {
    ioctl(
      cdrm_request_panthor_dev_query,
      cdrm_panthor_dev_query(type: type, size: UInt32(room), pointer: 0), driver: .panthor,
      links: [.init(at: 8, .pointer(.region(CallRegion(zeroes(room)))))])
  }

  private static let dmaBufName = Call.ioctl(
    IoctlCall(
      .given(3), IoctlRequest(rawValue: cdrm_request_dma_buf_set_name),
      .region(CallRegion(Array("scanout".utf8) + [0]))))

  private static let clientName = ioctl(
    cdrm_request_set_client_name, cdrm_set_client_name(name_len: 4, name: 0),
    links: [.init(at: 8, .pointer(.region(CallRegion(Array("name".utf8)))))])
}
