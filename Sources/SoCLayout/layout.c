// SPDX-License-Identifier: MIT
#include "SoCLayout.h"

struct soc_gpu_place soc_gpu_place_at(unsigned int index)
{
	// One GPU of each driver and coherency, in the order of their device nodes.
	static const struct soc_gpu_place places[SOC_GPUS] = {
		{ SOC_JOB_MANAGER_GPU, false, 0x000000, 0x4000, 100 },
		{ SOC_JOB_MANAGER_GPU, true, 0x010000, 0x4000, 103 },
		{ SOC_COMMAND_STREAM_GPU, false, 0x200000, 0x200000, 106 },
		{ SOC_COMMAND_STREAM_GPU, true, 0x400000, 0x200000, 109 },
	};

	return places[index < SOC_GPUS ? index : 0];
}
