/* tests/fuzz/target.h - what every target has: the function that libFuzzer calls (replay.c, too),
 * and a way to say what must hold, whatever the bytes. */
#ifndef TESTS_FUZZ_TARGET_H
#define TESTS_FUZZ_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What does not hold is a finding, in every build. */
static inline void require(bool condition)
{
	if (!condition)
		abort();
}

#endif
