/* node/notify.h - tell the service manager how we are: systemd's sd_notify(3) protocol, one
 * datagram to $NOTIFY_SOCKET. */
#ifndef NODE_NOTIFY_H
#define NODE_NOTIFY_H

/* Send state ("READY=1", "STOPPING=1") to the socket that address names (a path, or "@" and a name
 * in the abstract namespace), usually getenv("NOTIFY_SOCKET"); NULL or "" sends nothing.
 * Returns 0, -EINVAL if it is no such address, or what sending says. */
int node_notify_send(const char *address, const char *state);

#endif
