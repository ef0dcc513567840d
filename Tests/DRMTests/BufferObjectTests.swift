// SPDX-License-Identifier: MIT

import CDRM
import DRM
import DRMKernel
import MockDRM
import Testing

@Suite struct BufferObjectTests {
  @Test func livesAsLongAsItsOwner() throws {
    let bench = Bench()
    do {
      let node = try bench.open()
      let buffer = try node.createBuffer(size: 5000)
      #expect(buffer.size == 8192 && buffer.handle.rawValue == 1)
      #expect(bench.mock.usage.buffers == 1 && bench.mock.usage.handles == 1)
      try buffer.close()
      #expect(bench.mock.usage.buffers == 0 && bench.mock.usage.handles == 0)
      _ = try node.createBuffer(size: 1)
    }
    #expect(bench.mock.usage == .none)
  }

  @Test func keepsItsFileOpen() throws {
    let bench = Bench()
    func buffer() throws -> BufferObject { try bench.open().createBuffer(size: 4096) }
    do {
      let buffer = try buffer()
      #expect(bench.mock.usage.files == 1)
      try buffer.sync(.flush, 0..<64)
    }
    #expect(bench.mock.usage == .none)
  }

  @Test func importsCountTheirHandle() throws {
    let bench = Bench()
    let node = try bench.open()
    let buffer = try node.createBuffer(size: 4096)
    let dmaBuf = try buffer.export()
    let first = try node.importBuffer(from: dmaBuf)
    let second = try node.importBuffer(from: dmaBuf)
    #expect(first.handle == buffer.handle && second.handle == buffer.handle)
    try buffer.close()
    try first.close()
    // One use is left: the handle must still be good.
    try second.sync(.flush, 0..<4096)
    try second.close()
    #expect(bench.mock.usage.handles == 0)
  }

  @Test func disownedHandleIsTheCallersToClose() throws {
    let bench = Bench()
    do {
      let node = try bench.open()
      let handle = try node.createBuffer(size: 4096).disown()
      #expect(handle.rawValue == 1 && bench.mock.usage.handles == 1)
    }
    #expect(bench.mock.usage == .none)
  }

  @Test func disownedHandleIsNeverClosedByOthers() throws {
    let bench = Bench()
    let node = try bench.open()
    let buffer = try node.createBuffer(size: 4096)
    let dmaBuf = try buffer.export()
    let second = try node.importBuffer(from: dmaBuf)
    let handle = buffer.disown()
    try second.close()
    _ = try node.importBuffer(from: dmaBuf)
    #expect(bench.mock.usage.handles == 1)
    // Once the number is given out anew it belongs to the new BO.
    var argument = cdrm_gem_close(handle: handle.rawValue, pad: 0)
    #expect(bench.kernel.ioctl(node.descriptor, cdrm_request_gem_close, &argument) == 0)
    #expect(try node.createBuffer(size: 4096).handle == handle)
    #expect(bench.mock.usage.handles == 0)
  }

  @Test func reportsTheMappingOfItsCreation() throws {
    let bench = Bench()
    let node = try bench.open()
    for mapping in [CPUMapping.none, .writeCombining, .writeBack] {
      let info = try node.createBuffer(size: 4096, mapping: mapping).info()
      #expect(info.mapping == mapping && !info.isImported)
    }
  }
}
