// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "CMockSupport.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

int cmock_copy_to_client(uint64_t address, const void *from, size_t length)
{
	struct iovec local = { .iov_base = (void *)from, .iov_len = length };
	struct iovec remote = { .iov_base = (void *)(uintptr_t)address, .iov_len = length };

	if (length == 0)
		return 0;
	if (address != (uintptr_t)address)
		return -EFAULT;
	return process_vm_writev(getpid(), &local, 1, &remote, 1, 0) == (ssize_t)length ? 0 : -EFAULT;
}

void cmock_write_first_byte(int fd, unsigned char byte)
{
	if (pwrite(fd, &byte, 1, 0) != 1)
		abort();
}

bool cmock_is_superuser(void)
{
	return geteuid() == 0;
}
