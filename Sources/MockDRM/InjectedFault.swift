// SPDX-License-Identifier: MIT

/// A wrong behaviour that a mock device has on purpose, to test whether a comparison finds it.
///
/// The raw value is what the mock option `fault=` takes. Each comment says what the faulty device does; the
/// kernel function with the correct behaviour is in parentheses.
public enum InjectedFault: String, CaseIterable, Hashable, Sendable {
  /// Accepts a sync that ends one byte past its BO (`panthor_gem_sync`).
  case syncBound = "sync_bound"
  /// Checks the type of a sync before its handle (`panthor_ioctl_bo_sync`).
  case syncOrder = "sync_order"
  /// Syncs an imported BO as a native one (`panthor_gem_sync`: EINVAL).
  case syncImported = "sync_imported"
  /// Never reuses the number of a freed handle (`idr_alloc`).
  case handleReuse = "handle_reuse"
  /// Fails GEM_CLOSE of an unknown handle with ENOENT (`drm_gem_handle_delete`: EINVAL).
  case closeErrno = "close_errno"
  /// Makes a new dma-buf for an export with another mode (`drm_gem_prime_handle_to_dmabuf`).
  case exportMode = "export_mode"
  /// Returns another handle where a dma-buf is imported again (`drm_gem_prime_fd_to_handle`).
  case importAgain = "import_again"
  /// Accepts a private mapping of a BO (`drm_gem_shmem_mmap`, `panthor_gem_mmap`: EINVAL).
  case privateMapping = "private_mapping"
  /// Maps a BO although the file has no handle of it (`drm_vma_node_is_allowed`: EACCES).
  case mapPermission = "map_permission"
  /// Accepts a label of 4096 bytes before its NUL (`strndup_user`).
  case labelLength = "label_length"
  /// Copies the argument out only where the handler succeeded (`drm_ioctl`).
  case copyOut = "copy_out"
  /// Waits until ETIME for a syncobj that has no fence (`drm_syncobj_array_wait_timeout`: EINVAL).
  case waitEmpty = "wait_empty"
  /// Sets the first byte of a new BO to 0xff; new memory reads as zero.
  case zeroed
  /// Snoops CPU caches where the driver reports that it does not, or the reverse.
  case snooping
}
