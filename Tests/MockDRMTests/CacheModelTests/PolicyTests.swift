// SPDX-License-Identifier: MIT

import CDRM
import DRMKernel
import Testing

@testable import MockDRM

/// Tests of the policies `series-v4` and `private-wb`.
@Suite struct PolicyTests {
  // The flags of the series.
  private let device = 1
  private let read = 2
  private let write = 4

  private func sync(
    _ machine: CacheMachine, _ driver: String, _ buffer: CacheMachine.Buffer, _ range: Range<Int>,
    _ flags: Int
  ) -> CInt {
    driver == "panthor"
      ? machine.sync(buffer, range, flags) : machine.syncPanfrost(buffer, range, flags)
  }

  @Test(arguments: ["panthor", "panfrost"])
  func proposedSyncsCheckInOrder(_ driver: String) throws {
    let machine = try CacheMachine(driver + ",policy=series-v4", "vgem")
    let node = machine.open()
    let buffer = machine.create(on: node)
    let bypassing = machine.create(on: node, flags: 0)
    let none = CacheMachine.Buffer(node: node, handle: 99, size: 4096)
    let outside = 4096..<4097
    #expect(sync(machine, driver, none, outside, 8) == Errno.EINVAL.answer)
    #expect(sync(machine, driver, none, outside, 0) == Errno.ENOENT.answer)
    #expect(sync(machine, driver, buffer, outside, 0) == 0)
    #expect(sync(machine, driver, buffer, outside, device) == 0)
    #expect(sync(machine, driver, bypassing, outside, read) == 0)
    #expect(sync(machine, driver, buffer, 9000..<9000, read) == 0)
    #expect(sync(machine, driver, buffer, outside, read) == Errno.EINVAL.answer)
    #expect(sync(machine, driver, buffer, 0..<4096, device | write) == 0)
  }

  @Test(arguments: ["panthor", "panfrost"])
  func proposedSyncsUseTheDMAAPI(_ driver: String) throws {
    // For the device each direction cleans; for the CPU each but a write invalidates.
    for (flags, action) in [
      (device | read, MaintenanceRecord.Action.clean), (device | write, .clean),
      (device | read | write, .clean), (read, .invalidate), (write, nil),
      (read | write, .invalidate),
    ] {
      let machine = try CacheMachine(driver + ",policy=series-v4")
      let buffer = machine.create(on: machine.open())
      #expect(sync(machine, driver, buffer, 64..<128, flags) == 0)
      let records = machine.kernel.maintenance.dropFirst()
      #expect(machine.kernel.maintenance.first?.range == 0..<4096)
      #expect(records.map(\.action) == (action.map { [$0] } ?? []))
      #expect(records.allSatisfy { $0.range == 64..<128 })
    }
  }

  @Test func proposedSyncsLeaveImportsToTheirExporter() throws {
    let machine = try CacheMachine("panthor,policy=series-v4", "panfrost,fill=never")
    let buffer = machine.create(on: machine.open(1), 1)
    let address = machine.map(buffer)
    let other = machine.importing(machine.export(buffer), into: machine.open())
    machine.store([1], address)
    #expect(machine.sync(other, 0..<64, device | read) == Errno.EINVAL.answer)
    #expect(machine.sync(other, 64..<4096, device | read) == Errno.EINVAL.answer)
    #expect(machine.sync(other, 0..<4096, device | read) == 0)
    #expect(machine.deviceReads(other, 0..<1) == [1])
    machine.deviceWrites(other, [2], at: 0)
    #expect(machine.sync(other, 0..<4096, write) == 0)
    #expect(machine.load(address) == [1])
    #expect(machine.sync(other, 0..<4096, read) == 0)
    #expect(machine.load(address) == [2])
  }

  @Test(arguments: ["panthor", "panfrost"])
  func proposedHooksSyncTheirOwnMappingByDirection(_ driver: String) throws {
    let machine = try CacheMachine(driver + ",policy=series-v4", "panfrost")
    let buffer = machine.create(on: machine.open())
    let dmaBuf = machine.export(buffer)
    _ = machine.importing(dmaBuf, into: machine.open(1))
    // Maps the BO for DMA first.
    machine.syncDMABuf(dmaBuf, 1)
    for (flags, actions) in [
      (1, [MaintenanceRecord.Action.invalidate]), (2, []), (3, [.invalidate]), (5, []),
      (6, [.clean]), (7, [.clean]),
    ] {
      let before = machine.kernel.maintenance.count
      machine.syncDMABuf(dmaBuf, flags)
      let records = machine.kernel.maintenance[before...]
      #expect(records.map(\.action) == actions)
      #expect(records.allSatisfy { $0.device == "/dev/dri/renderD128" && $0.range == 0..<4096 })
    }
    // A hook is a sync, so it does nothing for a WC mapping.
    let bypassing = machine.export(machine.create(on: buffer.node, flags: 0))
    let before = machine.kernel.maintenance.count
    for flags in [1, 2, 3, 5, 6, 7] { machine.syncDMABuf(bypassing, flags) }
    #expect(machine.kernel.maintenance.count == before)
  }

  @Test func panthorKeepsCachedBuffersToOneVM() throws {
    for (policy, answer) in [("private-wb", Errno.EINVAL.answer), ("merged", 0)] {
      let machine = try CacheMachine("panthor,policy=\(policy)")
      let node = machine.open()
      var vm = cdrm_panthor_vm_create()
      #expect(machine.kernel.ioctl(node, cdrm_request_panthor_vm_create, &vm) == 0)
      let cached = UInt32(CDRM_PANTHOR_BO_WB_MMAP)
      for (flags, exclusive, answer) in [
        (cached, 0, answer), (cached, vm.id, 0), (0, 0, 0), (cached, 7, Errno.EINVAL.answer),
      ] as [(UInt32, UInt32, CInt)] {
        var argument = cdrm_panthor_bo_create()
        argument.size = 4096
        argument.flags = flags
        argument.exclusive_vm_id = exclusive
        #expect(
          machine.kernel.ioctl(node, cdrm_request_panthor_bo_create, &argument) == answer)
      }
    }
  }

  @Test func panfrostDoesNotExportCachedBuffers() throws {
    for (policy, refuses) in [("private-wb", true), ("merged", false)] {
      let machine = try CacheMachine("panfrost,policy=\(policy)")
      let node = machine.open()
      #expect((machine.export(machine.create(on: node)) == Errno.EINVAL.answer) == refuses)
      #expect(machine.export(machine.create(on: node, flags: 0)) >= 0)
    }
  }

  @Test func powervrDoesNotExportCachedBuffers() throws {
    for (profile, refuses) in [
      ("powervr,coherent,policy=private-wb", true), ("powervr,policy=private-wb", false),
      ("powervr,coherent", false),
    ] {
      let machine = try CacheMachine(profile)
      let buffer = machine.create(on: machine.open())
      #expect((machine.export(buffer) == Errno.EINVAL.answer) == refuses)
    }
  }
}
