// SPDX-License-Identifier: MIT
//
// Interrupts into the guest, through the protocol that QEMU's own tests use.
#ifndef SOC_INTERRUPT_H
#define SOC_INTERRUPT_H

// Lets a shared peripheral interrupt rise and fall: it is taken at the rise.
void interrupt_pulse(unsigned int number);

#endif
