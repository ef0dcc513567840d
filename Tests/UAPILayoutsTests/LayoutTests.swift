// SPDX-License-Identifier: MIT

import CDRM
import DRMDrivers
import DRMKernel
import Testing
import UAPILayouts

/// The layouts are equal to those of the C structs.
@Suite struct LayoutTests {
  @Test func everyArgumentHasTheSizeOfItsRequest() {
    #expect(IoctlLayout.all.count == 59)
    for (driver, layout) in IoctlLayout.all {
      let isString = layout.stringLimit != nil
      #expect(isString ? layout.structure.size == 0 : layout.structure.size == layout.request.size)
      #expect(IoctlLayout.find(layout.request, driver: driver) === layout)
      for output in layout.stable {
        #expect(!output.fields.isEmpty, "\(layout.name)")
        for name in output.fields {
          #expect(layout.structure.field(name) != nil, "\(layout.name) \(name)")
        }
      }
    }
    let names = IoctlLayout.all.map(\.layout.name)
    #expect(Set(names).count == names.count)
  }

  @Test func fieldsHaveTheOffsetsOfTheStructs() throws {
    func offset(_ request: UInt, _ field: String, _ driver: DRMDriver? = nil) -> Int? {
      IoctlLayout.find(IoctlRequest(rawValue: request), driver: driver)?.structure
        .field(field)?.offset
    }
    #expect(
      offset(cdrm_request_version, "desc")
        == MemoryLayout<cdrm_version>.offset(of: \.desc))
    #expect(
      offset(cdrm_request_prime_handle_to_fd, "fd")
        == MemoryLayout<cdrm_prime_handle>.offset(of: \.fd))
    #expect(
      offset(cdrm_request_mode_create_dumb, "size")
        == MemoryLayout<cdrm_mode_create_dumb>.offset(of: \.size))
    #expect(
      offset(cdrm_request_panthor_bo_create, "handle", .panthor)
        == MemoryLayout<cdrm_panthor_bo_create>.offset(of: \.handle))
    #expect(
      offset(cdrm_request_panthor_vm_bind, "ops.array", .panthor)
        == MemoryLayout<cdrm_panthor_vm_bind>.offset(of: \.ops.array))
    #expect(
      offset(cdrm_request_panthor_group_create, "group_handle", .panthor)
        == MemoryLayout<cdrm_panthor_group_create>.offset(of: \.group_handle))
    #expect(
      offset(cdrm_request_panthor_group_get_state, "fatal_queues", .panthor)
        == MemoryLayout<cdrm_panthor_group_get_state>.offset(of: \.fatal_queues))
    #expect(
      offset(cdrm_request_panfrost_sync_bo, "op_count", .panfrost)
        == MemoryLayout<cdrm_panfrost_sync_bo>.offset(of: \.op_count))
    #expect(
      offset(cdrm_request_panfrost_create_bo, "offset", .panfrost)
        == MemoryLayout<cdrm_panfrost_create_bo>.offset(of: \.offset))
    #expect(
      offset(cdrm_request_panfrost_submit, "jm_ctx_handle", .panfrost)
        == MemoryLayout<cdrm_panfrost_submit>.offset(of: \.jm_ctx_handle))
    #expect(
      offset(cdrm_request_syncobj_timeline_wait, "first_signaled")
        == MemoryLayout<cdrm_syncobj_timeline_wait>.offset(of: \.first_signaled))
    #expect(
      offset(cdrm_request_sync_file_info, "sync_fence_info")
        == MemoryLayout<cdrm_sync_file_info>.offset(of: \.sync_fence_info))
    #expect(
      offset(cdrm_request_pvr_create_bo, "flags", .powervr)
        == MemoryLayout<cdrm_pvr_create_bo>.offset(of: \.flags))
  }

  @Test func elementsOfArraysHaveTheLayoutOfTheStructs() throws {
    func element(_ request: UInt, _ field: String, _ driver: DRMDriver) -> StructLayout? {
      let layout = IoctlLayout.find(IoctlRequest(rawValue: request), driver: driver)
      guard case .pointer(.array(_, _, let element)) = layout?.structure.field(field)?.kind else {
        return nil
      }
      return element
    }
    let bind = try #require(element(cdrm_request_panthor_vm_bind, "ops.array", .panthor))
    #expect(bind.size == MemoryLayout<cdrm_panthor_vm_bind_op>.size)
    #expect(
      bind.field("syncs.array")?.offset
        == MemoryLayout<cdrm_panthor_vm_bind_op>.offset(of: \.syncs.array))
    let submission = try #require(
      element(cdrm_request_panthor_group_submit, "queue_submits.array", .panthor))
    #expect(submission.size == MemoryLayout<cdrm_panthor_queue_submit>.size)
    #expect(
      submission.field("syncs.array")?.offset
        == MemoryLayout<cdrm_panthor_queue_submit>.offset(of: \.syncs.array))
    #expect(
      element(cdrm_request_panthor_group_create, "queues.array", .panthor)?.size
        == MemoryLayout<cdrm_panthor_queue_create>.size)
    #expect(
      element(cdrm_request_panthor_bo_sync, "ops.array", .panthor)?.size
        == MemoryLayout<cdrm_panthor_bo_sync_op>.size)
    #expect(
      element(cdrm_request_panfrost_sync_bo, "ops", .panfrost)?.size
        == MemoryLayout<cdrm_panfrost_bo_sync_op>.size)
  }

  @Test func driverDecidesTheName() {
    let request = IoctlRequest(rawValue: cdrm_request_panthor_vm_create)
    #expect(IoctlLayout.name(of: request, driver: .panthor) == "PANTHOR_VM_CREATE")
    #expect(IoctlLayout.name(of: request, driver: .panfrost) == "PANFROST_WAIT_BO")
    #expect(IoctlLayout.name(of: request, driver: .vgem) == "VGEM_FENCE_ATTACH")
    #expect(IoctlLayout.name(of: request, driver: nil) == "ioctl 0x64:0x41")
    let foreign = IoctlRequest(rawValue: request.rawValue & ~0xff00 | 0x7800)
    #expect(IoctlLayout.name(of: foreign, driver: .panthor) == "ioctl 0x78:0x41")
  }

  @Test func numberPastLastIsUnknown() {
    #expect(IoctlLayout.numberPastLast(of: .panthor) == 0x51)
    #expect(IoctlLayout.numberPastLast(of: .panfrost) == 0x4e)
    for driver in DRMDriver.allCases {
      let number = UInt(IoctlLayout.numberPastLast(of: driver))
      #expect(IoctlLayout.find(IoctlRequest(rawValue: 0x6400 | number), driver: driver) == nil)
    }
  }

  @Test func namesOfValuesAreReadBack() throws {
    var count = 0
    for field in IoctlLayout.all.flatMap(\.layout.structure.fields) {
      let numbers: [UInt64] =
        switch field.names {
        case .flags(let names): names.keys.map { 1 << UInt64($0) }
        case .values(let names): names.keys.map { UInt64($0) }
        case .hexadecimal: [10, field.mask]
        case .none: []
        }
      for number in numbers {
        let name = try #require(field.name(of: number), "\(field.name)")
        #expect(try field.number(named: name) == number)
        count += 1
      }
    }
    #expect(count > 80)
  }

  @Test func unknownValuesHaveNoName() throws {
    let layout = try #require(IoctlLayout.byName["PANTHOR_BO_CREATE"]?.layout)
    let flags = try #require(layout.structure.field("flags"))
    #expect(flags.name(of: 3) == "NO_MMAP|WB_MMAP" && flags.name(of: 0) == nil)
    #expect(flags.name(of: 6) == nil)
    let error = #expect(throws: UnknownValueName.self) { try flags.number(named: "WB_MMAP|BLUE") }
    #expect(error == UnknownValueName(text: "BLUE", isFlag: true))
  }

  /// The stable outputs are read as the kernel reads an argument: a bad address gives nothing.
  @Test func stableValuesAreTheOutputsOfTheArgument() throws {
    let layout = try #require(IoctlLayout.byName["PANTHOR_BO_CREATE"]?.layout)
    var argument = cdrm_panthor_bo_create(
      size: 4096, flags: 0, exclusive_vm_id: 0, handle: 7, pad: 0)
    #expect(unsafe layout.stableValues(&argument) == "size=4096 handle=7")
    #expect(unsafe layout.stableValues(UnsafeMutableRawPointer(bitPattern: 0x1000)) == "")
  }
}
