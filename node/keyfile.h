#ifndef NODE_KEYFILE_H
#define NODE_KEYFILE_H
#endif
