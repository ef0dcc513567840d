// SPDX-License-Identifier: MIT

import CDRM
import Testing

@Suite struct ProcessTests {
  private let efault: CInt = -14

  @Test func copiesWithinTheProcess() {
    var source: UInt64 = 0x1122_3344_5566_7788
    var target: UInt64 = 0
    let address = withUnsafeMutablePointer(to: &source) { UInt64(UInt(bitPattern: $0)) }
    #expect(cdrm_copy_from_client(&target, address, 8) == 0)
    #expect(target == source)
  }

  @Test func badAddressIsAnAnswer() {
    var word: UInt64 = 0
    for address: UInt64 in [0, 0x1000, 0xffff_0000_0000_0000, .max] {
      #expect(cdrm_copy_from_client(&word, address, 8) == efault)
    }
  }

  @Test func emptyCopyNeedsNoAddress() {
    var word: UInt64 = 0
    #expect(cdrm_copy_from_client(&word, 0, 0) == 0)
  }

  @Test func closedDescriptorIsKnown() {
    let descriptor = cdrm_reserve_descriptor()
    #expect(descriptor >= 0 && cdrm_descriptor_is_open(descriptor))
    #expect(cdrm_close(descriptor) == 0)
    #expect(cdrm_close(-1) == -9)
    #expect(!cdrm_descriptor_is_open(-1))
  }
}
