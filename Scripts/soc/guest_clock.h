// SPDX-License-Identifier: MIT
//
// A clock that goes as fast as the guest: while its CPU executes, and while that has nothing to do. It stands
// still while the host lets the CPU's thread wait, so that a busy host does not make late jobs early ones.
#ifndef SOC_GUEST_CLOCK_H
#define SOC_GUEST_CLOCK_H

#include <stdint.h>

// Called once from the CPU's own thread.
void guest_clock_start(void);
// The CPU waits for an interrupt, or goes on.
void guest_clock_idle(void);
void guest_clock_resume(void);
// From any thread; 0 before the start.
uint64_t guest_nanoseconds(void);

#endif
