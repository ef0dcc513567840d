// SPDX-License-Identifier: MIT
//
// Which pages the CPU maps uncached (write-combined), found in its page tables: there RAM and DRAM are one.
#ifndef SOC_UNCACHED_H
#define SOC_UNCACHED_H

#include <stdint.h>

#include "vcpu.h"

// After a fault was handled and before the access is tried again: the pages beside a user address.
void uncached_scan_user(const struct translation *translation, uint64_t address);
// Before a device looks at memory: everything the kernel has mapped above its direct map.
void uncached_scan_kernel(const struct translation *translation);
// After translations were dropped: which of the known pages are still mapped so.
void uncached_check(const struct translation *translation);

#endif
