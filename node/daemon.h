#ifndef NODE_DAEMON_H
#define NODE_DAEMON_H
#endif
