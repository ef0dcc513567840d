// SPDX-License-Identifier: MIT

import DRMKernel

// What the README shows, between the two marks, character for character.
// <README>
import DRM

func syncOneLine(of path: String, kernel: Kernel = .host) throws -> UInt32 {
  let node = try DRMNode(path: path, kernel: kernel)
  print(node.identity, node.coherency)

  let buffer = try node.createBuffer(size: 65536, mapping: .writeBack)
  var mapping = try buffer.map()
  try mapping.store(0x2a as UInt32, at: 128)
  try buffer.sync(.flush, 128..<132)

  let dmaBuf = try buffer.export()
  let imported = try node.importBuffer(from: dmaBuf)
  try imported.sync(.flushAndInvalidate, 0..<64)
  return try mapping.load(at: 128)
}
// </README>
