/* tests/sim/net_faults.c - what goes wrong with a node's store, disk and clock. */
#include <stdio.h>
#include <unistd.h>

#include "tests/sim/net_state.h"

/* Of a node that is down: copy one of its files over another, or remove one. */
static void change_file(const struct net_node *node, const char *from, const char *to)
{
	char old[100], new[100], bytes[64 * 1024];
	FILE *in, *out;
	size_t len;

	net_must(node->gossip == NULL && node->has_started, "the node is down");
	snprintf(new, sizeof new, "%s/%s", node->dir, to);
	if (from == NULL) {
		net_must(unlink(new) == 0, "remove a file");
		return;
	}
	snprintf(old, sizeof old, "%s/%s", node->dir, from);
	in = fopen(old, "rb");
	out = fopen(new, "wb");
	net_must(in != NULL && out != NULL, "open two files");
	while ((len = fread(bytes, 1, sizeof bytes, in)) > 0)
		net_must(fwrite(bytes, 1, len, out) == len, "write");
	net_must(fclose(in) == 0 && fclose(out) == 0, "close");
}

void net_keep(struct net *net, size_t number)
{
	char path[100];

	snprintf(path, sizeof path, "%s/data.mdb", net->nodes[number].dir);
	if (access(path, R_OK) != 0)
		return; /* it was lost, and its node has not begun anew */
	change_file(&net->nodes[number], "data.mdb", "kept.mdb");
	net->nodes[number].has_kept = true;
}

bool net_has_kept(const struct net *net, size_t number)
{
	return net->nodes[number].has_kept;
}

void net_restore(struct net *net, size_t number)
{
	change_file(&net->nodes[number], "kept.mdb", "data.mdb");
}

void net_wipe(struct net *net, size_t number)
{
	change_file(&net->nodes[number], NULL, "data.mdb");
}

void net_crash(struct net *net, size_t number, unsigned long writes)
{
	disk_arm(net->nodes[number].disk, writes);
}

void net_fill(struct net *net, size_t number, bool is_full)
{
	if (net->nodes[number].disk != NULL)
		disk_fill(net->nodes[number].disk, is_full);
}

bool net_has_failed(const struct net *net, size_t number)
{
	return net->nodes[number].disk != NULL && disk_has_failed(net->nodes[number].disk);
}

void net_set_clock(struct net *net, size_t number, int64_t off_s)
{
	net->nodes[number].clock_s = off_s;
}

void net_deafen(struct net *net, unsigned percent)
{
	net->deaf_percent = percent;
}
