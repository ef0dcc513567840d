// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel
internal import CallTrace

/// PRIME, dma-bufs and exporters without a GPU.
extension FuzzGrammar {
  mutating func export() -> FuzzStep? {
    guard model.dmaBufs.count < Self.mostDMABufs, let file = anyFile() else { return nil }
    let (number, handle) = handle(of: file)
    // An import of a BO advised as DONTNEED makes a correct panfrost print a WARN.
    if let handle, model.unneeded.contains(handle.shape.maker) { return nil }
    let flags: UInt32 = random.weighted(
      (80, 0x80002), (8, 0x80000), (4, 0), (4, 2), (2, 1), (2, 0x8000_0000))
    let argument = cdrm_prime_handle(handle: number, flags: flags, fd: -1)
    return ioctl(
      cdrm_request_prime_handle_to_fd, argument, on: file.step, handles: slots(handle, at: 0),
      effect: handle.map { .exports($0.shape, source: $0.step) } ?? .none,
      returnsDescriptor: true)
  }

  mutating func importDMABuf() -> FuzzStep? {
    guard model.liveHandles < Self.mostHandles, let file = anyFile() else { return nil }
    let argument = cdrm_prime_handle(handle: random.chance(50) ? 0 : 9, flags: pad(), fd: 0)
    guard random.chance(92), let dmaBuf = random.pick(model.dmaBufs),
      model.liveBytes + dmaBuf.shape.size < Self.mostBytes
    else {
      let wrong: Call.Descriptor = random.one(
        of: .literal(-1), .host(.pipe), .given(model.fences.first ?? file.step),
        .given(file.step))
      return ioctl(
        cdrm_request_prime_fd_to_handle, argument, on: file.step,
        links: [.init(at: 8, .descriptor(wrong))])
    }
    return ioctl(
      cdrm_request_prime_fd_to_handle, argument, on: file.step,
      links: [.init(at: 8, .descriptor(.given(dmaBuf.step)))],
      effect: .imports(file: file.step, dmaBuf: dmaBuf.step))
  }

  mutating func syncDMABuf() -> FuzzStep? {
    guard let dmaBuf = random.pick(model.dmaBufs) else { return nil }
    let flags: UInt64 = random.weighted(
      (70, UInt64(1 + random.below(3)) | (random.chance(50) ? 4 : 0)), (10, 0), (5, 4), (5, 8),
      (5, 0x103), (5, 1 << 40 | 3))
    return ioctl(cdrm_request_dma_buf_sync, cdrm_dma_buf_sync(flags: flags), on: dmaBuf.step)
  }

  mutating func dmaBufCall() -> FuzzStep? {
    guard let dmaBuf = random.pick(model.dmaBufs) else { return nil }
    switch random.below(4) {
    case 0:
      let name = random.weighted(
        (6, 1 + random.below(31)), (2, 31), (2, 32), (1, 0))
      let memory: CallMemory =
        random.chance(90)
        ? .region(CallRegion([UInt8](repeating: 0x6e, count: name) + [0])) : .wild(0x3000)
      let request = IoctlRequest(rawValue: cdrm_request_dma_buf_set_name)
      return step(.ioctl(IoctlCall(.given(dmaBuf.step), request, memory)))
    case 1:
      guard model.fences.count < 8 else { return nil }
      let argument = cdrm_dma_buf_export_sync_file(
        flags: random.weighted((80, UInt32(1 + random.below(3))), (10, 0), (10, 4)), fd: -1)
      return ioctl(
        cdrm_request_dma_buf_export_sync_file, argument, on: dmaBuf.step,
        effect: .exportsFence, returnsDescriptor: true)
    case 2:
      let fence = random.pick(model.fences).map { Call.Descriptor.given($0) }
      let argument = cdrm_dma_buf_import_sync_file(
        flags: random.weighted((80, UInt32(1 + random.below(3))), (10, 0), (10, 4)), fd: 0)
      return ioctl(
        cdrm_request_dma_buf_import_sync_file, argument, on: dmaBuf.step,
        links: [
          .init(at: 4, .descriptor(fence ?? random.one(of: .literal(-1), .given(dmaBuf.step))))
        ])
    default:
      let request = UInt(UInt8(ascii: "b")) << 8 | 0x77 | 8 << 16 | 3 << 30
      return ioctl(request, cdrm_dma_buf_sync(flags: 1), on: dmaBuf.step)
    }
  }

  mutating func makeUDMABuf() -> FuzzStep? {
    guard let device = model.files.first(where: { $0.kind == .udmabuf }),
      model.dmaBufs.count < Self.mostDMABufs
    else { return nil }
    let page = Int(world.pageSize)
    let seals: CInt = random.weighted((8, 2), (1, 0), (1, 2 | 8), (1, 2 | 16))
    let file: Call.Descriptor = random.weighted(
      (8, .host(.memory(size: 4 * page, seals: seals))), (1, .host(.pipe)), (1, .literal(-1)))
    let (offset, size): (Int, Int) = random.weighted(
      (6, (0, 4 * page)), (4, (page, 2 * page)), (1, (0, 0)), (1, (1, page)),
      (1, (page, 4 * page)), (1, (0, page + 1)))
    let argument = cdrm_udmabuf_create(
      memfd: 0, flags: random.chance(90) ? 1 : .max, offset: UInt64(offset), size: UInt64(size))
    let request = IoctlRequest(rawValue: cdrm_request_udmabuf_create)
    let bytes = unsafe withUnsafeBytes(of: argument) { unsafe Array($0) }
    return step(
      .ioctl(
        IoctlCall(
          .given(device.step), request,
          .region(CallRegion(bytes, links: [.init(at: 0, .descriptor(file))])))),
      effect: .exports(FuzzModel.Shape(size: UInt64(size)), source: nil))
  }

  mutating func makeDumb() -> FuzzStep? {
    let files = model.files.filter { $0.kind == .vgem || $0.kind == .tested(isPrimary: true) }
    guard model.liveHandles < Self.mostHandles, let file = random.pick(files) else { return nil }
    if file.kind == .vgem, random.chance(50) {
      let (number, handle) = handle(of: file)
      let argument = cdrm_mode_map_dumb(handle: number, pad: pad(), offset: 9)
      return ioctl(
        cdrm_request_mode_map_dumb, argument, on: file.step, handles: slots(handle, at: 0),
        effect: handle.map { .returnsOffset(of: $0.step, file: file.step) } ?? .none)
    }
    // Small sizes and invalid ones, never a large size that a kernel would try to allocate.
    let (width, height, bits): (UInt32, UInt32, UInt32) = random.weighted(
      (6, (64, 64, 32)), (4, (7, 3, 8)), (4, (100, 64, 24)), (2, (1, 1, 33)), (2, (64, 1, 16)),
      (1, (0, 1, 8)), (1, (1, 0, 8)), (1, (1, 1, 0)), (1, (.max, 2, 8)), (1, (1, 1, .max)),
      (1, (0x1_0000, 0x1_0000, 8)))
    var argument = cdrm_mode_create_dumb()
    (argument.width, argument.height, argument.bpp) = (width, height, bits)
    let bytes = UInt64(width) * UInt64((bits &+ 7) / 8) * UInt64(height)
    return ioctl(
      cdrm_request_mode_create_dumb, argument, on: file.step,
      effect: file.kind == .vgem
        ? .creates(
          file: file.step, FuzzModel.Shape(size: rounded(min(bytes, 1 << 40))), handleAt: 16)
        : .none)
  }
}
