// SPDX-License-Identifier: MIT

internal import DRMDrivers
internal import DRMKernel
internal import Litmus

// The behaviour of every driver, as far as the explorer models it. The mock states the same on its own, and
// tests compare the two. Every switch is exhaustive: a new driver does not compile without its rules.

extension NodeModel {
  /// Whether the driver maps a new BO for DMA at creation; otherwise at the first need.
  var mapsAtCreation: Bool {
    switch driver {
    case .drm(.panfrost), .drm(.powervr): true
    case .drm(.panthor), .drm(.vgem), .systemHeap, .udmabuf: false
    }
  }

  /// Whether jobs and START wait for earlier jobs by the fences at a BO.
  ///
  /// Jobs of panthor wait only for explicit fences.
  package var hasImplicitFences: Bool {
    switch driver {
    case .drm(.panfrost): true
    case .drm(.panthor), .drm(.powervr), .drm(.vgem), .systemHeap, .udmabuf: false
    }
  }

  /// Whether the CPU maps a new BO write-combining: `should_map_wc`.
  func mapsWriteCombining(_ flags: Set<DriverFacts.CreationFlag>) -> Bool {
    switch driver {
    case .drm(.panthor), .drm(.panfrost), .drm(.powervr):
      !claimsCoherency && !flags.contains(.writeBack)
    case .drm(.vgem): true
    case .systemHeap, .udmabuf: false
    }
  }

  /// Whether the CPU can map an imported BO through the node.
  var mapsImports: Bool {
    switch driver {
    case .drm(.panthor), .drm(.panfrost): true
    case .drm(.powervr), .drm(.vgem), .systemHeap, .udmabuf: false
    }
  }

  /// Whether a BO that the client bound in a VM stays mapped for DMA after the close of its handle.
  var keepsBoundMappings: Bool {
    switch driver {
    case .drm(.panthor): true
    case .drm(.panfrost), .drm(.powervr), .drm(.vgem), .systemHeap, .udmabuf: false
    }
  }

  /// The errno of a creation with flags that the driver knows; nil where it succeeds.
  func refusesCreation(_ flags: Set<DriverFacts.CreationFlag>) -> Errno? {
    if flags.isSuperset(of: [.writeBack, .unmappable]) { return .EINVAL }
    switch driver {
    case .drm(.panthor):
      let isSharedWB = flags.contains(.writeBack) && !flags.contains(.exclusive)
      return policy == .privateWB && isSharedWB ? .EINVAL : nil
    case .drm(.panfrost), .drm(.powervr), .drm(.vgem), .systemHeap, .udmabuf: return nil
    }
  }

  /// The errno of an export of one of its own BOs; nil where it succeeds.
  func refusesExport(_ flags: Set<DriverFacts.CreationFlag>, isCached: Bool) -> Errno? {
    let isRefused =
      switch driver {
      case .drm(.panthor): flags.contains(.exclusive)
      case .drm(.panfrost): policy == .privateWB && flags.contains(.writeBack)
      case .drm(.powervr): policy == .privateWB && isCached
      case .drm(.vgem), .systemHeap, .udmabuf: false
      }
    return isRefused ? .EINVAL : nil
  }
}

// MARK: - As an exporter of dma-bufs

extension NodeModel {
  /// The mappings that the exporter's CPU access hooks sync.
  enum SyncedMappings {
    case none
    /// The exporter's own.
    case own
    /// Those of the devices that imported the dma-buf.
    case importers
    case ownAndImporters
  }

  /// The mappings that START and END of a CPU access sync.
  var syncedMappings: SyncedMappings {
    switch driver {
    // The default hooks of the series did not sync importers.
    case .drm(.panthor), .drm(.panfrost): policy == .seriesV4 ? .own : .ownAndImporters
    case .drm(.powervr), .drm(.vgem): .none
    case .systemHeap: .importers
    case .udmabuf: .own
    }
  }

  /// Whether START and END are the syncs that the series proposed.
  var hasProposedHooks: Bool {
    switch driver {
    case .drm(.panthor), .drm(.panfrost): policy == .seriesV4
    case .drm(.powervr), .drm(.vgem), .systemHeap, .udmabuf: false
    }
  }

  /// Whether the first START creates the exporter's own mapping, without cleaning; an END before it is EINVAL.
  var mapsAtFirstStart: Bool {
    switch driver {
    case .udmabuf: true
    case .drm(.panthor), .drm(.panfrost), .drm(.powervr), .drm(.vgem), .systemHeap: false
    }
  }

  /// Whether an import cleans the memory for the importing device, and the end of that import invalidates it.
  var syncsAttachments: Bool {
    switch driver {
    case .systemHeap: true
    case .drm(.panthor), .drm(.panfrost), .drm(.powervr), .drm(.vgem), .udmabuf: false
    }
  }
}
