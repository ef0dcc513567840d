// SPDX-License-Identifier: MIT
//
// The virtual CPU's registers, as QEMU shows them to plugins.
#ifndef SOC_VCPU_H
#define SOC_VCPU_H

#include <stdbool.h>
#include <stdint.h>

enum system_register { TTBR0, TTBR1, TCR, MAIR, SCTLR, ESR, FAR, SYSTEM_REGISTERS };
// The general ones stand before them; the one after x30 is always zero in the instructions that matter here.
enum { GENERAL_REGISTERS = 31 };

// What decides how the CPU translates addresses.
struct translation {
	uint64_t table[2];
	uint64_t control;
	uint64_t attributes;
	bool enabled;
};

// Finds the registers; called once from the CPU's own thread, as is every call that follows.
void vcpu_start(void);
uint64_t vcpu_general(unsigned int number);
uint64_t vcpu_system(enum system_register number);
// The registers of the last call, or of now where vcpu_forget_translation came in between.
const struct translation *vcpu_translation(void);
void vcpu_forget_translation(void);

#endif
