// SPDX-License-Identifier: MIT
//
// What the model needs from the emulator that runs the guest, or from a test in its place.
#ifndef SOC_HOST_H
#define SOC_HOST_H

#include <stdint.h>

enum soc_system_register {
	SOC_TTBR0,
	SOC_TTBR1,
	SOC_TCR,
	SOC_MAIR,
	SOC_SCTLR,
	SOC_ESR,
	SOC_FAR,
	SOC_SYSTEM_REGISTERS,
};

struct soc_host {
	// The first argument of every function.
	void *context;
	// Guest RAM as the CPU sees it, from SOC_RAM_BASE on; its size, and the offset of the register window in it.
	// Mapped, so that the model reads and writes a 32-bit register in one access.
	uint8_t *ram;
	uint64_t ram_size, window;
	// Registers of the CPU that executes the present instruction: x0 to x30, and system registers.
	uint64_t (*general_register)(void *context, unsigned int number);
	uint64_t (*system_register)(void *context, enum soc_system_register number);
	// Raises and lowers a shared peripheral interrupt; the guest takes it at the rising edge.
	void (*pulse_interrupt)(void *context, unsigned int number);
	// A monotonic clock, and one that advances only while the guest runs or is idle.
	uint64_t (*nanoseconds)(void *context);
	uint64_t (*guest_nanoseconds)(void *context);
	// Logs one line, without its line feed.
	void (*log)(void *context, const char *line);
	// Reports an error that the model cannot continue after. Does not return.
	void (*fail)(void *context, const char *reason);
};

#endif
