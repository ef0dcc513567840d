// SPDX-License-Identifier: MIT
//
// QEMU as the model's host: guest RAM, interrupts, the log, the CPU's registers and its clock.
#ifndef SOC_QEMU_HOST_H
#define SOC_QEMU_HOST_H

#include "soc_host.h"

// The plugin's arguments that are not the model's options.
struct host_options {
	// The file of the guest's RAM, its size in bytes, and the offset of the register window in it.
	const char *ram;
	uint64_t size, window;
	// The socket of QEMU's qtest protocol, and the interrupt controller's path in QEMU's object tree.
	const char *qtest, *gic;
	// The log file; NULL: no log.
	const char *log;
};

// Maps guest RAM, opens the log, and returns the host's table of functions.
struct soc_host host_open(const struct host_options *options);
// Writes a line to the log, without a time.
void host_write_line(void *context, const char *text);
void host_flush_log(void);
// Ends QEMU with one line on stderr.
void host_fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
// A monotonic clock.
uint64_t host_nanoseconds(void *context);

// Finds the CPU's registers and starts its clock. Call it once, in the CPU's own thread; read registers only there.
void vcpu_start(void);
uint64_t vcpu_general_register(void *context, unsigned int number);
uint64_t vcpu_system_register(void *context, enum soc_system_register number);
// The CPU waits for an interrupt, or continues.
void vcpu_idle(void);
void vcpu_resume(void);
// A clock that runs while the CPU executes and while it is idle, and stops while the host does not schedule the
// CPU's thread: a busy host does not make late jobs early. From any thread; 0 before vcpu_start.
uint64_t vcpu_nanoseconds(void *context);

#endif
