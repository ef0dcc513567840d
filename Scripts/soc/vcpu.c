// SPDX-License-Identifier: MIT
#include "vcpu.h"

#include <stdio.h>
#include <string.h>

#include "interface.h"
#include "report.h"

static struct qemu_plugin_register *general[GENERAL_REGISTERS], *system_registers[SYSTEM_REGISTERS];
static struct plugin_bytes *bytes;
static struct translation translation;
static bool is_known;

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

void vcpu_start(void)
{
	static const char *const names[SYSTEM_REGISTERS] = {
		[TTBR0] = "TTBR0_EL1", [TTBR1] = "TTBR1_EL1", [TCR] = "TCR_EL1",     [MAIR] = "MAIR_EL1",
		[SCTLR] = "SCTLR",     [ESR] = "ESR_EL1",     [FAR] = "FAR_EL1",
	};
	struct plugin_array *registers = qemu_plugin_get_registers();

	for (unsigned int i = 0; i < GENERAL_REGISTERS; i++) {
		char name[8];
		snprintf(name, sizeof(name), "x%u", i);
		general[i] = find(registers, name);
		if (!general[i])
			fail("QEMU shows no register %s", name);
	}
	for (unsigned int i = 0; i < SYSTEM_REGISTERS; i++) {
		system_registers[i] = find(registers, names[i]);
		// Its name since QEMU 11.1.
		if (!system_registers[i] && i == SCTLR)
			system_registers[i] = find(registers, "SCTLR_EL1");
		if (!system_registers[i])
			fail("QEMU shows no register %s", names[i]);
	}
	bytes = g_byte_array_new();
}

static uint64_t read_register(struct qemu_plugin_register *handle)
{
	uint64_t value = 0;

	g_byte_array_set_size(bytes, 0);
	qemu_plugin_read_register(handle, bytes);
	memcpy(&value, bytes->data, bytes->count < sizeof(value) ? bytes->count : sizeof(value));
	return value;
}

uint64_t vcpu_general(unsigned int number)
{
	return number < GENERAL_REGISTERS ? read_register(general[number]) : 0;
}

uint64_t vcpu_system(enum system_register number)
{
	return read_register(system_registers[number]);
}

const struct translation *vcpu_translation(void)
{
	if (!is_known) {
		translation.table[0] = vcpu_system(TTBR0);
		translation.table[1] = vcpu_system(TTBR1);
		translation.control = vcpu_system(TCR);
		translation.attributes = vcpu_system(MAIR);
		translation.enabled = vcpu_system(SCTLR) & 1;
		is_known = true;
	}
	return &translation;
}

void vcpu_forget_translation(void)
{
	is_known = false;
}
