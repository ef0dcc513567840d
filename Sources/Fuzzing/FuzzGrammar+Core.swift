// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMDrivers
internal import DRMKernel
internal import CallTrace
internal import UAPILayouts

/// The ioctls of the DRM core, and unknown ioctl numbers.
extension FuzzGrammar {
  mutating func coreCall() -> FuzzStep? {
    guard let file = anyFile() else { return nil }
    switch random.below(6) {
    case 0: return version(on: file)
    case 1:
      let argument = cdrm_get_cap(
        capability: random.one(of: 1, 5, 6, 0x13, 0x14, 3, 99, .max), value: random.next())
      return ioctl(cdrm_request_get_cap, argument, on: file.step)
    case 2:
      let argument = cdrm_gem_change_handle(handle: 1, new_handle: 2)
      return ioctl(cdrm_request_gem_change_handle, argument, on: file.step)
    case 3:
      let length = random.weighted((6, 1 + random.below(63)), (1, 0), (1, 64), (2, 65))
      let letter = random.weighted((8, UInt8(0x62)), (1, 0x20), (1, 0))
      let argument = cdrm_set_client_name(name_len: UInt64(length), name: 0)
      let name: CallMemory =
        random.chance(90)
        ? .region(CallRegion([UInt8](repeating: letter, count: length))) : .wild(0x4000)
      return ioctl(
        cdrm_request_set_client_name, argument, on: file.step,
        links: [.init(at: 8, .pointer(name))])
    case 4:
      let argument = cdrm_syncobj_create(handle: 0, flags: random.one(of: 0, 1, 2))
      return ioctl(cdrm_request_syncobj_create, argument, on: file.step)
    default:
      // Not 0: after an attempt to destroy it, Linux 7.3 returns 0 as a handle.
      let argument = cdrm_syncobj_destroy(handle: 1 + UInt32(random.below(6)), pad: pad())
      let request = IoctlRequest(rawValue: cdrm_request_syncobj_destroy)
      return step(.ioctl(IoctlCall(.given(file.step), request, .value(argument))))
    }
  }

  /// VERSION with buffers for a part of each string, without buffers, or with bad addresses.
  private mutating func version(on file: FuzzModel.File) -> FuzzStep {
    var argument = cdrm_version()
    argument.name_len = UInt64(random.below(12))
    argument.desc_len = UInt64(random.below(80))
    let room: CallMemory = .region(CallRegion([UInt8](repeating: 0x2e, count: 80)))
    let name = random.weighted((8, room), (1, .null), (1, .wild(0x5000)))
    let summary = random.weighted((8, room), (1, .null), (1, .wild(0x5000)))
    return ioctl(
      cdrm_request_version, argument, on: file.step,
      links: [.init(at: 24, .pointer(name)), .init(at: 56, .pointer(summary))])
  }

  /// An ioctl with an unknown number or type.
  mutating func unknownCall() -> FuzzStep? {
    guard let file = anyFile() else { return nil }
    // Past the driver's table, in gaps of the core's table, and of another subsystem.
    let past: UInt =
      file.isTested ? UInt(IoctlLayout.numberPastLast(of: world.driver)) : 0x60
    let (type, number): (UInt, UInt) = random.one(
      of: (0x64, past), (0x64, 0x9f), (0x64, 0xff), (0x64, 0x04), (0x78, 0), (0x62, 0))
    let request = type << 8 | number | 8 << 16 | 3 << 30
    return ioctl(request, cdrm_gem_close(handle: 1, pad: 0), on: file.step)
  }
}
