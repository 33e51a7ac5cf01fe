#include "tools/interrupt.h"

#include <assert.h>
#include <signal.h>
#include <stddef.h>

/* A signal handler has nothing but globals to write to. */
static volatile sig_atomic_t came;

static void note(int number)
{
	(void)number;
	came = 1;
}

void tools_interrupt_catch(void)
{
	static const int numbers[] = {SIGINT, SIGTERM};
	struct sigaction action = {.sa_handler = note, .sa_flags = SA_RESTART | (int)SA_RESETHAND};

	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		int r = sigaction(numbers[i], &action, NULL);

		assert(r == 0);
		(void)r;
	}
}

bool tools_interrupt_came(void)
{
	return came != 0;
}
