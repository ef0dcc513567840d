// SPDX-License-Identifier: MIT
#include "interrupt.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "options.h"
#include "report.h"

static int qtest = -1;

static void connect_qtest(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (strlen(options.qtest) >= sizeof(address.sun_path))
		fail("%s: too long for the name of a socket", options.qtest);
	strcpy(address.sun_path, options.qtest);
	qtest = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (qtest < 0 || connect(qtest, (struct sockaddr *)&address, sizeof(address)) < 0)
		fail("%s: %s", options.qtest, strerror(errno));
}

// QEMU answers each command; nobody waits for that, but a full socket would make it wait for us.
static void drop_answers(void)
{
	char answers[512];
	ssize_t size;

	while ((size = recv(qtest, answers, sizeof(answers) - 1, MSG_DONTWAIT)) > 0) {
		answers[size] = 0;
		if (strstr(answers, "FAIL") || strstr(answers, "ERR"))
			fail("QEMU takes no interrupts for %s: %s", options.gic, answers);
	}
}

void interrupt_pulse(unsigned int number)
{
	char commands[512];

	if (qtest < 0)
		connect_qtest();
	drop_answers();
	int size = snprintf(commands, sizeof(commands),
		"set_irq_in %s unnamed-gpio-in %u 1\nset_irq_in %s unnamed-gpio-in %u 0\n", options.gic, number,
		options.gic, number);
	if (size >= (int)sizeof(commands))
		fail("%s: too long a name for the interrupt controller", options.gic);
	if (send(qtest, commands, (size_t)size, MSG_NOSIGNAL) != size)
		fail("QEMU takes no more interrupts: %s", strerror(errno));
}
