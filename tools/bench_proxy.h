/* tools/bench_proxy.h - a proxy on loopback that counts the bytes it passes on.  What fails ends
 * the program, with a word.
 *
 * Threads  one caller at a time; each connection has two threads of its own.
 */
#ifndef TOOLS_BENCH_PROXY_H
#define TOOLS_BENCH_PROXY_H

#include <stdint.h>

struct tools_bench_proxy;

/* Pass what comes to a port of its own on to port `to` of loopback, and back.  The caller owns what
 * it returns. */
struct tools_bench_proxy *tools_bench_proxy_new(unsigned to);
unsigned tools_bench_proxy_port(const struct tools_bench_proxy *proxy);

/* Bytes passed on so far, both ways. */
uint64_t tools_bench_proxy_bytes(struct tools_bench_proxy *proxy);

/* End it.  Its connections must have ended, or end now that one of their ends has gone. */
void tools_bench_proxy_free(struct tools_bench_proxy *proxy);

#endif
