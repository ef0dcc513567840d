// SPDX-License-Identifier: MIT

internal import Litmus

extension Script {
  /// Returns a step as text, in the terms of the script.
  func text(of action: ScriptStep.Action) -> String {
    switch action {
    case .create(let buffer): "create \(buffers[buffer].name)"
    case .map(let buffer, let throughDMABuf):
      "map \(buffers[buffer].name)" + (throughDMABuf ? " through its dma-buf" : "")
    case .unmap(let buffer): "unmap \(buffers[buffer].name)"
    case .close(let buffer): "close \(buffers[buffer].name)"
    case .access(let access): text(of: access)
    case .sync(let syncs): "sync " + syncs.map(text(of:)).joined(separator: " and ")
    case .beginAccess(let buffer, let access): "begin \(buffers[buffer].name) \(access.rawValue)"
    case .endAccess(let buffer, let access): "end \(buffers[buffer].name) \(access.rawValue)"
    case .export(let buffer): "export \(buffers[buffer].name)"
    case .importBuffer(let buffer): "import \(buffers[buffer].name)"
    case .submit(let job): "submit \(jobs[job].name)"
    case .wait(let job): "wait \(jobs[job].name)"
    }
  }

  /// Returns an access as text, such as `read a 128..<132`.
  func text(of access: ScriptAccess) -> String {
    "\(access.isRead ? "read" : "write") \(buffers[access.buffer].name) \(access.range)"
  }

  private func text(of sync: ScriptSync) -> String {
    let operation =
      switch sync.operation {
      case .flush: "flush"
      case .flushAndInvalidate: "flush_and_invalidate"
      case .proposed(let accessor, let access): "for \(accessor.rawValue) \(access.rawValue)"
      }
    return "\(buffers[sync.buffer].name) \(sync.range) \(operation)"
      + (sync.method == .userland ? " by userland" : "")
  }
}
