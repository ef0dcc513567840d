// SPDX-License-Identifier: MIT
//
// A plugin for QEMU that makes its guest a system-on-chip whose caches matter: the CPU's cache maintenance
// is modelled as it is executed, and GPUs that do not look into those caches execute what drivers hand them.
//
// Here: what of the guest's code is watched, and the clock of all that happens later.
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "gpu.h"
#include "guest_clock.h"
#include "interface.h"
#include "memory.h"
#include "options.h"
#include "page_table.h"
#include "report.h"
#include "uncached.h"
#include "vcpu.h"

__attribute__((visibility("default"))) int qemu_plugin_version = PLUGIN_API;

// The CPU's thread and the clock's take turns in everything.
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

// What of a maintenance instruction is known when it is translated, as a number in place of a pointer.
static void *maintenance_context(enum maintenance kind, unsigned int source, bool is_low)
{
	return (void *)(uintptr_t)((uintptr_t)kind << 8 | source << 1 | is_low);
}

static void on_maintenance(unsigned int vcpu, void *context)
{
	enum maintenance kind = (enum maintenance)((uintptr_t)context >> 8);
	unsigned int source = (uintptr_t)context >> 1 & 31;
	uint64_t physical;

	(void)vcpu;
	pthread_mutex_lock(&turn);
	statistics.maintenance[kind]++;
	statistics.from_user += (uintptr_t)context & 1;
	if (options.model && kind != BY_SET_AND_WAY) {
		const struct translation *translation = vcpu_translation();
		if (table_translate(translation, vcpu_general(source), &physical))
			memory_maintain(kind, physical, translation->enabled);
		else
			statistics.untranslated++;
	}
	pthread_mutex_unlock(&turn);
}

static void on_clear(unsigned int vcpu, void *context)
{
	uint64_t physical;

	(void)vcpu;
	pthread_mutex_lock(&turn);
	const struct translation *translation = vcpu_translation();
	if (translation->enabled &&
		table_translate(translation, vcpu_general((unsigned int)(uintptr_t)context), &physical))
		memory_cleared(physical);
	pthread_mutex_unlock(&turn);
}

// Page tables have changed: what was known of them may be wrong.
static void on_invalidation(unsigned int vcpu, void *context)
{
	(void)vcpu;
	(void)context;
	pthread_mutex_lock(&turn);
	table_forget();
	uncached_check(vcpu_translation());
	pthread_mutex_unlock(&turn);
}

static void on_translation_change(unsigned int vcpu, void *context)
{
	(void)vcpu;
	pthread_mutex_lock(&turn);
	vcpu_forget_translation();
	// A change of TTBR0 alone needs no more: translations are remembered by their root.
	if (context)
		table_forget();
	pthread_mutex_unlock(&turn);
}

// The kernel returns: after a page fault of user space, the page is mapped and the access not yet repeated.
static void on_return(unsigned int vcpu, void *context)
{
	enum { ABORT_FROM_USER = 0x24, ABORT_IN_KERNEL = 0x25 };

	(void)vcpu;
	(void)context;
	pthread_mutex_lock(&turn);
	unsigned int reason = vcpu_system(ESR) >> 26 & 63;
	if (reason == ABORT_FROM_USER || reason == ABORT_IN_KERNEL) {
		uint64_t address = vcpu_system(FAR);
		if (!table_half(address))
			uncached_scan_user(vcpu_translation(), address);
	}
	pthread_mutex_unlock(&turn);
}

// Answers the offset in RAM that a store went to.
static bool stored_offset(qemu_plugin_meminfo_t access, uint64_t address, uint64_t *offset)
{
	struct qemu_plugin_hwaddr *hardware = qemu_plugin_get_hwaddr(access, address);

	if (!hardware || qemu_plugin_hwaddr_is_io(hardware))
		return false;
	uint64_t physical = qemu_plugin_hwaddr_phys_addr(hardware);
	// Some versions count from the begin of RAM, some from that of the machine.
	*offset = physical >= RAM_BASE ? physical - RAM_BASE : physical;
	return *offset < options.size;
}

static void on_driver_store(unsigned int vcpu, qemu_plugin_meminfo_t access, uint64_t address, void *context)
{
	uint64_t offset;

	(void)vcpu;
	(void)context;
	if (!stored_offset(access, address, &offset) || offset - options.window >= WINDOW_SIZE)
		return;
	pthread_mutex_lock(&turn);
	// A store of 64 bits is one to two registers.
	uint64_t size = 1ull << qemu_plugin_mem_size_shift(access);
	for (uint64_t done = 0; done < size; done += sizeof(uint32_t)) {
		uint32_t place = (uint32_t)(offset - options.window + done);
		if (options.model && gpu_window_starts_work(place))
			uncached_scan_kernel(vcpu_translation());
		gpu_window_written(place);
	}
	pthread_mutex_unlock(&turn);
}

static void on_user_store(unsigned int vcpu, qemu_plugin_meminfo_t access, uint64_t address, void *context)
{
	uint64_t offset;

	(void)vcpu;
	(void)context;
	if (!stored_offset(access, address, &offset))
		return;
	pthread_mutex_lock(&turn);
	memory_stored(RAM_BASE + offset, 1ull << qemu_plugin_mem_size_shift(access));
	pthread_mutex_unlock(&turn);
}

// Modules are the first 2 GiB of the upper half of the kernel's addresses, whatever the size of these.
static bool is_module(uint64_t address)
{
	return address >> 47 == 0x1ffff && (address & 0x3fffffffffff) < 0x80000000;
}

static bool is_maintenance(uint32_t instruction, enum maintenance *kind)
{
	// Without the register that holds the address, or for the last three set and way.
	static const struct {
		uint32_t instruction;
		enum maintenance kind;
	} known[] = {
		{ 0xd50b7a20, CLEAN },
		{ 0xd50b7c20, CLEAN_TO_PERSISTENCE },
		{ 0xd50b7d20, CLEAN_TO_DEEP_PERSISTENCE },
		{ 0xd50b7e20, CLEAN_AND_INVALIDATE },
		{ 0xd5087620, INVALIDATE },
		{ 0xd5087640, BY_SET_AND_WAY },
		{ 0xd5087a40, BY_SET_AND_WAY },
		{ 0xd5087e40, BY_SET_AND_WAY },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if ((instruction & ~31u) == known[i].instruction) {
			*kind = known[i].kind;
			return true;
		}
	}
	return false;
}

static void watch_instruction(struct qemu_plugin_insn *instruction, uint32_t word, bool is_low)
{
	enum { ERET = 0xd69f03e0 };
	// The processors that are emulated clear 64 bytes at once.
	enum { DC_ZVA = 0xd50b7420 };
	enum { TLBI = 0xd5088000, TLBI_MASK = 0xfff8e000 };
	enum {
		MSR_SCTLR = 0xd5181000,
		MSR_TTBR0 = 0xd5182000,
		MSR_TTBR1 = 0xd5182020,
		MSR_TCR = 0xd5182040,
		MSR_MAIR = 0xd518a200,
	};
	enum maintenance kind;

	if (is_maintenance(word, &kind)) {
		qemu_plugin_register_vcpu_insn_exec_cb(instruction, on_maintenance, PLUGIN_READS_REGISTERS,
			maintenance_context(kind, word & 31, is_low));
		return;
	}
	if (!options.model)
		return;
	if (word == (uint32_t)ERET) {
		qemu_plugin_register_vcpu_insn_exec_cb(instruction, on_return, PLUGIN_READS_REGISTERS, NULL);
		return;
	}
	if ((word & ~31u) == (uint32_t)DC_ZVA) {
		qemu_plugin_register_vcpu_insn_exec_cb(instruction, on_clear, PLUGIN_READS_REGISTERS,
			(void *)(uintptr_t)(word & 31));
		return;
	}
	if ((word & (uint32_t)TLBI_MASK) == (uint32_t)TLBI) {
		qemu_plugin_register_vcpu_insn_exec_cb(instruction, on_invalidation, PLUGIN_READS_REGISTERS, NULL);
		return;
	}
	static char all;
	switch (word & ~31u) {
	case MSR_TTBR0:
		qemu_plugin_register_vcpu_insn_exec_cb(instruction, on_translation_change, PLUGIN_NO_REGISTERS, NULL);
		break;
	case MSR_TTBR1:
	case MSR_TCR:
	case MSR_MAIR:
	case MSR_SCTLR:
		qemu_plugin_register_vcpu_insn_exec_cb(instruction, on_translation_change, PLUGIN_NO_REGISTERS, &all);
		break;
	}
}

static void on_translation(PLUGIN_ARGUMENTS(struct qemu_plugin_tb *block))
{
	size_t count = qemu_plugin_tb_n_insns(block);

	PLUGIN_UNUSED();
	for (size_t i = 0; i < count; i++) {
		struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(block, i);
		uint64_t address = qemu_plugin_insn_vaddr(instruction);
		bool is_low = !table_half(address);
		uint32_t word;
		if (is_module(address))
			qemu_plugin_register_vcpu_mem_cb(instruction, on_driver_store, PLUGIN_READS_REGISTERS, PLUGIN_STORES, NULL);
		if (options.model && options.stores && is_low)
			qemu_plugin_register_vcpu_mem_cb(instruction, on_user_store, PLUGIN_NO_REGISTERS, PLUGIN_STORES, NULL);
		if (qemu_plugin_insn_data(instruction, &word, sizeof(word)) == sizeof(word))
			watch_instruction(instruction, word, is_low);
	}
}

static void on_vcpu(PLUGIN_ARGUMENTS(unsigned int vcpu))
{
	PLUGIN_UNUSED();
	if (vcpu > 0)
		fail("more than one CPU is not modelled");
	vcpu_start();
	guest_clock_start();
}

static void on_idle(PLUGIN_ARGUMENTS(unsigned int vcpu))
{
	PLUGIN_UNUSED();
	(void)vcpu;
	guest_clock_idle();
}

static void on_resume(PLUGIN_ARGUMENTS(unsigned int vcpu))
{
	PLUGIN_UNUSED();
	(void)vcpu;
	guest_clock_resume();
}

static void on_exit_of_qemu(PLUGIN_EXIT_ARGUMENTS)
{
	PLUGIN_UNUSED();
	(void)plugin_context;
	pthread_mutex_lock(&turn);
	log_statistics();
	pthread_mutex_unlock(&turn);
}

static void *run_clock(void *context)
{
	const struct timespec tick = { .tv_nsec = 500000 };

	for (;;) {
		nanosleep(&tick, NULL);
		pthread_mutex_lock(&turn);
		gpu_tick_all();
		pthread_mutex_unlock(&turn);
	}
	return context;
}

__attribute__((visibility("default"))) int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *information,
	int count, char **arguments);

int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *information, int count, char **arguments)
{
	pthread_t clock;

	(void)information;
	options_read(count, arguments);
	if (options.log)
		log_open(options.log);
	memory_open();
	if (pthread_create(&clock, NULL, run_clock, NULL))
		fail("no thread for the clock");
	qemu_plugin_register_vcpu_init_cb(id, on_vcpu PLUGIN_CONTEXT);
	qemu_plugin_register_vcpu_idle_cb(id, on_idle PLUGIN_CONTEXT);
	qemu_plugin_register_vcpu_resume_cb(id, on_resume PLUGIN_CONTEXT);
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation PLUGIN_CONTEXT);
	qemu_plugin_register_atexit_cb(id, on_exit_of_qemu, NULL);
	return 0;
}
