/* tools/interrupt.h - Ctrl-C and SIGTERM as something to ask for, so that work ends in order.
 *
 * A second Ctrl-C ends the program at once.
 */
#ifndef TOOLS_INTERRUPT_H
#define TOOLS_INTERRUPT_H

#include <stdbool.h>

/* From now on note these signals instead of ending. */
void tools_interrupt_catch(void);

/* Whether one has come since. */
bool tools_interrupt_came(void);

#endif
