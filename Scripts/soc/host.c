// SPDX-License-Identifier: MIT
#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static struct host_options options;
static FILE *log_file;
static int qtest = -1;

uint64_t host_nanoseconds(void *context)
{
	struct timespec now;

	(void)context;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void host_fail(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fputs("gemsync: soc: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	host_flush_log();
	// Not exit(): QEMU's exit handlers would wait for this thread.
	_exit(1);
}

void host_write_line(void *context, const char *text)
{
	(void)context;
	if (log_file)
		fprintf(log_file, "%s\n", text);
}

void host_flush_log(void)
{
	if (log_file)
		fflush(log_file);
}

static void log_with_time(void *context, const char *line)
{
	if (log_file)
		fprintf(log_file, "%.6f %s\n", (double)host_nanoseconds(context) / 1e9, line);
}

static void fail(void *context, const char *reason)
{
	(void)context;
	host_fail("%s", reason);
}

static void connect_qtest(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (strlen(options.qtest) >= sizeof(address.sun_path))
		host_fail("%s: name too long for a socket", options.qtest);
	strcpy(address.sun_path, options.qtest);
	qtest = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (qtest < 0 || connect(qtest, (struct sockaddr *)&address, sizeof(address)) < 0)
		host_fail("%s: %s", options.qtest, strerror(errno));
}

// Reads QEMU's replies to earlier commands: a full socket would block the next one.
static void read_replies(void)
{
	char replies[512];
	ssize_t size;

	while ((size = recv(qtest, replies, sizeof(replies) - 1, MSG_DONTWAIT)) > 0) {
		replies[size] = 0;
		if (strstr(replies, "FAIL") || strstr(replies, "ERR"))
			host_fail("set an interrupt of %s: QEMU replied: %s", options.gic, replies);
	}
}

static void pulse_interrupt(void *context, unsigned int number)
{
	char commands[512];

	(void)context;
	if (qtest < 0)
		connect_qtest();
	read_replies();
	int size = snprintf(commands, sizeof(commands),
		"set_irq_in %s unnamed-gpio-in %u 1\nset_irq_in %s unnamed-gpio-in %u 0\n", options.gic, number,
		options.gic, number);
	if (size >= (int)sizeof(commands))
		host_fail("%s: name too long for an interrupt controller", options.gic);
	if (send(qtest, commands, (size_t)size, MSG_NOSIGNAL) != size)
		host_fail("set interrupt %u: %s", number, strerror(errno));
}

static uint8_t *map_ram(void)
{
	int file = open(options.ram, O_RDWR | O_CLOEXEC);

	if (file < 0)
		host_fail("%s: %s", options.ram, strerror(errno));
	void *memory = mmap(NULL, options.size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	close(file);
	if (memory == MAP_FAILED)
		host_fail("%s: %s", options.ram, strerror(errno));
	return memory;
}

struct soc_host host_open(const struct host_options *given)
{
	options = *given;
	if (options.log) {
		log_file = fopen(options.log, "w");
		if (!log_file)
			host_fail("%s: %s", options.log, strerror(errno));
		// Line-buffered, so that the log is complete if QEMU is killed.
		setvbuf(log_file, NULL, _IOLBF, 0);
	}
	return (struct soc_host){
		.ram = map_ram(),
		.ram_size = options.size,
		.window = options.window,
		.general_register = vcpu_general_register,
		.system_register = vcpu_system_register,
		.pulse_interrupt = pulse_interrupt,
		.nanoseconds = host_nanoseconds,
		.guest_nanoseconds = vcpu_nanoseconds,
		.log = log_with_time,
		.fail = fail,
	};
}
