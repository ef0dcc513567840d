// SPDX-License-Identifier: MIT
#pragma once

#include <stdint.h>

// The layout of a Linux request number: two direction bits, fourteen of size, eight of type, eight of number.
// Swift does not import the kernel's macros, because they contain sizeof.
#define CDRM_WRITE 1ul
#define CDRM_READ 2ul
#define CDRM_REQUEST(direction, type, number, size) \
	(((direction) << 30) | ((unsigned long)(size) << 16) | ((unsigned long)(type) << 8) | (number))

#define CDRM_DRM_W(number, argument) CDRM_REQUEST(CDRM_WRITE, 'd', number, sizeof(argument))
#define CDRM_DRM_RW(number, argument) \
	CDRM_REQUEST(CDRM_WRITE | CDRM_READ, 'd', number, sizeof(argument))
