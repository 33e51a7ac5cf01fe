#ifndef NODE_CONFIG_H
#define NODE_CONFIG_H
#endif
