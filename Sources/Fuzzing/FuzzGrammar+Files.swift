// SPDX-License-Identifier: MIT

internal import CDRM
internal import DRMKernel
internal import CallTrace

#if canImport(Glibc)
  internal import Glibc
#endif

/// Files and mappings.
extension FuzzGrammar {
  mutating func openIfFew() -> FuzzStep? {
    model.files.count < Self.mostFiles ? open() : nil
  }

  mutating func open() -> FuzzStep {
    let (path, kind): (String, FuzzModel.NodeKind) =
      switch random.below(12) {
      case 0: (world.primaryNode ?? world.node, .tested(isPrimary: world.primaryNode != nil))
      case 1, 2:
        random.pick(world.neighbours).map { ($0.path, .neighbour($0.driver)) }
          ?? (world.node, .tested(isPrimary: false))
      case 3: world.vgemNode.map { ($0, .vgem) } ?? (world.node, .tested(isPrimary: false))
      case 4 where world.hasUDMABuf && !model.files.contains { $0.kind == .udmabuf }:
        ("/dev/udmabuf", .udmabuf)
      default: (world.node, .tested(isPrimary: false))
      }
    let isWritable = random.chance(94) || kind == .udmabuf
    return step(
      .open(path: path, flags: (isWritable ? O_RDWR : O_RDONLY) | O_CLOEXEC),
      effect: .opens(kind, isWritable: isWritable))
  }

  mutating func closeSomething() -> FuzzStep? {
    let files = model.files.count > 2 || random.chance(5) ? model.files.map(\.step) : []
    let dmaBufs = model.dmaBufs.map(\.step)
    guard let descriptor = random.pick(dmaBufs + dmaBufs + files + model.fences) else {
      return step(.close(.literal(-1)))
    }
    return step(.close(.given(descriptor)), effect: .closes(descriptor))
  }

  mutating func closeHandle() -> FuzzStep? {
    guard let file = anyFile(), model.liveHandles > 8 || random.chance(20) else { return nil }
    let (number, handle) = handle(of: file)
    let argument = cdrm_gem_close(handle: number, pad: pad())
    return ioctl(
      cdrm_request_gem_close, argument, on: file.step, handles: slots(handle, at: 0),
      effect: .closesHandle(file: file.step, handle: number))
  }

  /// Maps by a fake offset: in most cases the whole BO, sometimes a nearly valid range.
  mutating func map() -> FuzzStep? {
    guard model.mappings.count < Self.mostMappings, let file = anyFile() else { return nil }
    let known = file.handles.filter { $0.offset != nil }
    guard let handle = random.pick(known), random.chance(85) else {
      // An offset of another BO, or a number that is no offset.
      let foreign =
        model.files.filter(\.isTested).flatMap(\.handles).compactMap(\.offset)
        + model.staleOffsets
      let offset: Call.Offset =
        if file.isTested, random.chance(80), let step = random.pick(foreign) {
          .given(step, delta: 0)
        } else {
          .literal(random.one(of: 0, 4096, (1 << 32) - 4096, 1 << 43, 1 << 56, 3))
        }
      return map(
        Int(world.pageSize), shared: true, writable: true, of: file, offset)
    }
    let size = Int(handle.shape.size)
    let page = Int(world.pageSize)
    let (length, delta): (Int, Int64) = random.weighted(
      (80, (size, 0)), (4, (size + page, 0)), (4, (size - 5, 0)), (4, (page, 0)),
      // Inside the BO, never just behind it, where another BO may be.
      (4, size > page ? (page, Int64(page)) : (size, 0)), (2, (0, 0)), (2, (size, 5)))
    return map(
      length, shared: random.chance(93), writable: random.chance(80), of: file,
      .given(handle.offset ?? 0, delta: delta))
  }

  mutating func mapDMABuf() -> FuzzStep? {
    guard model.mappings.count < Self.mostMappings, let dmaBuf = random.pick(model.dmaBufs) else {
      return nil
    }
    let size = Int(dmaBuf.shape.size)
    let page = Int(world.pageSize)
    let (length, offset): (Int, Int64) = random.weighted(
      (85, (size, 0)), (5, (size + page, 0)), (5, (size, Int64(page))), (5, (size, 7)))
    let writable = random.chance(70)
    return step(
      .mmap(
        length: length, protection: writable ? PROT_READ | PROT_WRITE : PROT_READ,
        flags: random.chance(93) ? MAP_SHARED : MAP_PRIVATE, .given(dmaBuf.step),
        .literal(offset)),
      effect: .maps(size: length, isWritable: writable))
  }

  private mutating func map(
    _ length: Int, shared: Bool, writable: Bool, of file: FuzzModel.File, _ offset: Call.Offset
  ) -> FuzzStep {
    step(
      .mmap(
        length: length, protection: writable ? PROT_READ | PROT_WRITE : PROT_READ,
        flags: shared ? MAP_SHARED : MAP_PRIVATE, .given(file.step), offset),
      effect: .maps(size: length, isWritable: writable))
  }

  /// Unmaps only whole mappings: drivers resolve page faults by the position in the mapping.
  mutating func unmap() -> FuzzStep? {
    guard let mapping = random.pick(model.mappings) else { return nil }
    return step(
      .munmap(.mapping(mapping.step, delta: 0), length: mapping.size),
      effect: .unmaps(mapping.step))
  }

  mutating func store() -> FuzzStep? {
    guard let mapping = random.pick(model.mappings.filter(\.isWritable)), mapping.size >= 64 else {
      return nil
    }
    let value = random.next()
    let bytes = (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    return step(.store(mapping: mapping.step, at: place(in: mapping), bytes))
  }

  mutating func load() -> FuzzStep? {
    guard let mapping = random.pick(model.mappings), mapping.size >= 64 else { return nil }
    return step(.load(mapping: mapping.step, at: place(in: mapping), count: 8))
  }

  /// One of few positions, so that stored bytes are often loaded.
  private mutating func place(in mapping: FuzzModel.Mapping) -> Int {
    random.one(of: 0, 8, 56, (mapping.size - 8) / 8 * 8, mapping.size / 2 / 8 * 8)
  }

  mutating func seek() -> FuzzStep? {
    guard let dmaBuf = random.pick(model.dmaBufs) else { return nil }
    let (offset, whence): (Int64, CInt) = random.weighted(
      (5, (0, 2)), (2, (0, 0)), (1, (1, 0)), (1, (0, 1)), (1, (-1, 2)))
    return step(.lseek(.given(dmaBuf.step), offset: offset, whence: whence))
  }

  mutating func pollSomething() -> FuzzStep? {
    guard let descriptor = random.pick(model.dmaBufs.map(\.step) + model.fences) else {
      return nil
    }
    return step(.poll(.given(descriptor), events: random.one(of: 1, 5), milliseconds: 0))
  }

  mutating func duplicate() -> FuzzStep? {
    guard model.dmaBufs.count < Self.mostDMABufs, let dmaBuf = random.pick(model.dmaBufs) else {
      return nil
    }
    return step(.duplicate(.given(dmaBuf.step)), effect: .duplicates(dmaBuf.step))
  }
}
