// SPDX-License-Identifier: MIT
//
// Declarations of the part of QEMU's TCG plugin interface that the plugin uses; Debian packages no header for it.
//
// PLUGIN_API is 3 for QEMU 9.1 to 11.0. QEMU 11.1 requires 7, where a callback receives a pointer that the plugin
// registered with it, and no longer the plugin's id.
#ifndef SOC_INTERFACE_H
#define SOC_INTERFACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef PLUGIN_API
#define PLUGIN_API 3
#endif

typedef uint64_t qemu_plugin_id_t;
typedef uint32_t qemu_plugin_meminfo_t;
struct qemu_info;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_plugin_hwaddr;
struct qemu_plugin_register;

enum plugin_registers { PLUGIN_NO_REGISTERS, PLUGIN_READS_REGISTERS };
enum plugin_access { PLUGIN_LOADS = 1, PLUGIN_STORES = 2 };

// An element of the array of registers. Newer versions append fields, so use the array's element size.
struct plugin_register_descriptor {
	struct qemu_plugin_register *handle;
	const char *name;
	const char *feature;
};

// The two array types of glib and their functions, which the QEMU process exports.
struct plugin_array {
	char *data;
	unsigned int count;
};
struct plugin_bytes {
	uint8_t *data;
	unsigned int count;
};
unsigned int g_array_get_element_size(struct plugin_array *array);
struct plugin_bytes *g_byte_array_new(void);
struct plugin_bytes *g_byte_array_set_size(struct plugin_bytes *bytes, unsigned int size);

#if PLUGIN_API >= 7
#define PLUGIN_ARGUMENTS(...) __VA_ARGS__, void *plugin_context
#define PLUGIN_EXIT_ARGUMENTS void *plugin_context
#define PLUGIN_CONTEXT , NULL
#define PLUGIN_UNUSED() ((void)plugin_context)
#else
#define PLUGIN_ARGUMENTS(...) qemu_plugin_id_t plugin_id, __VA_ARGS__
#define PLUGIN_EXIT_ARGUMENTS qemu_plugin_id_t plugin_id, void *plugin_context
#define PLUGIN_CONTEXT
#define PLUGIN_UNUSED() ((void)plugin_id)
#endif

typedef void plugin_vcpu_callback(PLUGIN_ARGUMENTS(unsigned int vcpu));
typedef void plugin_block_callback(PLUGIN_ARGUMENTS(struct qemu_plugin_tb *block));
typedef void plugin_exit_callback(PLUGIN_EXIT_ARGUMENTS);
typedef void plugin_instruction_callback(unsigned int vcpu, void *context);
typedef void plugin_access_callback(unsigned int vcpu, qemu_plugin_meminfo_t access, uint64_t address, void *context);

#if PLUGIN_API >= 7
void qemu_plugin_register_vcpu_init_cb(qemu_plugin_id_t id, plugin_vcpu_callback *callback, void *context);
void qemu_plugin_register_vcpu_idle_cb(qemu_plugin_id_t id, plugin_vcpu_callback *callback, void *context);
void qemu_plugin_register_vcpu_resume_cb(qemu_plugin_id_t id, plugin_vcpu_callback *callback, void *context);
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, plugin_block_callback *callback, void *context);
#else
void qemu_plugin_register_vcpu_init_cb(qemu_plugin_id_t id, plugin_vcpu_callback *callback);
void qemu_plugin_register_vcpu_idle_cb(qemu_plugin_id_t id, plugin_vcpu_callback *callback);
void qemu_plugin_register_vcpu_resume_cb(qemu_plugin_id_t id, plugin_vcpu_callback *callback);
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, plugin_block_callback *callback);
#endif
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, plugin_exit_callback *callback, void *context);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *instruction,
	plugin_instruction_callback *callback, enum plugin_registers registers, void *context);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *instruction, plugin_access_callback *callback,
	enum plugin_registers registers, enum plugin_access accesses, void *context);

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *block, size_t index);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *instruction);
size_t qemu_plugin_insn_data(const struct qemu_plugin_insn *instruction, void *bytes, size_t size);

unsigned int qemu_plugin_mem_size_shift(qemu_plugin_meminfo_t access);
struct qemu_plugin_hwaddr *qemu_plugin_get_hwaddr(qemu_plugin_meminfo_t access, uint64_t address);
bool qemu_plugin_hwaddr_is_io(const struct qemu_plugin_hwaddr *address);
uint64_t qemu_plugin_hwaddr_phys_addr(const struct qemu_plugin_hwaddr *address);

struct plugin_array *qemu_plugin_get_registers(void);
int qemu_plugin_read_register(struct qemu_plugin_register *handle, struct plugin_bytes *bytes);

#endif
