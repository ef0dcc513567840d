// SPDX-License-Identifier: MIT

/// Where memory really is: a file of the host's, and the byte in it where the memory begins.
struct Backing {
  let file: CInt
  var start: UInt64 = 0
}
