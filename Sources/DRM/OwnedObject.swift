// SPDX-License-Identifier: MIT

internal import CDRM

/// Owns an object of a node by its number, and destroys it once.
struct OwnedObject: ~Copyable, Sendable {
  /// A kind of object, with the ioctl that destroys it.
  enum Kind {
    /// `DRM_IOCTL_PANTHOR_VM_DESTROY`.
    case vm
    /// `DRM_IOCTL_PANTHOR_GROUP_DESTROY`.
    case group
    /// `DRM_IOCTL_SYNCOBJ_DESTROY`.
    case syncobj
  }

  let kind: Kind
  let id: UInt32
  let file: DRMFile
  private var isOwned = true

  /// Takes ownership of an object that a create call returned.
  init(_ kind: Kind, _ id: UInt32, in file: DRMFile) {
    self.kind = kind
    self.id = id
    self.file = file
  }

  deinit {
    if isOwned { try? Self.destroy(kind, id, in: file) }
  }

  /// Destroys the object, and throws what the ioctl returned; the deinit does it without a report.
  consuming func destroy() throws(DRMError) {
    isOwned = false
    try Self.destroy(kind, id, in: file)
  }

  private static func destroy(_ kind: Kind, _ id: UInt32, in file: DRMFile) throws(DRMError) {
    switch kind {
    case .vm:
      var argument = cdrm_panthor_vm_destroy(id: id, pad: 0)
      try file.perform(.destroy, cdrm_request_panthor_vm_destroy, &argument, on: .vm(id))
    case .group:
      var argument = cdrm_panthor_group_destroy(group_handle: id, pad: 0)
      try file.perform(
        .destroy, cdrm_request_panthor_group_destroy, &argument, on: .group(id))
    case .syncobj:
      var argument = cdrm_syncobj_destroy(handle: id, pad: 0)
      try file.perform(
        .destroy, cdrm_request_syncobj_destroy, &argument,
        on: .syncobj(SyncobjHandle(rawValue: id)))
    }
  }
}
