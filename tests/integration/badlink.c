/* tests/integration/badlink.c - a network of bad links: a TUN device in each of some network
 * namespaces, and between them delay, loss, a rate, and a line that can be cut.
 *
 * Usage: badlink PREFIX COUNT DELAY_MS LOSS_PERMILLE SLOW_BYTES_PER_S SEED
 * Namespace PREFIX-i (1..COUNT) gets the device bad0 with 10.123.0.i/24.  The last one has the slow
 * rate each way.  Says "ready" when all are up; then reads commands: "part" (odd and even ones
 * cannot hear each other), "join", and ends with its standard input.
 *
 * For kernels without tc's netem, and for losses that a seed repeats. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ENDS_MAX   64
#define PACKET_MAX 2000
#define QUEUE_MAX  100000
#define BACKLOG_MS 5000 /* a slow link drops what would wait longer */

struct packet {
	uint64_t due_us;
	size_t to, len;
	struct packet *next;
	uint8_t bytes[];
};

static int ends[ENDS_MAX + 1]; /* from 1 */
static size_t count, queued;
static uint64_t delay_us, slow, free_us[2]; /* when the slow link's ends are free again */
static unsigned loss;
static bool is_parted;
static struct packet *first; /* sorted by time */
static uint64_t state;

static void must(bool holds, const char *what)
{
	if (holds)
		return;
	perror(what);
	exit(1);
}

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static unsigned chance(unsigned limit)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)((state >> 33) % limit);
}

static void set_up(const char *prefix, size_t i)
{
	struct ifreq request = {0};
	struct sockaddr_in *address = (struct sockaddr_in *)(void *)&request.ifr_addr;
	char path[200], text[32];
	int space, sock;

	snprintf(path, sizeof path, "/var/run/netns/%s-%zu", prefix, i);
	must((space = open(path, O_RDONLY)) >= 0, path);
	must(setns(space, CLONE_NEWNET) == 0, "setns");
	close(space);
	must((ends[i] = open("/dev/net/tun", O_RDWR | O_NONBLOCK)) >= 0, "/dev/net/tun");
	snprintf(request.ifr_name, sizeof request.ifr_name, "bad0");
	request.ifr_flags = IFF_TUN | IFF_NO_PI;
	must(ioctl(ends[i], TUNSETIFF, &request) == 0, "TUNSETIFF");
	must((sock = socket(AF_INET, SOCK_DGRAM, 0)) >= 0, "socket");
	address->sin_family = AF_INET;
	snprintf(text, sizeof text, "10.123.0.%zu", i);
	must(inet_pton(AF_INET, text, &address->sin_addr) == 1, text);
	must(ioctl(sock, SIOCSIFADDR, &request) == 0, "address");
	must(inet_pton(AF_INET, "255.255.255.0", &address->sin_addr) == 1, "mask");
	must(ioctl(sock, SIOCSIFNETMASK, &request) == 0, "mask");
	must(ioctl(sock, SIOCGIFFLAGS, &request) == 0, "flags");
	request.ifr_flags = (short)(request.ifr_flags | IFF_UP | IFF_RUNNING);
	must(ioctl(sock, SIOCSIFFLAGS, &request) == 0, "up");
	close(sock);
}

/* When the slow link lets a packet through; 0 if it has too much to do. */
static uint64_t through(size_t direction, uint64_t at_us, size_t len)
{
	uint64_t start_us = free_us[direction] > at_us ? free_us[direction] : at_us;

	if (start_us - at_us > BACKLOG_MS * 1000)
		return 0;
	free_us[direction] = start_us + (uint64_t)len * 1000000 / slow;
	return free_us[direction];
}

static void take(size_t from)
{
	uint8_t bytes[PACKET_MAX];
	ssize_t len = read(ends[from], bytes, sizeof bytes);
	uint64_t at_us = now_us();
	struct packet *packet, **at;
	size_t to;

	if (len < 20 || bytes[0] >> 4 != 4 || bytes[16] != 10 || bytes[17] != 123)
		return;
	to = bytes[19];
	if (to < 1 || to > count || queued == QUEUE_MAX || (is_parted && (to + from) % 2 == 1) ||
	    chance(1000) < loss)
		return;
	if (from == count)
		at_us = through(0, at_us, (size_t)len);
	if (to == count && at_us > 0)
		at_us = through(1, at_us, (size_t)len);
	if (at_us == 0)
		return;
	packet = malloc(sizeof *packet + (size_t)len);
	must(packet != NULL, "memory");
	*packet = (struct packet){.due_us = at_us + delay_us, .to = to, .len = (size_t)len};
	memcpy(packet->bytes, bytes, (size_t)len);
	at = &first;
	while (*at != NULL && (*at)->due_us <= packet->due_us)
		at = &(*at)->next;
	packet->next = *at;
	*at = packet;
	queued++;
}

static void give(void)
{
	uint64_t now = now_us();

	while (first != NULL && first->due_us <= now) {
		struct packet *packet = first;
		ssize_t written = write(ends[packet->to], packet->bytes, packet->len);

		(void)written; /* a packet that is lost is lost */
		first = packet->next;
		queued--;
		free(packet);
	}
}

static bool obey(void)
{
	char line[100];
	ssize_t len = read(STDIN_FILENO, line, sizeof line - 1);

	if (len <= 0)
		return false;
	line[len] = '\0';
	if (strncmp(line, "part", 4) == 0)
		is_parted = true;
	else if (strncmp(line, "join", 4) == 0)
		is_parted = false;
	return true;
}

int main(int argc, char **argv)
{
	struct pollfd polls[ENDS_MAX + 1];

	if (argc != 7 || (count = strtoul(argv[2], NULL, 10)) < 2 || count > ENDS_MAX)
		return 2;
	delay_us = strtoull(argv[3], NULL, 10) * 1000;
	loss = (unsigned)strtoul(argv[4], NULL, 10);
	slow = strtoull(argv[5], NULL, 10);
	state = strtoull(argv[6], NULL, 10);
	for (size_t i = 1; i <= count; i++)
		set_up(argv[1], i);
	printf("ready\n");
	fflush(stdout);
	polls[0] = (struct pollfd){.fd = STDIN_FILENO, .events = POLLIN};
	for (size_t i = 1; i <= count; i++)
		polls[i] = (struct pollfd){.fd = ends[i], .events = POLLIN};
	for (;;) {
		uint64_t now = now_us();
		int wait_ms = first == NULL ? 1000 : first->due_us <= now ? 0 : 1;

		must(poll(polls, count + 1, wait_ms) >= 0 || errno == EINTR, "poll");
		if ((polls[0].revents & (POLLIN | POLLHUP)) != 0 && !obey())
			return 0;
		for (size_t i = 1; i <= count; i++)
			if ((polls[i].revents & POLLIN) != 0)
				take(i);
		give();
	}
}
