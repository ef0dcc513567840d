// SPDX-License-Identifier: MIT

/// The dma-buf an imported BO came from; it lives as long as the BO, which is synced through it.
final class ImportSource: Sendable {
  let dmaBuf: DMABuf

  init(_ dmaBuf: consuming DMABuf) {
    self.dmaBuf = dmaBuf
  }
}
