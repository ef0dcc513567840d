// SPDX-License-Identifier: MIT
//
// A QEMU plugin that runs the SoC model (Sources/SoCModel): observes the guest's cache maintenance, translation
// changes and stores to GPU registers, and reports them to the model.
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "SoCLayout.h"
#include "SoCModel.h"
#include "host.h"
#include "interface.h"

__attribute__((visibility("default"))) int qemu_plugin_version = PLUGIN_API;

// Serializes the CPU's thread and the clock's.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct soc *soc;
static struct soc_options model_options;
static struct host_options host_options = { .size = 512ull << 20, .gic = "/machine/unattached/device[1]" };

// A decoded instruction, as the number in a callback's context pointer.
static void *context_of(struct soc_instruction instruction)
{
	return (void *)(uintptr_t)((uintptr_t)instruction.kind << 16 | (uintptr_t)instruction.maintenance << 8 |
		instruction.source << 1 | instruction.is_low);
}

static struct soc_instruction instruction_of(void *context)
{
	uintptr_t number = (uintptr_t)context;

	return (struct soc_instruction){
		.kind = (enum soc_instruction_kind)(number >> 16),
		.maintenance = (enum soc_maintenance)(number >> 8 & 0xff),
		.source = number >> 1 & 31,
		.is_low = number & 1,
	};
}

static void on_instruction(unsigned int vcpu, void *context)
{
	(void)vcpu;
	pthread_mutex_lock(&lock);
	soc_instruction_executes(soc, instruction_of(context));
	pthread_mutex_unlock(&lock);
}

// Returns the offset in RAM that a store went to.
static bool stored_offset(qemu_plugin_meminfo_t access, uint64_t address, uint64_t *offset)
{
	struct qemu_plugin_hwaddr *hardware = qemu_plugin_get_hwaddr(access, address);

	if (!hardware || qemu_plugin_hwaddr_is_io(hardware))
		return false;
	uint64_t physical = qemu_plugin_hwaddr_phys_addr(hardware);
	// Some versions return an offset in RAM, others a physical address.
	*offset = physical >= SOC_RAM_BASE ? physical - SOC_RAM_BASE : physical;
	return *offset < host_options.size;
}

static void on_driver_store(unsigned int vcpu, qemu_plugin_meminfo_t access, uint64_t address, void *context)
{
	uint64_t offset;

	(void)vcpu;
	(void)context;
	if (!stored_offset(access, address, &offset) || offset - host_options.window >= SOC_WINDOW_SIZE)
		return;
	pthread_mutex_lock(&lock);
	soc_driver_stored(soc, offset, 1ull << qemu_plugin_mem_size_shift(access));
	pthread_mutex_unlock(&lock);
}

static void on_user_store(unsigned int vcpu, qemu_plugin_meminfo_t access, uint64_t address, void *context)
{
	uint64_t offset;

	(void)vcpu;
	(void)context;
	if (!stored_offset(access, address, &offset))
		return;
	pthread_mutex_lock(&lock);
	soc_user_stored(soc, offset, 1ull << qemu_plugin_mem_size_shift(access));
	pthread_mutex_unlock(&lock);
}

static void observe(struct qemu_plugin_insn *instruction, uint32_t word, uint64_t address)
{
	struct soc_instruction decoded = soc_decode(word, address);

	// Without the model, maintenance is only counted.
	if (decoded.kind == SOC_OTHER || (!model_options.model && decoded.kind != SOC_MAINTENANCE))
		return;
	qemu_plugin_register_vcpu_insn_exec_cb(instruction, on_instruction, PLUGIN_READS_REGISTERS,
		context_of(decoded));
}

static void on_translation(PLUGIN_ARGUMENTS(struct qemu_plugin_tb *block))
{
	size_t count = qemu_plugin_tb_n_insns(block);

	PLUGIN_UNUSED();
	for (size_t i = 0; i < count; i++) {
		struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(block, i);
		uint64_t address = qemu_plugin_insn_vaddr(instruction);
		uint32_t word;
		if (soc_is_module_text(address))
			qemu_plugin_register_vcpu_mem_cb(instruction, on_driver_store, PLUGIN_READS_REGISTERS, PLUGIN_STORES, NULL);
		if (model_options.model && model_options.stores && !soc_table_half(address))
			qemu_plugin_register_vcpu_mem_cb(instruction, on_user_store, PLUGIN_NO_REGISTERS, PLUGIN_STORES, NULL);
		if (qemu_plugin_insn_data(instruction, &word, sizeof(word)) == sizeof(word))
			observe(instruction, word, address);
	}
}

static void on_vcpu(PLUGIN_ARGUMENTS(unsigned int vcpu))
{
	PLUGIN_UNUSED();
	if (vcpu > 0)
		host_fail("more than one CPU: not supported");
	vcpu_start();
}

static void on_idle(PLUGIN_ARGUMENTS(unsigned int vcpu))
{
	PLUGIN_UNUSED();
	(void)vcpu;
	vcpu_idle();
}

static void on_resume(PLUGIN_ARGUMENTS(unsigned int vcpu))
{
	PLUGIN_UNUSED();
	(void)vcpu;
	vcpu_resume();
}

static void on_exit_of_qemu(PLUGIN_EXIT_ARGUMENTS)
{
	PLUGIN_UNUSED();
	(void)plugin_context;
	pthread_mutex_lock(&lock);
	soc_report_counters(soc, host_write_line, NULL);
	host_flush_log();
	pthread_mutex_unlock(&lock);
}

static void *run_clock(void *context)
{
	const struct timespec tick = { .tv_nsec = 500000 };

	for (;;) {
		nanosleep(&tick, NULL);
		pthread_mutex_lock(&lock);
		soc_tick(soc);
		pthread_mutex_unlock(&lock);
	}
	return context;
}

static uint64_t number(const char *name, const char *value)
{
	char *end;
	uint64_t result = strtoull(value, &end, 0);

	if (end == value || *end)
		host_fail("option %s: '%s' is not a number", name, value);
	return result;
}

static void read_option(const char *name, const char *value)
{
	const char *expected = "";

	if (!strcmp(name, "ram"))
		host_options.ram = value;
	else if (!strcmp(name, "size"))
		host_options.size = number(name, value) << 20;
	else if (!strcmp(name, "window"))
		host_options.window = number(name, value);
	else if (!strcmp(name, "qtest"))
		host_options.qtest = value;
	else if (!strcmp(name, "gic"))
		host_options.gic = value;
	else if (!strcmp(name, "log"))
		host_options.log = value;
	else
		switch (soc_options_set(&model_options, name, value, &expected)) {
		case SOC_OPTION_SET:
			break;
		case SOC_OPTION_UNKNOWN:
			host_fail("option %s: unknown", name);
		case SOC_OPTION_INVALID:
			host_fail("option %s: '%s' is not %s", name, value, expected);
		}
}

static void read_options(int count, char **arguments)
{
	model_options = soc_default_options();
	for (int i = 0; i < count; i++) {
		char *value = strchr(arguments[i], '=');
		if (!value)
			host_fail("option '%s': not NAME=VALUE", arguments[i]);
		// QEMU frees its arguments after the installation.
		char *name = strndup(arguments[i], (size_t)(value - arguments[i]));
		value = strdup(value + 1);
		if (!name || !value)
			host_fail("read the options: out of memory");
		read_option(name, value);
		free(name);
	}
	if (!host_options.ram || !host_options.qtest)
		host_fail("the options ram and qtest are required");
}

__attribute__((visibility("default"))) int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *information,
	int count, char **arguments);

int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *information, int count, char **arguments)
{
	pthread_t clock;

	(void)information;
	read_options(count, arguments);
	struct soc_host host = host_open(&host_options);
	soc = soc_create(&host, &model_options);
	if (pthread_create(&clock, NULL, run_clock, NULL))
		host_fail("create the clock's thread: failed");
	qemu_plugin_register_vcpu_init_cb(id, on_vcpu PLUGIN_CONTEXT);
	qemu_plugin_register_vcpu_idle_cb(id, on_idle PLUGIN_CONTEXT);
	qemu_plugin_register_vcpu_resume_cb(id, on_resume PLUGIN_CONTEXT);
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation PLUGIN_CONTEXT);
	qemu_plugin_register_atexit_cb(id, on_exit_of_qemu, NULL);
	return 0;
}
