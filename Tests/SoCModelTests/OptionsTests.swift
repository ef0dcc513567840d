// SPDX-License-Identifier: MIT

import SoCLayout
import SoCModel
import Testing

@Suite struct OptionsTests {
  private func set(_ name: String, _ value: String) -> (soc_option_result, soc_options, String) {
    var options = soc_default_options()
    var expected: UnsafePointer<CChar>?
    let result = soc_options_set(&options, name, value, &expected)
    return (result, options, expected.map { String(cString: $0) } ?? "")
  }

  @Test func defaultsAreTheModelWithoutEvictions() {
    let options = soc_default_options()
    #expect(options.model)
    #expect(options.poison_unknown)
    #expect(options.evict == SOC_EVICT_NEVER)
    #expect(options.late_nanoseconds == 0)
    #expect(!options.ignore_invalidate && !options.write_back && !options.other_snooping)
  }

  @Test func validValuesAreSet() {
    #expect(set("model", "off").1.model == false)
    #expect(set("stores", "1").1.stores)
    #expect(set("trace", "on").1.trace)
    #expect(set("unknown", "adopt").1.poison_unknown == false)
    #expect(set("evict", "both").1.evict == SOC_EVICT_BOTH)
    #expect(set("evict", "seed:0x10").1.evict == SOC_EVICT_SEED)
    #expect(set("evict", "seed:0x10").1.seed == 16)
    #expect(set("jobs", "late:20").1.late_nanoseconds == 20_000_000)
    #expect(set("ignore", "invalidate").1.ignore_invalidate)
    #expect(set("snooping", "other").1.other_snooping)
    #expect(set("sync", "write_back").1.write_back)
  }

  @Test(arguments: [
    ("model", "yes"), ("unknown", ""), ("evict", "always"), ("evict", "seed:"),
    ("evict", "seed:1x"),
    ("jobs", "late"), ("jobs", "late:0"), ("jobs", "late:x"), ("sync", "on"), ("ignore", "all"),
  ])
  func invalidValueNamesTheValidOnes(_ name: String, _ value: String) {
    let (result, _, expected) = set(name, value)
    #expect(result == SOC_OPTION_INVALID)
    #expect(expected.contains(" or "))
  }

  @Test func unknownNameIsReported() {
    #expect(set("ram", "x").0 == SOC_OPTION_UNKNOWN)
  }
}

@Suite struct InstructionTests {
  @Test(
    arguments: [
      (0xd50b_7a23, SOC_CLEAN), (0xd50b_7c23, SOC_CLEAN_TO_PERSISTENCE),
      (0xd50b_7d23, SOC_CLEAN_TO_DEEP_PERSISTENCE), (0xd50b_7e23, SOC_CLEAN_AND_INVALIDATE),
      (0xd508_7623, SOC_INVALIDATE), (0xd508_7643, SOC_BY_SET_AND_WAY),
      (0xd508_7a43, SOC_BY_SET_AND_WAY), (0xd508_7e43, SOC_BY_SET_AND_WAY),
    ] as [(UInt32, soc_maintenance)])
  func maintenanceIsDecoded(_ word: UInt32, _ kind: soc_maintenance) {
    let decoded = soc_decode(word, 0x1000)
    #expect(decoded.kind == SOC_MAINTENANCE)
    #expect(decoded.maintenance == kind)
    #expect(decoded.source == 3)
    #expect(decoded.is_low)
    #expect(!soc_decode(word, 0xffff_8000_0000_0000).is_low)
  }

  @Test(
    arguments: [
      (0xd50b_7423, SOC_ZERO_LINE),  // dc zva, x3
      (0xd508_831f, SOC_TLB_INVALIDATION),  // tlbi vmalle1is
      (0xd508_8761, SOC_TLB_INVALIDATION),  // tlbi vaae1, x1
      (0xd69f_03e0, SOC_EXCEPTION_RETURN),
      (0xd518_2001, SOC_USER_TABLE_CHANGE),  // msr ttbr0_el1, x1
      (0xd538_6003, SOC_EXCEPTION_ADDRESS),  // mrs x3, far_el1
      (0xd518_6003, SOC_OTHER),  // msr far_el1, x3
      (0xd518_2021, SOC_TRANSLATION_CHANGE),  // msr ttbr1_el1, x1
      (0xd518_2041, SOC_TRANSLATION_CHANGE),  // msr tcr_el1, x1
      (0xd518_a201, SOC_TRANSLATION_CHANGE),  // msr mair_el1, x1
      (0xd518_1001, SOC_TRANSLATION_CHANGE),  // msr sctlr_el1, x1
      (0xd50b_7b23, SOC_OTHER),  // dc cvau, x3
      (0xd503_3f9f, SOC_OTHER),  // dsb sy
      (0xd538_2001, SOC_OTHER),  // mrs x1, ttbr0_el1
      (0xd65f_03c0, SOC_OTHER),  // ret
    ] as [(UInt32, soc_instruction_kind)])
  func otherInstructionsAreDecoded(_ word: UInt32, _ kind: soc_instruction_kind) {
    #expect(soc_decode(word, 0x1000).kind == kind)
  }

  @Test func modulesAreTheFirst2GiBOfTheUpperHalf() {
    #expect(soc_is_module_text(0xffff_8000_7b01_2340))
    #expect(soc_is_module_text(0xffff_c000_7b01_2340), "47-bit addresses")
    #expect(!soc_is_module_text(0xffff_8000_8001_2340))
    #expect(!soc_is_module_text(0xffff_0000_0001_2340))
    #expect(!soc_is_module_text(0x0000_8000_0001_2340))
  }

  @Test func countersAreReportedByName() {
    let machine = Machine()
    machine.execute(0xd508_7640)
    soc_report_counters(
      machine.soc,
      { context, line in
        if let line { HostState.of(context).log.append(String(cString: line)) }
      }, Unmanaged.passUnretained(machine.state).toOpaque())
    let text = machine.state.log.joined(separator: "\n")
    #expect(text.contains("statistics dc-set/way 1"))
    #expect(text.contains("statistics dc 1 (cache maintenance of all kinds)"))
    #expect(text.contains("statistics device_reads 0 ("))
  }
}
