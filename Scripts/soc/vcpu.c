// SPDX-License-Identifier: MIT
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "host.h"
#include "interface.h"

// x0 to x30; register number 31 reads as zero in the instructions that the model decodes.
enum { GENERAL_REGISTERS = 31 };

static struct qemu_plugin_register *general[GENERAL_REGISTERS], *system_registers[SOC_SYSTEM_REGISTERS];
static struct plugin_bytes *bytes;
static clockid_t execution_clock;
// Atomic, because QEMU holds a lock of its own when it reports an idle CPU: the plugin's lock could deadlock.
static atomic_bool started;
static _Atomic uint64_t idle_since, idle_total;

static struct qemu_plugin_register *find(struct plugin_array *registers, const char *name)
{
	// Newer versions have longer descriptors.
	size_t size = g_array_get_element_size(registers);

	for (unsigned int i = 0; i < registers->count; i++) {
		struct plugin_register_descriptor descriptor;
		memcpy(&descriptor, registers->data + i * size, sizeof(descriptor));
		if (!strcmp(descriptor.name, name))
			return descriptor.handle;
	}
	return NULL;
}

static void find_registers(void)
{
	static const char *const names[SOC_SYSTEM_REGISTERS] = {
		[SOC_TTBR0] = "TTBR0_EL1",
		[SOC_TTBR1] = "TTBR1_EL1",
		[SOC_TCR] = "TCR_EL1",
		[SOC_MAIR] = "MAIR_EL1",
		[SOC_SCTLR] = "SCTLR",
		[SOC_ESR] = "ESR_EL1",
		[SOC_FAR] = "FAR_EL1",
	};
	struct plugin_array *registers = qemu_plugin_get_registers();

	for (unsigned int i = 0; i < GENERAL_REGISTERS; i++) {
		char name[8];
		snprintf(name, sizeof(name), "x%u", i);
		general[i] = find(registers, name);
		if (!general[i])
			host_fail("register %s: not in QEMU's list", name);
	}
	for (unsigned int i = 0; i < SOC_SYSTEM_REGISTERS; i++) {
		system_registers[i] = find(registers, names[i]);
		// Its name since QEMU 11.1.
		if (!system_registers[i] && i == SOC_SCTLR)
			system_registers[i] = find(registers, "SCTLR_EL1");
		if (!system_registers[i])
			host_fail("register %s: not in QEMU's list", names[i]);
	}
	bytes = g_byte_array_new();
}

void vcpu_start(void)
{
	find_registers();
	if (pthread_getcpuclockid(pthread_self(), &execution_clock))
		host_fail("the CPU's thread has no clock");
	started = true;
}

static uint64_t read_register(struct qemu_plugin_register *handle)
{
	uint64_t value = 0;

	g_byte_array_set_size(bytes, 0);
	qemu_plugin_read_register(handle, bytes);
	memcpy(&value, bytes->data, bytes->count < sizeof(value) ? bytes->count : sizeof(value));
	return value;
}

uint64_t vcpu_general_register(void *context, unsigned int number)
{
	(void)context;
	return number < GENERAL_REGISTERS ? read_register(general[number]) : 0;
}

uint64_t vcpu_system_register(void *context, enum soc_system_register number)
{
	(void)context;
	return read_register(system_registers[number]);
}

void vcpu_idle(void)
{
	idle_since = host_nanoseconds(NULL);
}

void vcpu_resume(void)
{
	uint64_t since = idle_since;

	if (!since)
		return;
	idle_total += host_nanoseconds(NULL) - since;
	idle_since = 0;
}

uint64_t vcpu_nanoseconds(void *context)
{
	struct timespec cpu;
	// Both may change between the two reads; an error of so little time does not matter.
	uint64_t since = idle_since, idle = idle_total;

	if (!started || clock_gettime(execution_clock, &cpu))
		return 0;
	if (since)
		idle += host_nanoseconds(context) - since;
	return (uint64_t)cpu.tv_sec * 1000000000u + (uint64_t)cpu.tv_nsec + idle;
}
