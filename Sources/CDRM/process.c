// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "cdrm_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

int cdrm_copy_from_client(void *to, uint64_t address, size_t length)
{
	struct iovec local = { .iov_base = to, .iov_len = length };
	struct iovec remote = { .iov_base = (void *)(uintptr_t)address, .iov_len = length };

	if (length == 0)
		return 0;
	if (address != (uintptr_t)address)
		return -EFAULT;
	return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == (ssize_t)length ? 0 : -EFAULT;
}

static int memory_file(const char *name, uint64_t size, unsigned int flags)
{
	int fd = memfd_create(name, flags);

	if (fd == -1)
		return -errno;
	if (ftruncate(fd, (off_t)size) == -1) {
		int reason = errno;

		close(fd);
		return -reason;
	}
	return fd;
}

int cdrm_memory_file(const char *name, uint64_t size)
{
	return memory_file(name, size, MFD_CLOEXEC);
}

int cdrm_sealed_memory_file(const char *name, uint64_t size, int seals)
{
	int fd = memory_file(name, size, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd >= 0 && fcntl(fd, F_ADD_SEALS, seals) == -1) {
		int reason = errno;

		close(fd);
		return -reason;
	}
	return fd;
}

int cdrm_seals(int fd)
{
	int seals = fcntl(fd, F_GET_SEALS);

	return seals == -1 ? -errno : seals;
}

int64_t cdrm_file_size(int fd)
{
	struct stat status;

	return fstat(fd, &status) == -1 ? -errno : status.st_size;
}

int cdrm_reserve_descriptor(void)
{
	int fd = eventfd(0, EFD_CLOEXEC);

	return fd == -1 ? -errno : fd;
}

bool cdrm_descriptor_is_open(int fd)
{
	return fcntl(fd, F_GETFD) != -1;
}

const char *cdrm_errno_name(int number)
{
	return strerrorname_np(number);
}

const char *cdrm_errno_sentence(int number)
{
	const char *sentence = strerrordesc_np(number);

	return sentence ? sentence : "unknown error";
}

int64_t cdrm_monotonic_nanoseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

size_t cdrm_page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

bool cdrm_address_is_64_bit(void)
{
	return sizeof(void *) == 8;
}

static volatile sig_atomic_t interrupt;
static volatile sig_atomic_t is_deferred;

static void end_with_line(const char *line, int number)
{
	// Nothing is left to do where this line cannot be written.
	if (write(STDERR_FILENO, line, strlen(line)) == -1)
		_exit(128 + number);
	_exit(128 + number);
}

static void on_interrupt(int number)
{
	if (is_deferred && interrupt == 0) {
		interrupt = number;
		return;
	}
	end_with_line("gemsync: interrupted\n", number);
}

// SIGQUIT is never deferred: it is for a command that does not end.
static void on_quit(int number)
{
	end_with_line("gemsync: quit\n", number);
}

void cdrm_end_on_interrupts(void)
{
	struct sigaction interrupted = { .sa_handler = on_interrupt };
	// Swift's runtime has a handler that prints a backtrace and goes on.
	struct sigaction quit = { .sa_handler = on_quit };
	struct sigaction hangup;
	sigset_t all;

	sigaction(SIGINT, &interrupted, NULL);
	sigaction(SIGTERM, &interrupted, NULL);
	sigaction(SIGQUIT, &quit, NULL);
	// nohup ignores it.
	if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN)
		sigaction(SIGHUP, &interrupted, NULL);
	// A file at its size limit is an error of write(2).
	signal(SIGXFSZ, SIG_IGN);
	// A parent's mask is inherited, and some parents block them.
	sigemptyset(&all);
	sigaddset(&all, SIGINT);
	sigaddset(&all, SIGTERM);
	sigaddset(&all, SIGQUIT);
	sigprocmask(SIG_UNBLOCK, &all, NULL);
}

void cdrm_defer_interrupts(void)
{
	is_deferred = 1;
}

int cdrm_interrupt(void)
{
	return interrupt;
}
