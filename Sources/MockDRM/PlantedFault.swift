// SPDX-License-Identifier: MIT

/// A rule that a mock device breaks on purpose, to see whether a comparison notices.
public enum PlantedFault: String, CaseIterable, Hashable, Sendable {
  /// A sync may end one byte past its BO.
  case syncBound = "sync_bound"
  /// A sync looks at its type before the handle.
  case syncOrder = "sync_order"
  /// An imported BO is synced like one of the device's own.
  case syncImported = "sync_imported"
  /// A freed handle's number is not used again.
  case handleReuse = "handle_reuse"
  /// GEM_CLOSE of no handle is ENOENT.
  case closeErrno = "close_errno"
  /// Each export has the mode it asked for.
  case exportMode = "export_mode"
  /// Importing a dma-buf again makes another handle.
  case importAgain = "import_again"
  /// A mapping may be private.
  case privateMapping = "private_mapping"
  /// A file may map a BO it has no handle of.
  case mapPermission = "map_permission"
  /// A label may have 4096 bytes.
  case labelLength = "label_length"
  /// The argument is copied out only where the handler succeeded.
  case copyOut = "copy_out"
  /// A wait for a syncobj without a fence times out.
  case waitEmpty = "wait_empty"
  /// A new BO reads as ones.
  case zeroed
  /// The device snoops CPU caches where its driver says that it does not, or the reverse.
  case snooping
}
