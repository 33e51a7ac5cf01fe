#ifndef NODE_CONTROL_H
#define NODE_CONTROL_H
#endif
