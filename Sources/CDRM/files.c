// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "cdrm_files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/xattr.h>

// SYSLOG_ACTION_READ_ALL of syslog(2), which leaves the log as it is.
enum { READ_ALL = 3 };

int64_t cdrm_kernel_log(char *buffer, size_t size)
{
	int length = klogctl(READ_ALL, buffer, size > INT_MAX ? INT_MAX : (int)size);

	return length == -1 ? -errno : length;
}

bool cdrm_contains(const void *bytes, size_t size, const void *part, size_t part_size)
{
	return memmem(bytes, size, part, part_size) != NULL;
}

int64_t cdrm_access_list(const char *path, void *buffer, size_t size)
{
	ssize_t length = lgetxattr(path, "system.posix_acl_access", buffer, size);

	return length == -1 ? -errno : length;
}

int cdrm_rename_new(const char *from, const char *to)
{
	return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == -1 ? -errno : 0;
}
