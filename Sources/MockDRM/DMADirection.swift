// SPDX-License-Identifier: MIT

/// Where data goes, as the DMA API has it: `enum dma_data_direction`.
enum DMADirection {
  /// The CPU wrote, the device reads.
  case toDevice
  /// The device wrote, the CPU reads.
  case fromDevice
  case bidirectional
}
